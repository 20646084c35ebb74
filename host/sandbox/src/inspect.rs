//! Looks at a component without running it.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::adapter::ready;
use crate::bindings::{Routing, Summarizing};
use crate::engine::digest;
use crate::error::Problem;
use crate::sandbox::Inner;
use crate::source::MAX_COMPONENT_SIZE;
use crate::text;
use crate::world::{IMPORTS, World};

/// How many names of a component are repeated.
const MAX_NAMES: usize = 32;
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
    /// What it imports, by name.
    pub imports: Vec<String>,
    /// What it exports, by name.
    pub exports: Vec<String>,
    /// What keeps it from being used.
    pub problems: Vec<Problem>,
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
                .filter(|(name, _)| !IMPORTS.contains(name))
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
