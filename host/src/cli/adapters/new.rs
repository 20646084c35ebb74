//! `codewalk adapters new`: creates a project for an adapter that can be built independently.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use codewalk_sandbox::is_adapter_name;

use super::find::{no_name, ships};
use crate::cli::print::print_line;
use crate::compose;
use crate::error::{CommandError, ErrorKind};

/// The kind of an adapter.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum Port {
    /// Turns a request into an intent
    Router,
    /// Reports in plain words what a session is doing
    Summarizer,
}

/// The language of an adapter.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Language {
    /// Rust
    #[default]
    Rust,
    /// JavaScript
    Js,
    /// Python
    Python,
}

/// A file of a project: its path and its text.
type Template = (&'static str, &'static str);

macro_rules! template {
    ($path:literal, $from:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $from)))
    };
}

/// The files of every project: the manifest and the interfaces.
const SHARED: [Template; 5] = [
    template!("manifest.toml", "templates/manifest.toml"),
    template!("wit/deps/types/types.wit", "../wit/types/types.wit"),
    template!("wit/deps/http/http.wit", "../wit/http/http.wit"),
    template!("wit/deps/log/log.wit", "../wit/log/log.wit"),
    template!("wit/deps/config/config.wit", "../wit/config/config.wit"),
];

const RUST: [Template; 7] = [
    template!("Cargo.toml", "templates/rust/Cargo.toml"),
    template!("Cargo.lock", "templates/rust/Cargo.lock"),
    template!("build/Cargo.toml", "templates/rust/build/Cargo.toml"),
    template!("build/src/main.rs", "templates/rust/build/src/main.rs"),
    template!("build/src/encode.rs", "templates/rust/build/src/encode.rs"),
    template!("README.md", "templates/rust/README.md"),
    (".gitignore", "/target\n/{{name}}.wasm\n"),
];

/// The entry of the example, which is renamed in a new project and is built there.
const EXAMPLE_MAIN: &str = "\"main\": \"router.js\",";

/// The tools are the same as in the example.
const JS: [Template; 6] = [
    template!("package.json", "../examples/js-router/package.json"),
    template!("package-lock.json", "../examples/js-router/package-lock.json"),
    template!(".npmrc", "../examples/js-router/.npmrc"),
    template!("build.mjs", "templates/js/build.mjs"),
    template!("README.md", "templates/js/README.md"),
    (".gitignore", "/node_modules/\n/{{name}}.wasm\n"),
];

const PYTHON: [Template; 4] = [
    template!("requirements.txt", "../examples/python-router/requirements.txt"),
    template!("build.py", "templates/python/build.py"),
    template!("README.md", "templates/python/README.md"),
    (".gitignore", "/.venv/\n__pycache__/\n/{{name}}.wasm\n"),
];

impl Port {
    const fn name(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::Summarizer => "summarizer",
        }
    }

    const fn wit(self) -> Template {
        match self {
            Self::Router => template!("wit/router.wit", "../wit/router/router.wit"),
            Self::Summarizer => template!("wit/summarizer.wit", "../wit/summarizer/summarizer.wit"),
        }
    }
}

impl Language {
    const fn files(self) -> &'static [Template] {
        match self {
            Self::Rust => &RUST,
            Self::Js => &JS,
            Self::Python => &PYTHON,
        }
    }

    /// Returns the file to edit.
    const fn source(self, port: Port) -> Template {
        match (self, port) {
            (Self::Rust, Port::Router) => template!("src/lib.rs", "templates/rust/src/router.rs"),
            (Self::Rust, Port::Summarizer) => template!("src/lib.rs", "templates/rust/src/summarizer.rs"),
            (Self::Js, Port::Router) => template!("router.js", "templates/js/router.js"),
            (Self::Js, Port::Summarizer) => template!("summarizer.js", "templates/js/summarizer.js"),
            (Self::Python, Port::Router) => template!("app.py", "../examples/python-router/app.py"),
            (Self::Python, Port::Summarizer) => template!("app.py", "templates/python/summarizer.py"),
        }
    }

    /// Returns the commands that build it.
    const fn build(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["cargo run -p build"],
            Self::Js => &["npm install && npm run build"],
            Self::Python => &[
                "python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt",
                ".venv/bin/python build.py",
            ],
        }
    }
}

pub(super) fn execute(name: &str, port: Port, language: Language) -> Result<ExitCode, CommandError> {
    let usage = |what: String, hint: &str| CommandError::new(ErrorKind::Usage, what).with_hint(hint);
    if !is_adapter_name(name) {
        return Err(usage(no_name(name), "choose another one"));
    }
    if let Some(shipped) = compose::reserved(name) {
        return Err(usage(ships(name, shipped), "choose another name"));
    }
    let folder = Path::new(name);
    let failed = |error: io::Error| {
        CommandError::because(ErrorKind::Usage, format!("cannot write the folder {name}"), error)
    };
    match fs::create_dir(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(usage(format!("{name} already exists"), "choose another name, or remove it"));
        }
        Err(error) => return Err(failed(error)),
    }
    let source = language.source(port);
    let files = SHARED.iter().chain(language.files()).copied().chain([port.wit(), source]);
    for (path, text) in files {
        let (path, text) = (folder.join(path), filled(text, name, port));
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, text)).map_err(failed)?;
    }
    print_line(&format!("created {name}, a {} template; edit {name}/{}\n", port.name(), source.0))?;
    print_line(&format!("  cd {name}"))?;
    language.build().iter().try_for_each(|line| print_line(&format!("  {line}")))?;
    print_line(&format!("  codewalk adapters check {name}.wasm\n  codewalk adapters add {name}.wasm"))?;
    Ok(ExitCode::SUCCESS)
}

fn filled(template: &str, name: &str, port: Port) -> String {
    let main =
        format!("\"main\": \"{}.js\",\n  \"scripts\": {{ \"build\": \"node build.mjs\" }},", port.name());
    let own = template.replace("\"js-router\"", &format!("\"{name}\"")).replace(EXAMPLE_MAIN, &main);
    own.replace("{{name}}", name).replace("{{world}}", port.name())
}
