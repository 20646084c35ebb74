//! Checks the direction of dependencies between crates.

use crate::process::{self, ProcessError, cargo};

/// The crates that one crate may depend on, directly or indirectly. Dependencies of its tests do not count.
struct Rule {
    package: &'static str,
    may_use: May,
    because: &'static str,
}

enum May {
    Nothing,
    /// Of the workspace, only these crates.
    Ours(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

const RULES: [Rule; 15] = [
    Rule { package: "codewalk-core", may_use: May::Nothing, because: "the domain is pure" },
    Rule {
        package: "codewalk-policy",
        may_use: May::Ours(&["codewalk-core", "workspace-hack"]),
        because: "policy judges without an engine, agents or a database",
    },
    Rule {
        package: "codewalk-sandbox",
        may_use: May::AllBut(&["codewalk-executor", "codewalk-store", "rusqlite"]),
        because: "the sandbox knows neither agents nor a database",
    },
    Rule {
        package: "codewalk-executor",
        may_use: May::AllBut(&["codewalk-sandbox", "codewalk-store", "rusqlite", "wasmtime"]),
        because: "the executor knows neither WebAssembly nor a database",
    },
    Rule {
        package: "codewalk-supervisor",
        may_use: May::Ours(&["workspace-hack"]),
        because: "it outlives the program and takes little memory",
    },
    Rule {
        package: "codewalk-store",
        may_use: May::AllBut(&["codewalk-executor", "codewalk-sandbox", "wasmtime"]),
        because: "the store knows neither agents nor WebAssembly",
    },
    Rule {
        package: "codewalk-protocol",
        may_use: May::Ours(&["codewalk-core", "workspace-hack"]),
        because: "every front end uses it, and not all of them are this program",
    },
    Rule {
        package: "codewalk",
        may_use: May::AllBut(&["codewalk-loopback-model"]),
        because: "the model server is for tests",
    },
    Rule { package: "local-router", may_use: May::Ours(&[]), because: "an adapter knows only wit/" },
    Rule {
        package: "local-summarizer",
        may_use: May::Ours(&["speech"]),
        because: "an adapter knows only wit/ and what adapters share",
    },
    Rule {
        package: "groq-router",
        may_use: May::Ours(&["chat-completions"]),
        because: "an adapter knows only wit/ and what adapters share",
    },
    Rule {
        package: "groq-summarizer",
        may_use: May::Ours(&["chat-completions", "speech"]),
        because: "an adapter knows only wit/ and what adapters share",
    },
    Rule {
        package: "codewalk-bench",
        may_use: May::AllBut(&["groq-router", "groq-summarizer", "local-router", "local-summarizer"]),
        because: "adapters are measured as components",
    },
    Rule {
        package: "component-build",
        may_use: May::Ours(&[]),
        because: "everything else is built after it",
    },
    Rule {
        package: "xtask",
        may_use: May::Ours(&["component-build"]),
        because: "everything else is built after it",
    },
];

/// A dependency is forbidden, or cargo could not list the dependencies.
#[derive(Debug, thiserror::Error)]
pub enum DirectionError {
    /// Crates have forbidden dependencies.
    #[error("dependencies in the wrong direction:\n  {}", .0.join("\n  "))]
    Wrong(Vec<String>),
    /// Cargo could not list the dependencies.
    #[error(transparent)]
    Tree(#[from] ProcessError),
}

/// Checks every rule.
pub fn check() -> Result<(), DirectionError> {
    let mut wrong = Vec::new();
    for rule in &RULES {
        let mut command = cargo();
        command.args(["tree", "--locked", "--package", rule.package, "--edges=no-dev", "--target=all"]);
        command.args(["--prefix=depth", "--format={p}"]);
        wrong.extend(rule.violations(&process::output(&mut command)?));
    }
    if wrong.is_empty() { Ok(()) } else { Err(DirectionError::Wrong(wrong)) }
}

impl Rule {
    /// Returns the path to every forbidden crate in the output of `cargo tree`.
    fn violations(&self, tree: &str) -> Vec<String> {
        let mut way: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for line in tree.lines() {
            let package = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let depth: usize = line[..line.len() - package.len()].parse().unwrap_or(0);
            let name = package.split_whitespace().next().unwrap_or_default();
            way.truncate(depth);
            way.push(name);
            // Cargo shows a folder only for packages that are not from a registry.
            let is_ours = package.contains(" (/");
            let forbidden = match self.may_use {
                May::Nothing => true,
                May::Ours(names) => is_ours && !names.contains(&name),
                May::AllBut(names) => names.contains(&name),
            };
            if depth > 0 && forbidden {
                found.push(format!("{}: {}", way.join(" -> "), self.because));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0codewalk-executor v0.1.0 (/src/host/executor)
1codewalk-core v0.1.0 (/src/core)
1notify v8.2.0
2rusqlite v0.41.0
1thiserror v2.0.21
2thiserror-impl v2.0.21 (proc-macro)
";

    fn violations(may_use: May) -> Vec<String> {
        Rule { package: "codewalk-executor", may_use, because: "of the rule" }.violations(TREE)
    }

    #[test]
    fn a_forbidden_crate_is_reported_with_its_path() {
        assert_eq!(
            violations(May::AllBut(&["rusqlite", "wasmtime"])),
            ["codewalk-executor -> notify -> rusqlite: of the rule"]
        );
    }

    #[test]
    fn a_crate_with_a_folder_is_ours() {
        assert_eq!(violations(May::Ours(&[])), ["codewalk-executor -> codewalk-core: of the rule"]);
        assert!(violations(May::Ours(&["codewalk-core"])).is_empty());
    }

    #[test]
    fn a_pure_crate_has_no_dependencies() {
        assert_eq!(violations(May::Nothing).len(), 5);
    }

    #[test]
    fn a_crate_without_forbidden_dependencies_passes() {
        assert!(violations(May::AllBut(&["wasmtime"])).is_empty());
    }
}
