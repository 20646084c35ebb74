//! The modules of a crate, read from its source: the items that each defines, and the items of other modules
//! that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

use super::error::CirclesError;

/// How many re-exports are followed in a row.
const MAX_DEPTH: usize = 16;

/// The modules of a crate, its root first.
pub struct Crate(Vec<Module>);

/// A module.
#[derive(Default)]
pub struct Module {
    /// Its path from the root.
    pub path: Vec<String>,
    /// Its file.
    pub file: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// Its imports, by their local name.
    uses: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    items: BTreeSet<String>,
    references: Vec<Reference>,
}

/// A path that a module uses.
struct Reference {
    path: Vec<String>,
    line: usize,
    is_reexport: bool,
}

/// A line of a module that uses an item of another module.
pub struct Import<'a> {
    pub from: &'a Module,
    pub to: &'a Module,
    pub line: usize,
    pub path: &'a [String],
}

impl Crate {
    /// Reads a crate from its root file.
    pub fn read(entry: &Path) -> Result<Self, CirclesError> {
        let mut krate = Self(Vec::new());
        let folder = entry.parent().unwrap_or(Path::new("")).to_owned();
        krate.file(entry, folder, Vec::new(), None)?;
        Ok(krate)
    }

    /// Returns every line that uses an item of another module, except re-exports from modules below.
    pub fn imports(&self) -> impl Iterator<Item = Import<'_>> {
        self.0.iter().enumerate().flat_map(move |(at, from)| {
            from.references.iter().filter_map(move |Reference { path, line, is_reexport }| {
                let to = self.resolve(at, path, 0).filter(|&to| to != at)?;
                let to = &self.0[to];
                let is_facade = *is_reexport && to.path.starts_with(&from.path);
                (!is_facade).then_some(Import { from, to, line: *line, path })
            })
        })
    }

    /// Reads the module in a file. Its children are in `folder`.
    fn file(
        &mut self,
        file: &Path,
        folder: PathBuf,
        path: Vec<String>,
        parent: Option<usize>,
    ) -> Result<usize, CirclesError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| CirclesError::Read { path: file.to_owned(), source })?;
        let parsed =
            syn::parse_file(&text).map_err(|source| CirclesError::Parse { path: file.to_owned(), source })?;
        self.module(&parsed.items, file, &folder, path, parent)
    }

    fn module(
        &mut self,
        items: &[Item],
        file: &Path,
        folder: &Path,
        path: Vec<String>,
        parent: Option<usize>,
    ) -> Result<usize, CirclesError> {
        let at = self.0.len();
        self.0.push(Module { path: path.clone(), file: file.to_owned(), parent, ..Module::default() });
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            let Item::Mod(child) = item else {
                self.0[at].take(item);
                continue;
            };
            let name = child.ident.to_string();
            let below: Vec<String> = path.iter().chain([&name]).cloned().collect();
            let inside = match &child.content {
                Some((_, items)) => self.module(items, file, &folder.join(&name), below, Some(at))?,
                None => {
                    let (file, folder) = place(&child.attrs, file, folder, &name);
                    self.file(&file, folder, below, Some(at))?
                }
            };
            self.0[at].children.insert(name, inside);
        }
        Ok(at)
    }

    /// Returns the module that defines the item of a path, or `None` if another crate does.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Option<usize> {
        let first = path.first().filter(|_| depth < MAX_DEPTH)?;
        let (mut at, mut rest) = match first.as_str() {
            "crate" => (0, &path[1..]),
            "self" => (at, &path[1..]),
            "super" => (self.0[at].parent?, &path[1..]),
            name if self.0[at].knows(name) => (at, path),
            _ => return None,
        };
        while let Some((name, further)) = rest.split_first() {
            let module = &self.0[at];
            if name == "super" {
                at = module.parent?;
            } else if let Some(&child) = module.children.get(name) {
                at = child;
            } else if module.items.contains(name) {
                return Some(at);
            } else if let Some(used) = module.uses.get(name) {
                if used.first() == Some(name) {
                    return None;
                }
                let whole: Vec<String> = used.iter().chain(further).cloned().collect();
                return self.resolve(at, &whole, depth + 1);
            } else {
                let globs = module.globs.iter().filter_map(|glob| self.resolve(at, glob, depth + 1));
                let mut known = globs.filter(|&of| of != at && self.0[of].knows(name));
                let own = std::iter::once("self".to_owned()).chain(rest.iter().cloned());
                return match known.next() {
                    Some(of) => self.resolve(of, &own.collect::<Vec<_>>(), depth + 1),
                    None => Some(at),
                };
            }
            rest = further;
        }
        Some(at)
    }
}

