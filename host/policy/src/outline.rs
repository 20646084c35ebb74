//! The outline of a component: its manifest, and the names of its imports and exports. It is read without
//! compiling.

use codewalk_core::terminal_text::visible_line;
use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};

use crate::manifest::{Manifest, ManifestError};
use crate::text::{self, MAX_REASON};
use crate::world::{self, World};

/// The custom section of the manifest, at the outermost level of a component.
pub const MANIFEST_SECTION: &str = "codewalk:manifest";
/// How many names from a component are shown.
const MAX_NAMES: usize = 64;
/// How many bytes of each name are shown.
const MAX_NAME: usize = 128;
/// How many names are read. Components written in Python import about thirty.
const MAX_READ: usize = 10_000;

/// Why bytes are not an adapter for a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// They are a core module.
    #[error("a core module, not a component")]
    CoreModule,
    /// They are neither a component nor a module.
    #[error("not a WebAssembly component")]
    NotAComponent,
    /// The component is truncated or damaged.
    #[error("{reason}")]
    Malformed {
        /// The damage.
        reason: String,
    },
    /// It imports interfaces that adapters cannot use.
    #[error("unknown imports: {}", imports.join(", "))]
    UnknownImports {
        /// Their names.
        imports: Vec<String>,
    },
    /// It does not export the interface of a world.
    #[error("does not export {}", world.export())]
    MissingExport {
        /// The world.
        world: World,
        /// What it exports instead.
        exports: Vec<String>,
    },
    /// Its manifest is invalid.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// The outermost level of a component.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    manifests: Vec<&'a [u8]>,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

impl<'a> Outline<'a> {
    /// Reads the sections of a component, without checking their contents.
    ///
    /// # Errors
    /// If it is not a component, or its sections are damaged.
    pub fn read(component: &'a [u8]) -> Result<Self, OutlineError> {
        // Checked by their headers, because the parser's errors are less clear.
        if Parser::is_core_wasm(component) {
            return Err(OutlineError::CoreModule);
        }
        if !Parser::is_component(component) {
            return Err(OutlineError::NotAComponent);
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
                // Nested sections are not at the outermost level.
                Payload::ModuleSection { unchecked_range: inside, .. }
                | Payload::ComponentSection { unchecked_range: inside, .. } => {
                    let inside = inside.end.checked_sub(inside.start);
                    skipped = inside.and_then(|inside| skipped.checked_add(inside)).ok_or_else(cut_off)?;
                }
                Payload::End(_) => break,
                payload => outline.take(&payload)?,
            }
            rest = rest.get(skipped..).ok_or_else(cut_off)?;
        }
        Ok(outline)
    }

    fn take(&mut self, payload: &Payload<'a>) -> Result<(), OutlineError> {
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

    /// Returns the manifest, if there is one.
    ///
    /// # Errors
    /// If there are several, or it is invalid.
    pub fn manifest(&self) -> Result<Option<Manifest>, OutlineError> {
        let bytes = match self.manifests.as_slice() {
            [] => return Ok(None),
            [bytes] => bytes,
            _ => return Err(ManifestError::Twice.into()),
        };
        let text = str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?;
        Ok(Some(Manifest::parse(text)?))
    }

    /// Checks that the component imports only known interfaces and exports the interface of a world.
    ///
    /// # Errors
    /// If it does not. The error lists the names.
    pub fn check(&self, world: World) -> Result<(), OutlineError> {
        let unknown = shown(self.imports.iter().filter(|name| !world::is_import(name)));
        if !unknown.is_empty() {
            return Err(OutlineError::UnknownImports { imports: unknown });
        }
        if !self.is_for(world) {
            return Err(OutlineError::MissingExport { world, exports: self.exports() });
        }
        Ok(())
    }

    /// Returns whether it exports the interface of a world.
    #[must_use]
    pub fn is_for(&self, world: World) -> bool {
        self.exports.contains(&world.export())
    }

    /// Returns the names of its imports, sanitized.
    #[must_use]
    pub fn imports(&self) -> Vec<String> {
        shown(self.imports.iter())
    }

    /// Returns the names of its exports, sanitized.
    #[must_use]
    pub fn exports(&self) -> Vec<String> {
        shown(self.exports.iter())
    }
}

fn read_into<'a>(
    known: &mut Vec<&'a str>,
    names: impl Iterator<Item = Result<&'a str, BinaryReaderError>>,
) -> Result<(), OutlineError> {
    for name in names {
        if known.len() == MAX_READ {
            return Err(OutlineError::Malformed {
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

fn damaged(error: BinaryReaderError) -> OutlineError {
    OutlineError::Malformed { reason: text::line(error.message(), MAX_REASON) }
}

fn cut_off() -> OutlineError {
    OutlineError::Malformed { reason: "it is truncated".to_owned() }
}
