use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A change to a folder between two scans.
fn compared(before: impl FnOnce(&Path), during: impl FnOnce(&Path)) -> Vec<(String, FileChange)> {
    let folder = tempfile::tempdir().unwrap();
    before(folder.path());
    let until = Until::after(LIMIT);
    let files = walk::files(folder.path(), None, &until);
    let contents = Contents::of(&files, &until);
    during(folder.path());
    let changes =
        Before { files, contents, is_known: true }.compared(&walk::files(folder.path(), None, &until), None);
    assert_eq!(changes.not_searched, [] as [PathBuf; 0]);
    named(folder.path(), changes.files)
}

fn named(root: &Path, files: Vec<(PathBuf, FileChange)>) -> Vec<(String, FileChange)> {
    let name = |path: PathBuf| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    files.into_iter().map(|(path, change)| (name(path), change)).collect()
}

fn write(root: &Path, file: &str, text: &str) {
    fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
    fs::write(root.join(file), text).unwrap();
}

#[test]
fn a_file_rewritten_without_a_change_counts_only_if_too_large_to_read() {
    let large = "x".repeat(1024 * 1024 + 1);
    let write_all = |root: &Path| {
        write(root, "small", "the same");
        write(root, "large", &large);
    };
    let again = |root: &Path| {
        fs::remove_file(root.join("small")).unwrap();
        fs::remove_file(root.join("large")).unwrap();
        write_all(root);
    };
    assert_eq!(compared(write_all, again), [("large".to_owned(), FileChange::Modified)]);
}

#[test]
fn rules_of_a_folder_override_those_of_its_parents() {
    let before = |root: &Path| {
        write(root, ".gitignore", "*.log\n/only-here\n!kept.log\nout/\n");
        write(root, "a/.gitignore", "!*.log\nkept.log\n");
        write(root, ".git/info/exclude", "secret\n");
    };
    let during = |root: &Path| {
        for file in [
            "x.log",
            "kept.log",
            "only-here",
            "a/only-here",
            "a/x.log",
            "a/kept.log",
            "out/x",
            "a/out/x",
            "secret",
            ".git/HEAD",
            "a/.git/HEAD",
            "out.txt",
        ] {
            write(root, file, "x");
        }
    };
    let made = ["a/only-here", "a/x.log", "kept.log", "out.txt"];
    assert_eq!(compared(before, during), made.map(|file| (file.to_owned(), FileChange::Created)));
}

#[test]
fn the_users_global_rules_apply_unless_a_repository_overrides_them() {
    let folder = tempfile::tempdir().unwrap();
    let (root, home) = (folder.path().join("shop"), folder.path().join("home"));
    write(&home, "kept/rules", "*.swp\n.idea/\n/top\n");
    write(&home, "large", &"# x\n".repeat(100_000));
    symlink(home.join("kept/rules"), home.join("ignore")).unwrap();
    write(&root, ".gitignore", "!kept.swp\n");
    for file in ["a.swp", "kept.swp", ".idea/x", "src/.b.swp", "src/top", "top"] {
        write(&root, file, "x");
    }
    let seen = |users: Option<&Path>| {
        let files = walk::files(&root, users, &Until::after(LIMIT));
        let mut names: Vec<String> =
            named(&root, files.marks.into_keys().map(|path| (path, FileChange::Created)).collect())
                .into_iter()
                .map(|(name, _)| name)
                .collect();
        names.sort();
        names
    };
    assert_eq!(seen(Some(&home.join("ignore"))), [".gitignore", "kept.swp", "src/top"]);
    // An ignore file that is missing, not a regular file, or endless ignores nothing.
    let fifo = home.join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    let all = [".gitignore", ".idea/x", "a.swp", "kept.swp", "src/.b.swp", "src/top", "top"];
    assert_eq!(seen(None), all);
    for users in [home.clone(), home.join("gone"), fifo, home.join("large")] {
        assert_eq!(seen(Some(&users)), all, "{users:?}");
    }
}

