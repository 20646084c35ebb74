//! The projects that `codewalk adapters new` creates: they build independently, and their adapters serve.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{User, guests, said, script};
use component_build::component;
use component_build::toolchain::Toolchain;
use serde_json::Value;

/// Creates a project and returns its folder.
fn project(user: &User, name: &str, options: &[&str]) -> PathBuf {
    let made = user.run(&[&["adapters", "new", name], options].concat());
    assert_eq!(made.status, Some(0), "{made:?}");
    for line in
        [&format!("codewalk adapters check {name}.wasm"), &format!("codewalk adapters add {name}.wasm")]
    {
        assert!(made.stdout.contains(line), "{made:?}");
    }
    user.shop().join(name)
}

/// Returns the target folder of this workspace. The standard library and the macros of guests are compiled in
/// its folder `components`, once for the shipped adapters, the examples and these projects.
fn workspace_target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..").canonicalize().unwrap()
}

/// Waits until no other test is building a project, because all projects have the same name and are built in
/// the same folder.
fn building() -> File {
    let folder = workspace_target().join("components");
    std::fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("tests.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// Returns the folder of the build program, which remains for the next run.
fn program_target() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-build");
    std::fs::create_dir_all(&folder).unwrap();
    let component = folder.join("component");
    if !component.is_symlink() {
        // An earlier version of this test left a real folder here.
        let _ = std::fs::remove_dir_all(&component);
        std::os::unix::fs::symlink(workspace_target().join("components"), &component).unwrap();
    }
    folder
}

/// Returns all files of a project, by their paths within it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let within = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.push((within, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Adds a component, and runs a request with it.
fn serve(user: &User, file: &Path, port: &str) -> Value {
    let program = user.home().join("agent.sh");
    script(&program, "echo one two three");
    user.configure(&format!(
        "default_agent = \"tool\"\n[{port}]\nchain = [\"mine\"]\n\
         [agents.tool]\nkind = \"command\"\n\
         command = [{program:?}, \"{{prompt}}\"]\n[compile]\nexecuting_s = 300\n"
    ));
    let file = file.to_string_lossy().into_owned();
    let added = user.run(&["adapters", "add", &file]);
    assert_eq!(added.status, Some(0), "{added:?}");
    let (status, result, stderr) = user.request(&["--yes", "fix the login test"]);
    assert_eq!(status, Some(0), "{result:#} {stderr}");
    assert_eq!(result[port]["adapter"], "mine", "{result:#}");
    result
}

#[test]
fn the_rust_projects_are_built_like_any_adapter_and_serve() {
    let toolchain = component_build::toolchain::find().unwrap();
    for port in ["router", "summarizer"] {
        let user = User::new();
        let folder = project(&user, "mine", &["--world", port]);
        std::os::unix::fs::symlink(workspace_target(), folder.join("target")).unwrap();
        let lock = building();
        let component = component::build(&folder, &toolchain).unwrap();
        drop(lock);
        let file = user.home().join("built.wasm");
        std::fs::write(&file, component.bytes).unwrap();

        let check = user.run(&["adapters", "check", &file.to_string_lossy(), "--json"]);
        let check: Value = serde_json::from_str(&check.stdout).unwrap();
        assert_eq!(check["manifest"]["name"], "mine", "{check:#}");
        assert_eq!(check["manifest"]["world"], port, "{check:#}");
        let result = serve(&user, &file, port);
        match port {
            "router" => assert_eq!(result["router"]["proposal"]["prompt"], "fix the login test"),
            _ => assert_eq!(result["session"]["summary"], "It says: one two three"),
        }
    }
}

/// Returns the build program of a project, with a compiler that claims to have the libraries of a folder, and
/// with a cargo that builds guests as `cargo xtask component` does.
fn build(folder: &Path, kept: &Path, toolchain: &Toolchain, libraries: &str) -> Command {
    let rustc = kept.join("rustc.sh");
    let real = toolchain.rustc.display();
    script(
        &rustc,
        &format!("case \"$*\" in *target-libdir*) echo {libraries} ;; *) exec {real} \"$@\" ;; esac"),
    );
    let real = toolchain.cargo.display();
    let mut guest = Command::new("cargo");
    component::configure(&mut guest, toolchain);
    let settings: String = guest
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_string_lossy(), value?.to_string_lossy())))
        .map(|(name, value)| format!("export {name}='{value}'\n"))
        .collect();
    let options: Vec<_> = guest.get_args().map(|option| option.to_string_lossy()).collect();
    let cargo = kept.join("cargo.sh");
    let body = format!(
        "case \"$*\" in *wasm32*) ;; *) exec {real} \"$@\" ;; esac\n{settings}exec {real} \"$@\" {}",
        options.join(" ")
    );
    script(&cargo, &body);
    let mut command = Command::new(kept.join("debug/build-adapter"));
    command.current_dir(folder).env("RUSTC", rustc).env("CARGO", cargo).env_remove("CARGO_TARGET_DIR");
    // The program is not debugged, and compiles faster without this.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}