impl Module {
    fn knows(&self, name: &str) -> bool {
        self.children.contains_key(name) || self.items.contains(name) || self.uses.contains_key(name)
    }

    /// Adds an item: its name and the paths in it.
    fn take(&mut self, item: &Item) {
        if let Item::Use(import) = item {
            let is_reexport = !matches!(import.vis, Visibility::Inherited);
            for leaf in leaves(&import.tree) {
                match &leaf.name {
                    Some(name) => drop(self.uses.insert(name.clone(), leaf.path.clone())),
                    None => self.globs.push(leaf.path.clone()),
                }
                self.references.push(Reference { path: leaf.path, line: leaf.line, is_reexport });
            }
            return;
        }
        self.items.extend(name(item));
        let mut paths = Paths(&mut self.references);
        paths.visit_item(item);
    }
}

/// Returns the file of a module without a body, and the folder of its children.
fn place(attributes: &[Attribute], file: &Path, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let text = |attribute: &Attribute| match &attribute.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    };
    let given = attributes.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(text);
    if let Some(given) = given {
        let given = file.parent().unwrap_or(Path::new("")).join(given);
        let folder = given.parent().unwrap_or(Path::new("")).to_owned();
        return (given, folder);
    }
    let (below, beside) = (folder.join(name), folder.join(name).with_extension("rs"));
    (if beside.exists() { beside } else { below.join("mod.rs") }, below)
}

/// Returns whether an item is compiled only for tests or fuzzing.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let condition = attribute.meta.require_list().map(|list| list.tokens.to_string());
        condition.is_ok_and(|condition| {
            let names = |word| condition.split(|c: char| !c.is_alphanumeric()).any(|own| own == word);
            (names("test") || names("fuzzing")) && !names("not")
        })
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the name of an item.
fn name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        _ => return None,
    })
}

/// One name that a `use` imports, or `None` for a glob.
struct Leaf {
    path: Vec<String>,
    name: Option<String>,
    line: usize,
}

fn leaves(tree: &UseTree) -> Vec<Leaf> {
    fn walk(tree: &UseTree, before: &[String], leaves: &mut Vec<Leaf>) {
        let with = |name: &syn::Ident| -> Vec<String> {
            before.iter().cloned().chain((name != "self").then(|| name.to_string())).collect()
        };
        let line = |name: &syn::Ident| name.span().start().line;
        match tree {
            UseTree::Path(path) if before.is_empty() && path.ident == "self" => {
                walk(&path.tree, &["self".to_owned()], leaves);
            }
            UseTree::Path(path) => walk(&path.tree, &with(&path.ident), leaves),
            UseTree::Name(used) => {
                let path = with(&used.ident);
                let name = path.last().cloned();
                leaves.push(Leaf { path, name, line: line(&used.ident) });
            }
            UseTree::Rename(used) => {
                let name = Some(used.rename.to_string());
                leaves.push(Leaf { path: with(&used.ident), name, line: line(&used.ident) });
            }
            UseTree::Glob(star) => {
                let line = star.star_token.spans[0].start().line;
                leaves.push(Leaf { path: before.to_vec(), name: None, line });
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, before, leaves)),
        }
    }
    let mut found = Vec::new();
    walk(tree, &[], &mut found);
    found
}

/// Collects every path of at least two names.
struct Paths<'a>(&'a mut Vec<Reference>);

impl Paths<'_> {
    fn add(&mut self, path: Vec<String>, span: Span) {
        if path.len() > 1 {
            self.0.push(Reference { path, line: span.start().line, is_reexport: false });
        }
    }

    /// Adds the paths among the tokens of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut begin = None;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        self.end(&mut path, &mut begin);
                    }
                    begin.get_or_insert_with(|| ident.span());
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.end(&mut path, &mut begin);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.end(&mut path, &mut begin);
    }

    fn end(&mut self, path: &mut Vec<String>, begin: &mut Option<Span>) {
        if let Some(span) = begin.take() {
            self.add(std::mem::take(path), span);
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(first) = path.segments.first().filter(|_| path.leading_colon.is_none()) {
            self.add(path.segments.iter().map(|part| part.ident.to_string()).collect(), first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        for leaf in leaves(&import.tree) {
            self.0.push(Reference { path: leaf.path, line: leaf.line, is_reexport: false });
        }
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.tokens(invocation.tokens.clone());
    }

    /// `pub(in crate::a)` says who may use an item, and uses nothing itself.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }
}
