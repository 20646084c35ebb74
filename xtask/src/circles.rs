//! Checks that no two modules of a crate depend on each other, directly or through other modules.
//!
//! A *room* is a module with all modules below it. Each level of a crate (its root, and each module with
//! children) is checked separately. The rooms of a level are its children and `(own)`, the items in the
//! level's own file.

mod error;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::metadata;
use error::CirclesError;
use source::Crate;

/// The items that the file of a level itself defines.
const OWN: &str = "(own)";
/// How many lines of each import are printed.
const MAX_LINES: usize = 3;

/// Levels that still have a circle: the crate and the module. An entry must be removed once its circle is
/// gone.
const KNOWN: &[(&str, &str)] = &[("codewalk", "crate::driver")];

/// Checks every crate of the workspace.
pub fn check(root: &Path) -> Result<(), CirclesError> {
    let mut met = BTreeSet::new();
    let mut unknown = String::new();
    for (package, entry) in entries(root)? {
        for circle in circles(&Crate::read(&entry)?) {
            match KNOWN.iter().find(|known| **known == (package.as_str(), circle.level.as_str())) {
                Some(known) => drop(met.insert(*known)),
                None => {
                    let _ = write!(unknown, "{package}: {}", circle.describe(root));
                }
            }
        }
    }
    if !unknown.is_empty() {
        return Err(CirclesError::Circles(unknown));
    }
    match KNOWN.iter().find(|known| !met.contains(*known)) {
        Some((package, level)) => Err(CirclesError::Gone(format!("{level} of {package}"))),
        None => Ok(()),
    }
}

/// Returns each library and program of the workspace: its package and its root file.
fn entries(root: &Path) -> Result<Vec<(String, PathBuf)>, CirclesError> {
    let is_product = |kind: &String| ["lib", "rlib", "cdylib", "bin", "proc-macro"].contains(&kind.as_str());
    let mut entries = Vec::new();
    for package in metadata::workspace(root)? {
        let targets = package.targets.into_iter().filter(|target| target.kinds.iter().any(is_product));
        entries.extend(targets.map(|target| (package.name.clone(), target.entry)));
    }
    Ok(entries)
}

/// A line that names an item of another room: file, number and path.
type Line = (PathBuf, usize, String);

/// The lines in which rooms refer to each other, by the two rooms.
type Imports = BTreeMap<(String, String), BTreeSet<Line>>;

/// Rooms of one level that depend on each other.
#[derive(Debug)]
struct Circle {
    level: String,
    rooms: Vec<String>,
    imports: Imports,
}

impl Circle {
    /// Describes the circle, beginning with the import that is cheapest to remove.
    fn describe(&self, root: &Path) -> String {
        let mut text = format!("{}: {}\n", self.level, self.rooms.join(", "));
        let mut imports: Vec<_> = self.imports.iter().collect();
        imports.sort_by_key(|(_, lines)| lines.len());
        for ((from, to), lines) in imports {
            let _ = writeln!(text, "  {from} -> {to} ({} lines)", lines.len());
            for (file, line, path) in lines.iter().take(MAX_LINES) {
                let file = file.strip_prefix(root).unwrap_or(file);
                let _ = writeln!(text, "    {}:{line}: {path}", file.display());
            }
        }
        text
    }
}

/// Returns every circle of a crate.
fn circles(krate: &Crate) -> Vec<Circle> {
    let mut levels: BTreeMap<Vec<String>, Imports> = BTreeMap::new();
    for import in krate.imports() {
        let (from, to) = (&import.from.path, &import.to.path);
        let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
        let room = |path: &[String]| path.get(common).map_or(OWN, String::as_str).to_owned();
        let level = levels.entry(from[..common].to_vec()).or_default();
        let line = (import.from.file.clone(), import.line, import.path.join("::"));
        level.entry((room(from), room(to))).or_default().insert(line);
    }
    levels.into_iter().flat_map(|(level, imports)| circles_of(&level, &imports)).collect()
}