#[test]
fn the_rust_project_builds_or_immediately_says_what_is_missing() {
    let user = User::new();
    let folder = project(&user, "mine", &["--world", "router"]);
    let kept = program_target();
    std::os::unix::fs::symlink(&kept, folder.join("target")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--package=build"]).current_dir(&folder);
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    let compiled = said(cargo.env_remove("CARGO_TARGET_DIR").output().unwrap());
    assert_eq!(compiled.status, Some(0), "{compiled:?}");
    assert!(!compiled.stderr.contains("Compiling wit-component"), "nothing long comes first: {compiled:?}");

    let toolchain = component_build::toolchain::find().unwrap();
    let missing = said(build(&folder, &kept, &toolchain, "/no/such/folder").output().unwrap());
    assert_eq!(missing.status, Some(1), "{missing:?}");
    assert!(missing.stderr.contains("rustup target add wasm32-unknown-unknown"), "{missing:?}");
    assert!(missing.stderr.contains("Debian: libstd-rust-dev-wasm32"), "{missing:?}");
    let lock = building();
    let built = said(build(&folder, &kept, &toolchain, "/").output().unwrap());
    drop(lock);
    assert_eq!(built.status, Some(0), "{built:?}");
    serve(&user, &folder.join("mine.wasm"), "router");
}

/// Builds a project as its README says, with the tools that built the examples, and serves with it.
fn build_and_serve(lang: &str, port: &str, build: impl FnOnce(&Path) -> Command) -> Value {
    let user = User::new();
    let folder = project(&user, "mine", &["--world", port, "--lang", lang]);
    let built = said(build(&folder).current_dir(&folder).output().unwrap());
    assert_eq!((built.status, built.stdout.lines().last()), (Some(0), Some("mine.wasm")), "{built:?}");
    serve(&user, &folder.join("mine.wasm"), port)
}

#[test]
#[ignore = "needs adapters in other languages: run `cargo xtask test`"]
fn the_javascript_project_builds_and_serves() {
    let folder = guests::folder();
    let result = build_and_serve("js", "router", |project| {
        let installed = folder.join("guests/js-router/npm/node_modules");
        std::os::unix::fs::symlink(installed, project.join("node_modules")).unwrap();
        let mut node = Command::new("node");
        node.arg("build.mjs");
        node
    });
    assert_eq!(result["router"]["confidence"], 60);
}

/// Its router is the example, with which `other_languages` serves.
#[test]
#[ignore = "needs adapters in other languages: run `cargo xtask test`"]
fn the_python_project_builds_and_serves() {
    let folder = guests::folder();
    let result = build_and_serve("python", "summarizer", |_| {
        let mut python = Command::new(folder.join("guests/python-router/venv/bin/python"));
        python.arg("build.py");
        python
    });
    assert_eq!(result["session"]["summary"], "It says: one two three");
}

#[test]
fn every_project_is_complete_and_contains_its_own_name() {
    let user = User::new();
    for lang in ["rust", "js", "python"] {
        for port in ["router", "summarizer"] {
            let name = format!("my-{lang}-{port}");
            let folder = project(&user, &name, &["--world", port, "--lang", lang]);
            let files = files(&folder);
            let text = |path: &str| &files.iter().find(|(known, _)| known == path).unwrap().1;
            assert!(files.iter().all(|(_, text)| !text.contains("{{") || !text.contains("}}")), "{files:#?}");
            assert!(text("manifest.toml").contains(&format!("name = {name:?}\nworld = {port:?}")));
            assert!(text("README.md").contains(&format!("codewalk adapters add {name}.wasm")));
            assert!(text(&format!("wit/{port}.wit")).contains(&format!("package codewalk:{port}@0.1.0;")));
            assert!(text(".gitignore").contains(&format!("/{name}.wasm")));
            match lang {
                "rust" => assert!(text("src/lib.rs").contains("Edit here")),
                "js" => {
                    let package: Value = serde_json::from_str(text("package.json")).unwrap();
                    assert_eq!(package["name"], name.as_str());
                    assert_eq!(package["scripts"]["build"], "node build.mjs");
                    assert!(text(package["main"].as_str().unwrap()).contains("Edit here"));
                    let lock: Value = serde_json::from_str(text("package-lock.json")).unwrap();
                    assert_eq!(lock["packages"][""]["name"], name.as_str());
                }
                _ => {
                    assert!(text("requirements.txt").contains("--hash=sha256:"));
                    assert!(text("app.py").contains("def "));
                }
            }
        }
    }
}

#[test]
fn a_project_never_replaces_files_and_its_name_is_not_a_path() {
    let user = User::new();
    std::fs::create_dir(user.shop().join("mine")).unwrap();
    for name in ["mine", "", "../mine", "a/b", "Mine", "-mine", ".", &"a".repeat(65)] {
        let refused = user.run(&["adapters", "new", "--world", "router", "--", name]);
        assert_eq!(refused.status, Some(2), "{name:?}: {refused:?}");
    }
    for ships in ["local-router", "groq-summarizer"] {
        let refused = user.run(&["adapters", "new", ships, "--world", "router"]);
        assert_eq!(refused.status, Some(2), "`add` would refuse it: {refused:?}");
        assert!(refused.stderr.contains("ships with codewalk"), "{refused:?}");
        assert!(!user.shop().join(ships).exists());
    }
    assert_eq!(files(&user.shop().join("mine")), []);
    assert!(!user.shop().join("../mine").exists());
}
