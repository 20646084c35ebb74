//! Trusted certificates: the system's, and additional ones. A user who can change them could read every
//! credential that is sent, so files that others can write to are rejected.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use codewalk_policy::{ExposureError, Uplink, check_exposure};
use reqwest::Certificate;

/// The maximum size of a file of certificates, in bytes.
const MAX_CERTIFICATES: u64 = 4 * 1024 * 1024;

/// The environment variables for the system's certificates: a file, and folders.
const SYSTEM_FILE: &str = "SSL_CERT_FILE";
const SYSTEM_FOLDERS: &str = "SSL_CERT_DIR";

/// Reads the additional certificates, and checks the system's certificate files named in the environment.
///
/// # Errors
/// If a file cannot be used: the reason.
pub(super) fn certificates(uplink: &Uplink) -> Result<Vec<Certificate>, String> {
    check_system(&|name| std::env::var_os(name))?;
    let Some(path) = &uplink.ca_file else { return Ok(Vec::new()) };
    let wrong = |why: String| format!("[network] ca_file = {path:?} {why}");
    check_exposure(path).map_err(|exposed| wrong(format!("is not used: {exposed}")))?;
    let pem = read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if certificates.is_empty() => Err(wrong("has no certificates in PEM".to_owned())),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(wrong(format!("has no certificates in PEM: {error}"))),
    }
}

/// Checks that other users cannot change the system's certificate files named in the environment.
fn check_system(environment: &dyn Fn(&str) -> Option<OsString>) -> Result<(), String> {
    if let Some(file) = environment(SYSTEM_FILE) {
        check_exposure(Path::new(&file)).map_err(|exposed| not_used(SYSTEM_FILE, &exposed))?;
    }
    let folders = environment(SYSTEM_FOLDERS).unwrap_or_default();
    for folder in std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()) {
        let files = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        let files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        for path in [folder].iter().chain(&files) {
            check_exposure(path).map_err(|exposed| not_used(SYSTEM_FOLDERS, &exposed))?;
        }
    }
    Ok(())
}

fn not_used(variable: &str, exposed: &ExposureError) -> String {
    format!("the path in {variable} is not used: {exposed}")
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    // Opening a pipe would wait for its writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    File::open(path)?.take(MAX_CERTIFICATES).read_to_end(&mut pem)?;
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_without_certificates_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "no certificate").unwrap();
        for (path, says) in [
            (file, "has no certificates"),
            (folder.path().to_owned(), "it is not a file"),
            (folder.path().join("missing.pem"), "cannot be read"),
        ] {
            let uplink = Uplink { ca_file: Some(path), proxy: None };
            let why = certificates(&uplink).unwrap_err();
            assert!(why.contains("[network] ca_file") && why.contains(says), "{why}");
        }
    }

    #[test]
    fn certificates_that_others_can_change_are_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "no certificate").unwrap();
        let uplink = Uplink { ca_file: Some(file.clone()), proxy: None };
        let judged = |name: &str, value: &Path| {
            check_system(&|asked| (asked == name).then(|| value.as_os_str().to_owned())).unwrap_err()
        };
        for (at, wide, usual) in [(&*file, 0o666, 0o644), (folder.path(), 0o777, 0o700)] {
            mode(at, wide);
            for why in [
                certificates(&uplink).unwrap_err(),
                judged("SSL_CERT_FILE", &file),
                judged("SSL_CERT_DIR", folder.path()),
            ] {
                assert!(why.contains(&format!("others can write to {at:?} (mode {wide:o})")), "{why}");
                assert!(why.contains(" is not used: "), "{why}");
            }
            mode(at, usual);
        }
        mode(&file, 0o600);
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let here = |asked: &str| (asked == variable).then(|| file.as_os_str().to_owned());
            assert_eq!(check_system(&here), Ok(()));
        }
    }
}
