//! Inspects a component without running it.

use codewalk_policy::{MAX_COMPONENT_SIZE, Manifest, World, digest};
use wasmtime::component::Component;

use super::runtime::Runtime;
use crate::bindings::{Port, Routing, Summarizing};
use crate::engine::{Maker, outline};
use crate::error::Problem;

/// The result of inspecting a component.
#[derive(Debug)]
pub struct Inspection {
    /// Its SHA-256, in hexadecimal.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// The worlds that it implements.
    pub worlds: Vec<World>,
    /// Its manifest, if it has one.
    pub manifest: Option<Manifest>,
    /// The names of its imports.
    pub imports: Vec<String>,
    /// The names of its exports.
    pub exports: Vec<String>,
    /// Why it cannot be used.
    pub problems: Vec<Problem>,
}

/// Checks the types of a component against a world.
pub(crate) fn ready<P: Port>(runtime: &Runtime, component: &Component) -> Result<P::Ready, Problem> {
    let wrong_types = |error| Problem::wrong_types(P::WORLD, &error);
    let pre = runtime.linkers.instantiate_pre(component).map_err(wrong_types)?;
    P::ready(pre).map_err(wrong_types)
}

pub(crate) fn inspect(runtime: &Runtime, bytes: &[u8], maker: Maker) -> Result<Inspection, Problem> {
    let size = bytes.len() as u64;
    if size > MAX_COMPONENT_SIZE {
        return Err(Problem::TooLarge { size, max: MAX_COMPONENT_SIZE });
    }
    let mut inspection = Inspection {
        digest: digest(bytes),
        size,
        worlds: Vec::new(),
        manifest: None,
        imports: Vec::new(),
        exports: Vec::new(),
        problems: Vec::new(),
    };
    if let Err(problem) = inspection.look(runtime, bytes, maker) {
        inspection.problems.push(problem);
    }
    // The same for every world.
    inspection.problems.dedup_by_key(|problem| problem.to_string());
    Ok(inspection)
}

impl Inspection {
    fn look(&mut self, runtime: &Runtime, bytes: &[u8], maker: Maker) -> Result<(), Problem> {
        let outline = outline(bytes)?;
        self.imports = outline.imports();
        self.exports = outline.exports();
        match outline.manifest() {
            Ok(manifest) => self.manifest = manifest,
            Err(error) => self.problems.push(error.into()),
        }
        let component = runtime.components.component(bytes, &self.digest, maker)?;
        for world in World::ALL {
            let fits = outline.check(world).map_err(Problem::from).and_then(|()| match world {
                World::Router => ready::<Routing>(runtime, &component).map(drop),
                World::Summarizer => ready::<Summarizing>(runtime, &component).map(drop),
            });
            match fits {
                Ok(()) => self.worlds.push(world),
                // The component is for another world.
                Err(Problem::MissingExport { .. })
                    if World::ALL.iter().any(|world| outline.is_for(*world)) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
        let made_for = self.manifest.as_ref().map(|manifest| manifest.world);
        if let (Some(made_for), [used_as]) = (made_for, self.worlds.as_slice())
            && made_for != *used_as
        {
            self.problems.push(Problem::MadeFor { made_for, used_as: *used_as });
        }
        Ok(())
    }
}
