//! Looks at a component without running it.

use wasmtime::component::Component;

use crate::bindings::{Port, Routing, Summarizing};
use crate::engine::digest;
use crate::error::Problem;
use crate::manifest::Manifest;
use crate::outline::Outline;
use crate::sandbox::Inner;
use crate::source::MAX_COMPONENT_SIZE;
use crate::turns::Maker;
use crate::world::World;

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

/// Checks the types of a component against a world.
pub(crate) fn ready<P: Port>(sandbox: &Inner, component: &Component) -> Result<P::Ready, Problem> {
    let wrong_types = |error| Problem::wrong_types(P::WORLD, &error);
    let pre = sandbox.linker.instantiate_pre(component).map_err(wrong_types)?;
    P::ready(pre).map_err(wrong_types)
}

pub(crate) fn inspect(sandbox: &Inner, bytes: &[u8], maker: Maker) -> Result<Inspection, Problem> {
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
    if let Err(problem) = inspection.look(sandbox, bytes, maker) {
        inspection.problems.push(problem);
    }
    // The same for every world.
    inspection.problems.dedup_by_key(|problem| problem.to_string());
    Ok(inspection)
}

impl Inspection {
    fn look(&mut self, sandbox: &Inner, bytes: &[u8], maker: Maker) -> Result<(), Problem> {
        let outline = Outline::read(bytes)?;
        self.imports = outline.imports();
        self.exports = outline.exports();
        match outline.manifest() {
            Ok(manifest) => self.manifest = manifest,
            Err(problem) => self.problems.push(problem),
        }
        let component = sandbox.component(bytes, &self.digest, maker)?;
        for world in World::ALL {
            let fits = outline.check(world).and_then(|()| match world {
                World::Router => ready::<Routing>(sandbox, &component).map(drop),
                World::Summarizer => ready::<Summarizing>(sandbox, &component).map(drop),
            });
            match fits {
                Ok(()) => self.worlds.push(world),
                // It was not meant for this world, unless it was meant for none.
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
