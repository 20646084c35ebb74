use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_version_is_found_at_the_beginning_of_the_line() {
    for (line, version) in [
        ("2.1.330 (Claude Code)", Some(Version(2, 1, 330))),
        ("2.1.330-beta.1 (Claude Code)", Some(Version(2, 1, 330))),
        ("2.1 (Claude Code)", None),
        ("Claude Code", None),
        ("2.1.99999999999 (Claude Code)", None),
        ("", None),
    ] {
        assert_eq!(Version::find(line), version, "{line}");
    }
    assert!(Version(2, 1, 99) < Version::MANUAL && Version(10, 0, 0) > Version::MANUAL);
}

/// A program that counts how often it is asked.
struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    fn new(version: &str) -> Self {
        let program = Self { folder: tempfile::tempdir().unwrap() };
        program.becomes(version);
        program
    }

    fn becomes(&self, version: &str) {
        let asked = self.folder.path().join("asked");
        let text = format!("#!/bin/sh\necho x >> {}\necho '{version} (Claude Code)'\n", asked.display());
        std::fs::write(self.path(), text).unwrap();
        std::fs::set_permissions(self.path(), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("claude")
    }

    fn asked(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default().lines().count()
    }

    fn remembering(&self) -> Versions {
        Versions::new(Some(self.folder.path().join("cache/versions.json")))
    }

    async fn version(&self, versions: &Versions) -> Option<Version> {
        versions.of(&self.path(), &BTreeMap::new(), &[]).await.ok().flatten()
    }
}

#[tokio::test]
async fn a_program_is_asked_once_by_all_processes_until_it_changes() {
    let program = Program::new("2.1.330");
    let versions = program.remembering();
    for _ in 0..2 {
        assert_eq!(program.version(&versions).await, Some(Version(2, 1, 330)));
    }
    assert_eq!(program.version(&program.remembering()).await, Some(Version(2, 1, 330)));
    assert_eq!(program.asked(), 1);
    program.becomes("2.1.1500");
    assert_eq!(program.version(&versions).await, Some(Version(2, 1, 1500)));
    assert_eq!(program.asked(), 2);
}

#[tokio::test]
async fn a_program_that_is_too_old_is_asked_again_as_it_may_be_a_wrapper() {
    let program = Program::new("1.0.100");
    let versions = program.remembering();
    for _ in 0..2 {
        assert_eq!(program.version(&versions).await, Some(Version(1, 0, 100)));
    }
    assert_eq!(program.asked(), 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_or_written_only_costs_time() {
    let program = Program::new("2.1.330");
    let file = program.folder.path().join("versions.json");
    std::fs::write(&file, "{\"x").unwrap();
    assert_eq!(program.version(&Versions::new(Some(file))).await, Some(Version(2, 1, 330)));
    let nowhere = Versions::new(Some(program.path().join("below/a/file")));
    assert_eq!(program.version(&nowhere).await, Some(Version(2, 1, 330)));
}

#[tokio::test]
async fn a_program_other_than_claude_code_has_no_version() {
    for (text, word) in [
        ("exit 3", "ended with"),
        ("exit 0", "said nothing"),
        ("printf 'false (GNU \\033[31mcoreutils) 9.1'", "[31mcoreutils"),
        ("cat /dev/zero", "/dev/zero"),
    ] {
        let program = Program::new("");
        std::fs::write(program.path(), format!("#!/bin/sh\n{text}\n")).unwrap();
        let error = ClaudeVersion::ask(&program.path(), &BTreeMap::new(), &[]).await.unwrap_err();
        if word != "/dev/zero" {
            assert!(error.to_string().contains(word), "{error}");
        }
        assert_eq!(program.version(&program.remembering()).await, None, "{text}");
    }
}

#[test]
fn a_version_has_a_note_on_its_differences() {
    let said = |version| ClaudeVersion { line: String::new(), version };
    for (version, is_too_old, has_note) in [
        (Some(Version(1, 0, 100)), true, true),
        (Some(Version(2, 0, 30)), false, true),
        (Some(Version(2, 1, 199)), false, true),
        (Some(Version(2, 1, 200)), false, false),
        (None, false, false),
    ] {
        let said = said(version);
        assert_eq!((said.is_too_old(), said.note().is_some()), (is_too_old, has_note), "{version:?}");
    }
}
