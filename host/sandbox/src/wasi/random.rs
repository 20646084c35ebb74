//! Random numbers derived from a seed: the same component gets the same numbers for the same request. They
//! protect no secret, because adapters have none and the host handles TLS.

use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmtime::{Result, bail};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

/// How many bytes a guest may request at once.
const MAX_BYTES: u64 = 64 * 1024;

/// Returns the seed of a call: the same component gets the same seed for the same request.
pub(crate) fn seed(digest: &str, request: &impl Serialize) -> Result<[u8; 32], serde_json::Error> {
    let mut sha = Sha256::new();
    sha.update(digest.as_bytes());
    sha.update(serde_json::to_vec(request)?);
    Ok(sha.finalize().into())
}

/// Generates numbers by hashing the seed and a counter.
#[derive(Debug)]
pub(super) struct Random {
    seed: [u8; 32],
    blocks: u64,
    /// The rest of the last block.
    left: Vec<u8>,
}

impl Random {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, blocks: 0, left: Vec::new() }
    }

    fn bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        let Some(len) = usize::try_from(len).ok().filter(|_| len <= MAX_BYTES) else {
            bail!("it requested {len} random bytes at once; at most {MAX_BYTES} are allowed");
        };
        while self.left.len() < len {
            let block = Sha256::new().chain_update(self.seed).chain_update(self.blocks.to_le_bytes());
            self.blocks += 1;
            self.left.extend_from_slice(&block.finalize());
        }
        Ok(self.left.drain(..len).collect())
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = [0; 8];
        number.copy_from_slice(&self.bytes(8)?);
        Ok(u64::from_le_bytes(number))
    }
}

impl random::Host for Random {
    fn get_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        self.number()
    }
}

impl insecure::Host for Random {
    fn get_insecure_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        self.number()
    }
}

impl insecure_seed::Host for Random {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.number()?, self.number()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_in_any_portions() {
        let (mut at_once, mut in_parts) = (Random::new([7; 32]), Random::new([7; 32]));
        let whole = at_once.bytes(100).unwrap();
        let parts: Vec<u8> = [1, 8, 0, 40, 51].iter().flat_map(|len| in_parts.bytes(*len).unwrap()).collect();
        assert_eq!(whole, parts);
        assert_ne!(whole, Random::new([8; 32]).bytes(100).unwrap());
        assert_ne!(whole[..32], whole[32..64]);
    }

    /// Case 11.
    #[test]
    fn too_many_bytes_at_once_are_refused() {
        assert_eq!(Random::new([0; 32]).bytes(MAX_BYTES).unwrap().len(), 65536);
        for len in [MAX_BYTES + 1, u64::MAX] {
            assert!(Random::new([0; 32]).bytes(len).unwrap_err().to_string().contains("at most 65536"));
        }
    }

    #[test]
    fn a_seed_depends_on_component_and_request() {
        let of = |digest: &str, request: &str| seed(digest, &request).unwrap();
        assert_eq!(of("a", "x"), of("a", "x"));
        assert_ne!(of("a", "x"), of("b", "x"));
        assert_ne!(of("a", "x"), of("a", "y"));
    }
}
