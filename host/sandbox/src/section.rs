//! Finds the manifest in a component.

use wasmparser::{Chunk, Parser, Payload};

use crate::error::Problem;
use crate::manifest::{Manifest, ManifestError};
use crate::text;

/// The custom section that a manifest is in, at the outermost level of a component.
pub const MANIFEST_SECTION: &str = "codewalk:manifest";

/// Reads the manifest of a component, without compiling or running it.
///
/// # Errors
/// Where it has one that makes no sense, or its sections cannot be told apart.
pub(crate) fn manifest(component: &[u8]) -> Result<Option<Manifest>, Problem> {
    let mut found = Vec::new();
    let mut parser = Parser::new(0);
    let mut rest = component;
    while !rest.is_empty() {
        let damaged =
            |reason: &str| Problem::Compile { reason: text::line(reason, crate::error::MAX_REASON) };
        let parsed = parser.parse(rest, true).map_err(|error| damaged(error.message()))?;
        let Chunk::Parsed { consumed, payload } = parsed else {
            return Err(damaged("it ends too early"));
        };
        let mut skipped = consumed;
        match payload {
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                found.push(section.data())
            }
            // What is inside is not the outermost level.
            Payload::ModuleSection { unchecked_range: inside, .. }
            | Payload::ComponentSection { unchecked_range: inside, .. } => {
                skipped = usize::try_from(inside.end - inside.start)
                    .ok()
                    .and_then(|inside| skipped.checked_add(inside))
                    .ok_or_else(|| damaged("a section is too long"))?;
            }
            Payload::End(_) => break,
            _ => {}
        }
        rest = rest.get(skipped..).ok_or_else(|| damaged("it ends too early"))?;
    }
    let bytes = match found.as_slice() {
        [] => return Ok(None),
        [bytes] => bytes,
        _ => return Err(ManifestError::Twice.into()),
    };
    let text = str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?;
    Ok(Some(Manifest::parse(text)?))
}
