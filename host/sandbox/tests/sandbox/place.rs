//! A state folder with a registry, and one adapter as a running process sees it.

use std::fs;
use std::path::{Path, PathBuf};

use codewalk_sandbox::{
    AdapterHandle, AdapterSpec, AdapterStatus, CachePaths, Compiler, Problem, Registry, ReloadOutcome,
    RouterChain, Sandbox, SandboxConfig, Source,
};
use tempfile::TempDir;

use crate::support::generous;

pub struct Place {
    folder: PathBuf,
    _folder: Option<TempDir>,
}

/// A sandbox with the adapter `guest`, as in one process.
pub struct Running {
    pub sandbox: Sandbox,
    pub chain: RouterChain,
    handle: AdapterHandle,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder: folder.path().to_owned(), _folder: Some(folder) }
    }

    /// A folder that another process created.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _folder: None }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn registry(&self) -> Registry {
        Registry::open(self.folder.join("adapters")).unwrap()
    }

    /// The path of the adapter's component.
    pub fn candidate(&self) -> PathBuf {
        self.registry().component("guest").unwrap()
    }

    /// Writes the component in place, as an editor or a build does.
    pub fn save(&self, component: &[u8]) {
        fs::write(self.candidate(), component).unwrap();
    }

    pub fn spec(&self) -> AdapterSpec {
        AdapterSpec::new("guest", Source::File(self.candidate()))
    }

    pub fn running(&self) -> Running {
        self.running_as(self.spec())
    }

    pub fn running_as(&self, spec: AdapterSpec) -> Running {
        self.running_with(spec, Compiler::InProcess)
    }

    pub fn running_with(&self, spec: AdapterSpec, compiler: Compiler) -> Running {
        let cache = CachePaths { folder: self.folder.join("cache"), key: self.folder.join("cache.key") };
        let settings = SandboxConfig {
            cache: Some(cache),
            limits: generous(),
            registry: Some(self.folder.join("adapters")),
            compiler,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::new(settings).unwrap();
        let chain = sandbox.router_chain(vec![spec]);
        let handle = chain.adapters().remove(0);
        Running { sandbox, chain, handle }
    }
}

impl Running {
    pub async fn reload(&self) -> Result<ReloadOutcome, Problem> {
        self.handle.reload().await
    }

    pub fn status(&self) -> AdapterStatus {
        self.handle.status()
    }
}
