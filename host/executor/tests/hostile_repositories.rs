//! Untrusted repositories that try to execute their own programs.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use codewalk_core::command::Decision;
use codewalk_core::session::{Artifact, FileChange};
use codewalk_executor::AgentSpec;
use support::{Host, git, script, sh};

/// What a trick can use.
struct Trap {
    /// The project, a repository with a committed file `tracked`.
    project: PathBuf,
    /// A folder beside it.
    beside: PathBuf,
    /// A script that creates the canary.
    bait: String,
}

impl Trap {
    fn set(&self, key: &str, value: &str) {
        git(&self.project, &["config", key, value]);
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.project.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A configuration that filters every file through the bait.
    fn filter(&self) -> String {
        format!("[filter \"x\"]\n\tclean = {0}\n\tsmudge = {0}\n\trequired = true\n", self.bait)
    }

    fn append_config(&self, config: &Path, text: &str) {
        let before = fs::read_to_string(config).unwrap_or_default();
        fs::write(config, before + text).unwrap();
    }

    /// Makes git want a missing object from a remote that has it.
    fn promise(&self, url: &str) {
        self.set("core.repositoryFormatVersion", "1");
        self.set("extensions.partialClone", "origin");
        self.set("remote.origin.promisor", "true");
        self.set("remote.origin.url", url);
        let tree = read(&self.project, &["rev-parse", "HEAD^{tree}"]);
        fs::remove_file(self.project.join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    }
}

fn read(folder: &Path, args: &[&str]) -> String {
    let done = std::process::Command::new("git").arg("-C").arg(folder).args(args).output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

type Trick = (&'static str, fn(&Trap));

const TRICKS: &[Trick] = &[
    ("a clean filter named in the tree", |trap| {
        trap.set("filter.x.clean", &trap.bait);
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("a clean filter named in info/attributes", |trap| {
        trap.set("filter.x.clean", &trap.bait);
        trap.write(".git/info/attributes", "* filter=x\n");
    }),
    ("a clean filter named in a file of attributes of its own", |trap| {
        trap.set("filter.x.clean", &trap.bait);
        trap.write("attributes", "* filter=x\n");
        trap.set("core.attributesFile", &trap.project.join("attributes").display().to_string());
    }),
    ("a smudge filter", |trap| {
        trap.set("filter.x.smudge", &trap.bait);
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("a filter that is a process", |trap| {
        trap.set("filter.x.process", &trap.bait);
        trap.set("filter.x.required", "true");
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("a monitor of the file system", |trap| trap.set("core.fsmonitor", &trap.bait)),
    ("a monitor that is a hook", |trap| {
        trap.set("core.fsmonitor", ".git/hooks/fsmonitor-watchman");
        trap.set("core.fsmonitorHookVersion", "2");
        fs::copy(&trap.bait, trap.project.join(".git/hooks/fsmonitor-watchman")).unwrap();
    }),
    ("hooks", |trap| {
        for hook in ["post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"] {
            fs::copy(&trap.bait, trap.project.join(".git/hooks").join(hook)).unwrap();
        }
    }),
    ("hooks in the tree", |trap| {
        fs::create_dir(trap.project.join("hooks")).unwrap();
        fs::copy(&trap.bait, trap.project.join("hooks/post-index-change")).unwrap();
        trap.set("core.hooksPath", "hooks");
    }),
    ("an object that comes by ssh", |trap| {
        trap.promise("ssh://localhost.invalid/x");
        trap.set("core.sshCommand", &trap.bait);
    }),
    ("an object that comes through a proxy", |trap| {
        trap.promise("git://localhost.invalid/x");
        trap.set("core.gitProxy", &trap.bait);
    }),
    ("an object that comes from a program", |trap| {
        trap.promise(&format!("ext::{}", trap.bait));
        trap.set("protocol.ext.allow", "always");
    }),
    ("an object that another repository uploads", |trap| {
        trap.promise(&trap.beside.display().to_string());
        trap.set("remote.origin.uploadpack", &trap.bait);
    }),
    ("a helper with credentials", |trap| {
        trap.promise("http://127.0.0.1:1/x");
        trap.set("credential.helper", &format!("!{}", trap.bait));
        trap.set("core.askPass", &trap.bait);
    }),
    ("a .git that is a file and points elsewhere", |trap| {
        let elsewhere = trap.beside.join("git");
        fs::rename(trap.project.join(".git"), &elsewhere).unwrap();
        trap.write(".git", &format!("gitdir: {}\n", elsewhere.display()));
        trap.append_config(&elsewhere.join("config"), &trap.filter());
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("a .git that is a symbolic link", |trap| {
        let elsewhere = trap.beside.join("git");
        fs::rename(trap.project.join(".git"), &elsewhere).unwrap();
        symlink(&elsewhere, trap.project.join(".git")).unwrap();
        trap.append_config(&elsewhere.join("config"), &trap.filter());
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("objects of another repository", |trap| {
        trap.write(".git/objects/info/alternates", &format!("{}\n", trap.beside.display()));
        trap.set("core.alternateRefsCommand", &trap.bait);
    }),
    ("a conversion to text", |trap| {
        trap.set("diff.x.textconv", &trap.bait);
        trap.write(".gitattributes", "* diff=x\n");
    }),
    ("a program that compares", |trap| {
        trap.set("diff.external", &trap.bait);
        trap.set("diff.x.command", &trap.bait);
        trap.write(".gitattributes", "* diff=x\n");
    }),
    ("a configuration that includes one of the tree", |trap| {
        trap.write("config", &trap.filter());
        trap.write(".gitattributes", "* filter=x\n");
        trap.set("include.path", "../config");
    }),
    ("a configuration that includes one on a condition", |trap| {
        trap.write("config", &trap.filter());
        trap.write(".gitattributes", "* filter=x\n");
        trap.set("includeIf.gitdir:**.path", "../config");
    }),
    ("a configuration of the worktree", |trap| {
        trap.set("core.repositoryFormatVersion", "1");
        trap.set("extensions.worktreeConfig", "true");
        trap.write(".git/config.worktree", &trap.filter());
        trap.write(".gitattributes", "* filter=x\n");
    }),
    ("a worktree that is elsewhere", |trap| {
        fs::copy(trap.project.join("tracked"), trap.beside.join("tracked")).unwrap();
        fs::write(trap.beside.join(".gitattributes"), "* filter=x\n").unwrap();
        trap.set("core.worktree", &trap.beside.display().to_string());
        trap.set("filter.x.clean", &trap.bait);
    }),
    ("a submodule with a configuration of its own", |trap| {
        let module = trap.project.join("module");
        fs::create_dir(&module).unwrap();
        commit(&module);
        trap.append_config(&module.join(".git/config"), &trap.filter());
        trap.write("module/.gitattributes", "* filter=x\n");
        trap.write("module/tracked", "other\n");
        let update = format!("[submodule \"m\"]\n\tpath = module\n\turl = ./m\n\tupdate = !{}\n", trap.bait);
        trap.write(".gitmodules", &update);
        git(&trap.project, &["-c", "protocol.file.allow=always", "add", "."]);
    }),
    ("pagers, editors and aliases", |trap| {
        for key in ["core.pager", "pager.status", "core.editor", "gpg.program", "interactive.diffFilter"] {
            trap.set(key, &trap.bait);
        }
        trap.set("alias.status", &format!("!{}", trap.bait));
        trap.set("log.showSignature", "true");
    }),
    ("links that lead out and around", |trap| {
        symlink("/", trap.project.join("root")).unwrap();
        symlink("..", trap.project.join("around")).unwrap();
        symlink(&trap.bait, trap.project.join("program")).unwrap();
    }),
    ("an index of 64 MB", |trap| {
        fs::File::create(trap.project.join(".git/index")).unwrap().set_len(64 << 20).unwrap();
    }),
    ("rules that ignore everything, thousands of times", |trap| {
        trap.write("deep/.gitignore", &"**/*?*a*b*c*/**/[!x-z]*\n".repeat(20_000));
    }),
];

/// Creates a repository with one commit.
fn commit(folder: &Path) {
    git(folder, &["init", "-q"]);
    fs::write(folder.join("tracked"), "before\n").unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "-qm", "start"]);
    // Same length but newer: git has to read it to see a change.
    fs::write(folder.join("tracked"), "beforf\n").unwrap();
}

/// Returns a host whose project is a trap, and its canary.
fn trapped(spec: AgentSpec, trick: fn(&Trap)) -> (Host, PathBuf) {
    let host = Host::new(spec);
    let beside = host.project.with_file_name("beside");
    fs::create_dir(&beside).unwrap();
    let canary = beside.with_file_name("canary");
    let bait = script(&beside.with_file_name("bait"), &format!("touch '{}'\n", canary.display()));
    commit(&host.project);
    trick(&Trap { project: host.project.clone(), beside, bait });
    // The preparation of a trick may have triggered it.
    let _ = fs::remove_file(&canary);
    (host, canary)
}

#[tokio::test]
async fn no_repository_gets_a_program_executed_and_changes_are_still_reported() {
    let (mut caught, mut untold) = (Vec::new(), Vec::new());
    let tracked = Artifact::File { path: "tracked".to_owned(), change: FileChange::Modified };
    for (name, trick) in TRICKS {
        let (mut host, canary) = trapped(sh("echo more >> tracked"), *trick);
        host.run("x").await;
        if canary.exists() {
            caught.push(*name);
        }
        if !host.made().contains(&&tracked) {
            untold.push(*name);
        }
    }
    assert!(caught.is_empty(), "{} of {}: {caught:#?}", caught.len(), TRICKS.len());
    assert!(untold.is_empty(), "{untold:#?}");
}

#[tokio::test]
async fn no_folder_that_looks_like_a_bare_repository_has_a_program_run() {
    let (mut host, canary) = trapped(sh("echo more >> inner"), |trap| {
        let bare = trap.project.join("docs");
        fs::rename(trap.project.join(".git"), &bare).unwrap();
        trap.append_config(
            &bare.join("config"),
            &format!("[core]\n\tbare = false\n\tworktree = .\n{}", trap.filter()),
        );
        fs::write(bare.join(".gitattributes"), "* filter=x\n").unwrap();
        fs::write(bare.join("tracked"), "beforf\n").unwrap();
    });
    host.project.push("docs");
    host.run("x").await;
    assert!(!canary.exists());
    let inner = Artifact::File { path: "inner".to_owned(), change: FileChange::Created };
    assert_eq!(host.made(), [&inner]);
}

#[tokio::test]
async fn no_repository_has_a_program_run_by_the_scripted_agent() {
    let mut caught = Vec::new();
    for (name, trick) in TRICKS {
        let program = env!("CARGO_BIN_EXE_codewalk-demo-agent").to_owned();
        let (mut host, canary) = trapped(AgentSpec::Demo { program, args: Vec::new() }, *trick);
        let launch = host.launch("say hello");
        host.start(&launch).await;
        let (request, _) = host.asked().await;
        host.answer(launch.session, &request, &Decision::allow()).await.unwrap();
        host.exited().await;
        if canary.exists() {
            caught.push(*name);
        }
    }
    assert!(caught.is_empty(), "{} of {}: {caught:#?}", caught.len(), TRICKS.len());
}
