//! What can be seen of a component without compiling it: its manifest, and the names of what it imports and exports.

use codewalk_core::visible::visible_line;
use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};
use wasmtime::Engine;

use crate::error::{MAX_REASON, Problem};
use crate::manifest::{Manifest, ManifestError};
use crate::text;
use crate::world::{self, World};

/// The custom section that a manifest is in, at the outermost level of a component.
pub const MANIFEST_SECTION: &str = "codewalk:manifest";
/// How many names of a component are repeated.
const MAX_NAMES: usize = 64;
/// How much of each, in bytes.
const MAX_NAME: usize = 128;
/// How many names are read. Components of Python import some thirty.
const MAX_READ: usize = 10_000;

/// The outermost level of a component.
#[derive(Debug, Default)]
pub(crate) struct Outline<'a> {
    manifests: Vec<&'a [u8]>,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

impl<'a> Outline<'a> {
    /// Reads the sections of a component. What is in them is not checked.
    ///
    /// # Errors
    /// Where it is something else, or its sections cannot be told apart.
    pub(crate) fn read(component: &'a [u8]) -> Result<Self, Problem> {
        // Asked for by their headers, for parsers would say less clearly what is wrong.
        if Engine::detect_precompiled(component).is_some() {
            return Err(Problem::Precompiled);
        }
        if Parser::is_core_wasm(component) {
            return Err(Problem::CoreModule);
        }
        if !Parser::is_component(component) {
            return Err(Problem::NotAComponent);
        }
        let mut outline = Self::default();
        let mut parser = Parser::new(0);
        let mut rest = component;
        while !rest.is_empty() {
            let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).map_err(damaged)? else {
                return Err(cut_off());
            };
            let mut skipped = consumed;
            match payload {
                // What is inside is not the outermost level.
                Payload::ModuleSection { unchecked_range: inside, .. }
                | Payload::ComponentSection { unchecked_range: inside, .. } => {
                    let inside = usize::try_from(inside.end - inside.start).ok();
                    skipped = inside.and_then(|inside| skipped.checked_add(inside)).ok_or_else(cut_off)?;
                }
                Payload::End(_) => break,
                payload => outline.take(&payload)?,
            }
            rest = rest.get(skipped..).ok_or_else(cut_off)?;
        }
        Ok(outline)
    }

    fn take(&mut self, payload: &Payload<'a>) -> Result<(), Problem> {
        match payload {
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                self.manifests.push(section.data());
            }
            Payload::ComponentImportSection(section) => {
                let names = section.clone().into_iter().map(|import| Ok(import?.name.name));
                read_into(&mut self.imports, names)?;
            }
            Payload::ComponentExportSection(section) => {
                let names = section.clone().into_iter().map(|export| Ok(export?.name.name));
                read_into(&mut self.exports, names)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns what the component says of itself.
    ///
    /// # Errors
    /// Where it says it twice, or nonsense.
    pub(crate) fn manifest(&self) -> Result<Option<Manifest>, Problem> {
        let bytes = match self.manifests.as_slice() {
            [] => return Ok(None),
            [bytes] => bytes,
            _ => return Err(ManifestError::Twice.into()),
        };
        let text = str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?;
        Ok(Some(Manifest::parse(text)?))
    }

    /// Says whether it may import what it imports, and exports what a world wants.
    ///
    /// # Errors
    /// Where it does not, with the names.
    pub(crate) fn check(&self, world: World) -> Result<(), Problem> {
        let unknown = shown(self.imports.iter().filter(|name| !world::is_import(name)));
        if !unknown.is_empty() {
            return Err(Problem::UnknownImports { imports: unknown });
        }
        if !self.is_for(world) {
            return Err(Problem::MissingExport { world, exports: self.exports() });
        }
        Ok(())
    }

    /// Says whether it exports what a world wants.
    pub(crate) fn is_for(&self, world: World) -> bool {
        self.exports.contains(&world.export())
    }

    /// Returns the names of what it imports, as they can be shown.
    pub(crate) fn imports(&self) -> Vec<String> {
        shown(self.imports.iter())
    }

    /// Returns the names of what it exports, as they can be shown.
    pub(crate) fn exports(&self) -> Vec<String> {
        shown(self.exports.iter())
    }
}

fn read_into<'a>(
    known: &mut Vec<&'a str>,
    names: impl Iterator<Item = Result<&'a str, BinaryReaderError>>,
) -> Result<(), Problem> {
    for name in names {
        if known.len() == MAX_READ {
            return Err(Problem::Compile {
                reason: format!("it has more than {MAX_READ} imports or exports"),
            });
        }
        known.push(name.map_err(damaged)?);
    }
    Ok(())
}

fn shown<'n>(names: impl Iterator<Item = &'n &'n str>) -> Vec<String> {
    names.take(MAX_NAMES).map(|name| visible_line(&text::line(name, MAX_NAME))).collect()
}

fn damaged(error: BinaryReaderError) -> Problem {
    Problem::Compile { reason: text::line(error.message(), MAX_REASON) }
}

fn cut_off() -> Problem {
    Problem::Compile { reason: "it ends too early".to_owned() }
}
