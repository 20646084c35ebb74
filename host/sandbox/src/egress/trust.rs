//! Which certificates are trusted besides the system's.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use reqwest::Certificate;

use super::uplink::Uplink;

/// How large a file of certificates may be, in bytes.
const MAX_CERTIFICATES: u64 = 4 * 1024 * 1024;

/// Reads the certificates that are trusted besides the system's.
///
/// # Errors
/// Says what is wrong with their file.
pub(super) fn certificates(uplink: &Uplink) -> Result<Vec<Certificate>, String> {
    let Some(path) = &uplink.ca_file else { return Ok(Vec::new()) };
    let wrong = |why: String| format!("[network] ca_file = {path:?} {why}");
    let pem = read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if certificates.is_empty() => Err(wrong("has no certificates in PEM".to_owned())),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(wrong(format!("has no certificates in PEM: {error}"))),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    // Opening a pipe would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    File::open(path)?.take(MAX_CERTIFICATES).read_to_end(&mut pem)?;
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "no certificate").unwrap();
        for (path, says) in [
            (file, "has no certificates"),
            (folder.path().to_owned(), "it is no file"),
            (folder.path().join("missing.pem"), "cannot be read"),
        ] {
            let uplink = Uplink { ca_file: Some(path), proxy: None };
            let why = certificates(&uplink).unwrap_err();
            assert!(why.contains("[network] ca_file") && why.contains(says), "{why}");
        }
    }
}