fn circles_of(level: &[String], imports: &Imports) -> Vec<Circle> {
    let edges = imports.keys().map(|(from, to)| (from.as_str(), to.as_str()));
    let graph: DiGraphMap<&str, ()> = DiGraphMap::from_edges(edges);
    let of = |rooms: Vec<&str>| {
        let is_inside = |room: &String| rooms.contains(&room.as_str());
        let mut names: Vec<String> = rooms.iter().map(|&room| room.to_owned()).collect();
        names.sort();
        let inside = imports.iter().filter(|((from, to), _)| is_inside(from) && is_inside(to));
        let level = std::iter::once("crate").chain(level.iter().map(String::as_str));
        Circle {
            level: level.collect::<Vec<_>>().join("::"),
            imports: inside.map(|(rooms, lines)| (rooms.clone(), lines.clone())).collect(),
            rooms: names,
        }
    };
    tarjan_scc(&graph).into_iter().filter(|rooms| rooms.len() > 1).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the circles of a crate with these files, each as its level and rooms.
    fn found(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let krate = Crate::read(&folder.path().join("lib.rs")).unwrap();
        circles(&krate).into_iter().map(|circle| (circle.level, circle.rooms.join(" "))).collect()
    }

    fn one(level: &str, rooms: &str) -> Vec<(String, String)> {
        vec![(level.to_owned(), rooms.to_owned())]
    }

    #[test]
    fn two_modules_that_use_each_other_are_a_circle() {
        let a = ("a.rs", "use crate::b::B; pub struct A(B);");
        assert!(found(&[("lib.rs", "mod a; mod b;"), a, ("b.rs", "pub struct B;")]).is_empty());
        let b = ("b.rs", "pub struct B; fn f(_: &super::a::A) {}");
        assert_eq!(found(&[("lib.rs", "mod a; mod b;"), a, b]), one("crate", "a b"));
    }

    #[test]
    fn a_module_and_its_parent_that_use_each_other_are_a_circle() {
        let child = ("a.rs", "pub fn f() { super::g() }");
        assert!(found(&[("lib.rs", "mod a; fn g() {}"), child]).is_empty());
        let calls = ("lib.rs", "mod a; fn g() {} fn h() { a::f() }");
        assert_eq!(found(&[calls, child]), one("crate", "(own) a"));
        assert!(found(&[("lib.rs", "mod a; pub use a::f; fn g() {}"), child]).is_empty());
    }

    #[test]
    fn a_reexport_counts_where_the_item_is_defined() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod deep; pub use deep::Deep; fn f(_: crate::b::B) {}"),
            ("a/deep.rs", "pub struct Deep;"),
            ("b.rs", "pub struct B; use crate::a::Deep as D; fn g(_: D) {}"),
        ];
        assert_eq!(found(&files), one("crate", "a b"));
    }

    #[test]
    fn inline_modules_renamed_files_and_macros_are_read() {
        let lib = r#"mod a { pub fn f() { format!("{}", crate::b::g()); } } #[path = "other.rs"] mod b;"#;
        let files = [("lib.rs", lib), ("other.rs", "pub fn g() -> u8 { 1 } fn h() { crate::a::f() }")];
        assert_eq!(found(&files), one("crate", "a b"));
    }

    #[test]
    fn imports_of_tests_do_not_count() {
        let a = "use crate::b::B; pub struct A(B); pub fn test_only() {}";
        let b = "pub struct B; #[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] use crate::a::A;
            impl B { #[cfg(test)] fn f() { crate::a::test_only() } }";
        assert!(found(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", b)]).is_empty());
    }

    #[test]
    fn the_scope_of_a_visibility_does_not_count() {
        let a = ("a.rs", "pub(in crate::b) fn f() {}");
        let b = ("b.rs", "pub struct B; fn g() { crate::a::f() }");
        assert!(found(&[("lib.rs", "mod a; mod b;"), a, b]).is_empty());
    }

    #[test]
    fn a_deeper_level_is_checked_separately() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod x; mod y;"),
            ("a/x.rs", "pub use super::y::*; pub struct X;"),
            ("a/y.rs", "pub struct Y(super::x::X);"),
        ];
        assert_eq!(found(&files), one("crate::a", "x y"));
    }
}
