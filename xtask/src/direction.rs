//! The direction of dependencies: what keeps the walls between the crates.

use crate::process::{self, ProcessError, cargo};

/// What one crate may depend on, directly or not. Dependencies of its tests are not counted.
struct Rule {
    package: &'static str,
    may_use: May,
    because: &'static str,
}

enum May {
    Nothing,
    /// Of what is ours, only this.
    Ours(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

const RULES: [Rule; 12] = [
    Rule { package: "codewalk-core", may_use: May::Nothing, because: "the domain is pure" },
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
        package: "codewalk-store",
        may_use: May::AllBut(&["codewalk-executor", "codewalk-sandbox", "wasmtime"]),
        because: "the store knows neither agents nor WebAssembly",
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
        because: "what is measured of an adapter is the component",
    },
    Rule {
        package: "component-build",
        may_use: May::Ours(&[]),
        because: "it is built before everything else",
    },
    Rule {
        package: "xtask",
        may_use: May::Ours(&["component-build"]),
        because: "it is built before everything else",
    },
];

/// A dependency that should not be, or cargo could not say.
#[derive(Debug, thiserror::Error)]
pub enum DirectionError {
    /// Crates depend on what they may not know.
    #[error("dependencies in the wrong direction:\n  {}", .0.join("\n  "))]
    Wrong(Vec<String>),
    /// Cargo could not say what depends on what.
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
    /// Reads the output of `cargo tree`; returns the way to every crate that may not be there.
    fn violations(&self, tree: &str) -> Vec<String> {
        let mut way: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for line in tree.lines() {
            let package = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let depth: usize = line[..line.len() - package.len()].parse().unwrap_or(0);
            let name = package.split_whitespace().next().unwrap_or_default();
            way.truncate(depth);
            way.push(name);
            // Cargo names the folder of a package that comes from no registry.
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
        Rule { package: "codewalk-executor", may_use, because: "so it is" }.violations(TREE)
    }

    #[test]
    fn a_forbidden_crate_is_found_with_the_way_to_it() {
        assert_eq!(
            violations(May::AllBut(&["rusqlite", "wasmtime"])),
            ["codewalk-executor -> notify -> rusqlite: so it is"]
        );
    }

    #[test]
    fn a_crate_of_ours_is_told_by_its_folder() {
        assert_eq!(violations(May::Ours(&[])), ["codewalk-executor -> codewalk-core: so it is"]);
        assert!(violations(May::Ours(&["codewalk-core"])).is_empty());
    }

    #[test]
    fn nothing_means_nothing() {
        assert_eq!(violations(May::Nothing).len(), 5);
    }

    #[test]
    fn a_crate_that_keeps_the_rule_passes() {
        assert!(violations(May::AllBut(&["wasmtime"])).is_empty());
    }
}
