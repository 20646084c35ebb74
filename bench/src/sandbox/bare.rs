//! Components on bare wasmtime, with none, some or all of the protections that do not need threads.

#![allow(unused_qualifications, missing_docs, reason = "generated code")]

use wasmtime::component::{Component, ComponentExportIndex, HasSelf, InstancePre, Linker};
use wasmtime::{Config, Engine, PoolingAllocationConfig, ResourceLimiter, Store, UpdateDeadline};

use crate::fallible::Fallible;

mod wit {
    wasmtime::component::bindgen!({
        path: ["../wit/types", "../wit/http", "../wit/log", "../wit/config", "../wit/router"],
        world: "codewalk:router/router-adapter",
    });
}

pub use wit::codewalk::types::types;
use wit::codewalk::{config::config, http::http, log::log};
pub use wit::exports::codewalk::router::router as port;

/// The results of `route`.
type Returned = (Result<port::Proposal, types::PortError>,);

/// The protections of a guest. Each step includes the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// None.
    Bare,
    /// NaNs are canonical, so that results are the same on every machine.
    Canonical,
    /// Each loop and function checks the clock.
    Clocked,
    /// Memory, tables, handles and transferred data are limited.
    Counted,
    /// The guest has a separate stack, so that it can be stopped and can wait.
    OwnStack,
}

impl Step {
    /// All steps, with their names in the table.
    pub const ALL: [(Self, &str); 5] = [
        (Self::Bare, "bare"),
        (Self::Canonical, "canonical NaNs"),
        (Self::Clocked, "the clock"),
        (Self::Counted, "limits"),
        (Self::OwnStack, "a separate stack"),
    ];
}

/// A compiled component.
pub struct Bare {
    engine: Engine,
    component: InstancePre<Nothing>,
    route: ComponentExportIndex,
    step: Step,
}

impl Bare {
    /// Compiles a component.
    pub fn new(bytes: &[u8], step: Step) -> Fallible<Self> {
        let mut config = Config::new();
        config
            .allocation_strategy(PoolingAllocationConfig::new())
            .cranelift_nan_canonicalization(step >= Step::Canonical)
            .epoch_interruption(step >= Step::Clocked);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wit::RouterAdapter::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |nothing| nothing)?;
        let component = Component::from_binary(&engine, bytes)?;
        let interface = component.get_export_index(None, "codewalk:router/router@0.1.0");
        let route =
            component.get_export_index(interface.as_ref(), "route").ok_or("the component is not a router")?;
        Ok(Self { component: linker.instantiate_pre(&component)?, engine, route, step })
    }

    /// Routes once, in a fresh store.
    pub async fn route(&self, request: &port::Request) -> Fallible<port::Proposal> {
        let mut store = Store::new(&self.engine, Nothing);
        if self.step >= Step::Clocked {
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
        }
        if self.step >= Step::Counted {
            store.limiter(|nothing| nothing);
            store.set_hostcall_fuel(4 << 20);
            store.set_max_component_handles(256);
        }
        let answer = if self.step >= Step::OwnStack {
            let guest = self.component.instantiate_async(&mut store).await?;
            let route = guest.get_typed_func::<(&port::Request,), Returned>(&mut store, self.route)?;
            route.call_async(&mut store, (request,)).await?.0
        } else {
            let guest = self.component.instantiate(&mut store)?;
            let route = guest.get_typed_func::<(&port::Request,), Returned>(&mut store, self.route)?;
            route.call(&mut store, (request,))?.0
        };
        Ok(answer.map_err(|error| format!("{error:?}"))?)
    }
}

/// The limit that the sandbox uses.
const MEMORY: usize = 128 * 1024 * 1024;

/// The smallest possible imports of a guest.
struct Nothing;

impl ResourceLimiter for Nothing {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MEMORY)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= 65536)
    }
}

impl types::Host for Nothing {}

impl http::Host for Nothing {
    fn send(&mut self, _: http::Request) -> Result<http::Response, http::Error> {
        Err(http::Error::Denied(String::new()))
    }
}

impl log::Host for Nothing {
    fn write(&mut self, _: log::Level, _: String) {}
}

impl config::Host for Nothing {
    fn get(&mut self, _: String) -> Option<String> {
        None
    }
}