#[test]
fn links_count_as_files_and_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    let before = |root: &Path| {
        symlink(outside.path(), root.join("out")).unwrap();
        symlink("..", root.join("around")).unwrap();
        symlink("nowhere", root.join("gone")).unwrap();
    };
    let during = |root: &Path| {
        write(outside.path(), "x", "x");
        fs::remove_file(root.join("gone")).unwrap();
        fs::remove_file(root.join("around")).unwrap();
        symlink(".", root.join("around")).unwrap();
    };
    let expected = [("around".to_owned(), FileChange::Modified), ("gone".to_owned(), FileChange::Deleted)];
    assert_eq!(compared(before, during), expected);
}

#[test]
fn a_file_scanned_late_or_never_is_judged_by_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for file in ["old", "late", "unlisted/old", "unlisted/late"] {
        write(root, file, "before");
    }
    let begun = loop {
        // The file system's clock has advanced.
        write(root, "probe", "x");
        let probe = root.join("probe").metadata().unwrap().modified().unwrap();
        if root.join("unlisted/late").metadata().unwrap().modified().unwrap() < probe {
            break probe;
        }
    };
    fs::remove_file(root.join("probe")).unwrap();
    for (file, text) in [("late", "after"), ("unlisted/late", "after"), ("new", "x"), ("unlisted/new", "x")] {
        write(root, file, text);
    }
    let mut before = walk::files(root, None, &Until::after(LIMIT));
    before.marks.retain(|path, _| !path.starts_with(root.join("unlisted")) && !path.ends_with("new"));
    before.not_searched.push(root.join("unlisted"));
    let before = Before { files: before, contents: Contents::default(), is_known: true };
    let changes = before.compared(&walk::files(root, None, &Until::after(LIMIT)), Some(begun));
    let expected = [
        ("late", FileChange::Modified),
        ("new", FileChange::Created),
        ("unlisted/late", FileChange::Modified),
        ("unlisted/new", FileChange::Created),
    ];
    assert_eq!(named(root, changes.files), expected.map(|(file, change)| (file.to_owned(), change)));
    assert_eq!(changes.not_searched, [root.join("unlisted")]);
}

#[test]
fn near_files_are_scanned_first_and_skipped_folders_are_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "deep/x", "x");
    let none = walk::files(folder.path(), None, &Until::after(Duration::ZERO));
    assert_eq!((none.marks.len(), none.not_searched), (0, vec![folder.path().to_owned()]));
}

#[tokio::test]
async fn a_scan_still_running_at_the_end_of_the_agent_is_not_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    write(&root, "new", "x");
    let until = Arc::new(Until::after(Duration::from_secs(3_600)));
    let listing = tokio::task::spawn_blocking({
        let (root, until) = (root.clone(), Arc::clone(&until));
        move || {
            while !until.is_over() {
                std::thread::park_timeout(Duration::from_millis(10));
            }
            let files = Files { not_searched: vec![root.join("large")], ..Files::default() };
            Before { files, contents: Contents::default(), is_known: true }
        }
    });
    let mut snapshot = Snapshot {
        root: root.clone(),
        before: Some(listing),
        users: None,
        until,
        begun: Some(SystemTime::UNIX_EPOCH),
    };
    let changes = snapshot.changes().await;
    assert_eq!(changes.not_searched, [root.join("large")]);
    assert_eq!(named(&root, changes.files), [("new".to_owned(), FileChange::Created)]);
}

#[test]
fn foreign_rules_are_read_only_within_the_time_limit() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..200 {
        write(folder.path(), &format!("{n}/.gitignore"), &"**/*?*a*b*c*d*/**/[!x-z]*{x,y}\n".repeat(20_000));
        write(folder.path(), &format!("{n}/file"), "x");
    }
    let since = Instant::now();
    walk::files(folder.path(), None, &Until::after(Duration::from_millis(500)));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
}
