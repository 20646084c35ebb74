//! Looks at a component without running it.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::bindings::{Port, Routing, Summarizing};
use crate::engine::digest;
use crate::error::Problem;
use crate::manifest::Manifest;
use crate::sandbox::Inner;
use crate::section;
use crate::source::MAX_COMPONENT_SIZE;
use crate::text;
use crate::world::{self, World};

/// How many names of a component are repeated.
const MAX_NAMES: usize = 64;
/// How much of each, in bytes.
const MAX_NAME: usize = 128;

/// What there is to say about a component.
#[derive(Debug)]
pub struct Inspection {
    /// Its SHA-256, in hexadecimal.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it can be used as: the worlds it fits in every respect.
    pub worlds: Vec<World>,
    /// What it says of itself and asks for, if it says anything.
    pub manifest: Option<Manifest>,
    /// What it imports, by name.
    pub imports: Vec<String>,
    /// What it exports, by name.
    pub exports: Vec<String>,
    /// What keeps it from being used.
    pub problems: Vec<Problem>,
}

/// Checks a component against a world.
pub(crate) fn ready<P: Port>(sandbox: &Inner, component: &Component) -> Result<P::Ready, Problem> {
    Names::of(&sandbox.engine, component).check(P::WORLD)?;
    let wrong_types = |error| Problem::wrong_types(P::WORLD, &error);
    let pre = sandbox.linker.instantiate_pre(component).map_err(wrong_types)?;
    P::ready(pre).map_err(wrong_types)
}

/// What a component imports and exports, in text that can be shown.
pub(crate) struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
    unknown: Vec<String>,
}

pub(crate) fn inspect(sandbox: &Inner, bytes: &[u8]) -> Result<Inspection, Problem> {
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
    let component = match sandbox.component(bytes, &inspection.digest) {
        Ok(component) => component,
        Err(problem) => {
            inspection.problems.push(problem);
            return Ok(inspection);
        }
    };
    match section::manifest(bytes) {
        Ok(manifest) => inspection.manifest = manifest,
        Err(problem) => inspection.problems.push(problem),
    }
    let names = Names::of(&sandbox.engine, &component);
    for world in World::ALL {
        let fits = match world {
            World::Router => ready::<Routing>(sandbox, &component).map(drop),
            World::Summarizer => ready::<Summarizing>(sandbox, &component).map(drop),
        };
        match fits {
            Ok(()) => inspection.worlds.push(world),
            // It was not meant for this world, unless it was meant for none.
            Err(Problem::MissingExport { .. }) if names.is_for_any() => {}
            Err(problem) => inspection.problems.push(problem),
        }
    }
    let made_for = inspection.manifest.as_ref().map(|manifest| manifest.world);
    if let (Some(made_for), [used_as]) = (made_for, inspection.worlds.as_slice())
        && made_for != *used_as
    {
        inspection.problems.push(Problem::MadeFor { made_for, used_as: *used_as });
    }
    // The same for every world.
    inspection.problems.dedup_by_key(|problem| problem.to_string());
    inspection.imports = names.imports;
    inspection.exports = names.exports;
    Ok(inspection)
}

impl Names {
    pub(crate) fn of(engine: &Engine, component: &Component) -> Self {
        let component = component.component_type();
        let shown = |name: &str| text::line(name, MAX_NAME);
        Self {
            imports: component.imports(engine).take(MAX_NAMES).map(|(name, _)| shown(name)).collect(),
            exports: component.exports(engine).take(MAX_NAMES).map(|(name, _)| shown(name)).collect(),
            unknown: component
                .imports(engine)
                .filter(|(name, _)| !world::is_import(name))
                .take(MAX_NAMES)
                .map(|(name, _)| shown(name))
                .collect(),
        }
    }

    pub(crate) fn check(&self, world: World) -> Result<(), Problem> {
        if !self.unknown.is_empty() {
            return Err(Problem::UnknownImports { imports: self.unknown.clone() });
        }
        if !self.is_for(world) {
            return Err(Problem::MissingExport { world, exports: self.exports.clone() });
        }
        Ok(())
    }

    fn is_for(&self, world: World) -> bool {
        self.exports.iter().any(|name| name == world.export())
    }

    fn is_for_any(&self) -> bool {
        World::ALL.into_iter().any(|world| self.is_for(world))
    }
}
