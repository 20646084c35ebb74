//! Compresses text from agents, which is also in the raw output.

use std::error::Error;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Shorter texts gain little.
const WORTHWHILE: usize = 200;
/// The fastest level; the slowest one saves only 5% more.
const LEVEL: u8 = 1;
/// Larger than the longest entry.
const MAX_SIZE: usize = 64 * 1024 * 1024;

/// Compresses a text if that makes it smaller.
pub(super) fn packed(text: &str) -> Option<Vec<u8>> {
    let packed = (text.len() >= WORTHWHILE).then(|| compress_to_vec(text.as_bytes(), LEVEL))?;
    (packed.len() < text.len()).then_some(packed)
}

/// Decompresses a text.
pub(super) fn unpacked(packed: &[u8]) -> Result<String, Box<dyn Error + Send + Sync>> {
    let text = decompress_to_vec_with_limit(packed, MAX_SIZE).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(text)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_packed_text_is_unpacked_unchanged(text in ".{0,40}", times in 1..100_usize) {
            let text = text.repeat(times);
            if let Some(packed) = packed(&text) {
                prop_assert!(packed.len() < text.len());
                prop_assert_eq!(unpacked(&packed).unwrap(), text);
            }
        }

        #[test]
        fn unpacking_any_bytes_does_not_panic(bytes: Vec<u8>) {
            let _ = unpacked(&bytes);
        }
    }

    #[test]
    fn a_long_text_gets_shorter() {
        assert!(packed(&"let value = index;\n".repeat(30)).unwrap().len() < 100);
        assert_eq!(packed("short"), None);
    }
}
