//! The worlds of `wit/` in Rust, and their conversion to and from the types of the core.

#![allow(unused_qualifications, reason = "generated code spells its paths out, whatever is in scope")]

mod answers;
mod router;
mod summarizer;

pub(crate) use answers::{Nonsense, port_error};
pub(crate) use router::Routing;
pub use router::wit::codewalk::{config::config, http::http, log::log, types::types};
pub(crate) use summarizer::Summarizing;

use codewalk_core::session::SessionState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::component::{
    Component, ComponentNamedList, HasSelf, InstancePre, Lift, Linker, Lower, types::ComponentItem,
};
use wasmtime::{Engine, Store};

use crate::host_functions::CallState;
use crate::record::Subject;
use crate::wasi;
use crate::world::{self, World};

/// What a guest answered, as it is: an answer, or why it has none.
pub(crate) type Returned<P> = Result<<P as Port>::Returned, types::PortError>;

/// A port that a guest can serve.
pub(crate) trait Port: Sized + Send + Sync + 'static {
    /// The world of its adapters.
    const WORLD: World;
    /// What the core asks.
    type Question;
    /// What the core is answered.
    type Answer: Send + 'static;
    /// What a guest is asked.
    type Request: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What a guest answers.
    type Returned: Serialize + Send + 'static;
    /// A component whose exports were found.
    type Ready: Send + Sync + 'static;

    fn request(question: &Self::Question) -> Self::Request;
    /// Returns the time of a request, in milliseconds since 1970.
    fn now(request: &Self::Request) -> u64;
    /// Returns what a question belongs to.
    fn subject(question: &Self::Question) -> Subject;
    /// Returns a request that says nothing, to be filled in.
    fn blank() -> Self::Request;
    /// Returns what a guest answered, made fit for the core.
    fn answer(returned: Self::Returned, request: &Self::Request) -> Result<Self::Answer, Nonsense>;
    /// Finds the exports of a component and checks their types.
    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready>;
    fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &Self::Request,
    ) -> impl Future<Output = wasmtime::Result<Returned<Self>>> + Send;
}

/// What guests may import.
pub(crate) struct Linkers {
    /// For those that know nothing but codewalk.
    own: Linker<CallState>,
    /// For those that were made with other tools.
    wasi: Linker<CallState>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut own = Linker::new(engine);
        types::add_to_linker::<_, HasSelf<_>>(&mut own, |state| state)?;
        http::add_to_linker::<_, HasSelf<_>>(&mut own, |state| state)?;
        log::add_to_linker::<_, HasSelf<_>>(&mut own, |state| state)?;
        config::add_to_linker::<_, HasSelf<_>>(&mut own, |state| state)?;
        let mut wasi = own.clone();
        wasi::add_to_linker(&mut wasi)?;
        Ok(Self { own, wasi })
    }

    /// Gives a component what it imports. One that imports nothing of WASI sees none.
    pub(crate) fn instantiate_pre(&self, component: &Component) -> wasmtime::Result<InstancePre<CallState>> {
        let component_type = component.component_type();
        let mut imports = component_type.imports(component.engine());
        let linker = if imports.any(|(name, _)| world::is_wasi(name)) { &self.wasi } else { &self.own };
        linker.instantiate_pre(component)
    }
}

/// Checks the type of the one function of a world, which the bindings themselves do only in a running instance.
fn check_types<Params, Results>(
    pre: &InstancePre<CallState>,
    world: World,
    function: &str,
) -> wasmtime::Result<()>
where
    Params: ComponentNamedList + Lower,
    Results: ComponentNamedList + Lift,
{
    let component = pre.component().component_type();
    let interface = component.get_export(pre.engine(), world.export()).map(|e| e.ty);
    let Some(ComponentItem::ComponentInstance(interface)) = interface else {
        wasmtime::bail!("{} is no interface", world.export());
    };
    let Some(ComponentItem::ComponentFunc(found)) =
        interface.get_export(pre.engine(), function).map(|e| e.ty)
    else {
        wasmtime::bail!("{} has no function {function}", world.export());
    };
    found.typecheck::<Params, Results>(&pre.instance_type())
}

const fn session_state(state: SessionState) -> types::SessionState {
    match state {
        SessionState::Starting => types::SessionState::Starting,
        SessionState::Running => types::SessionState::Running,
        SessionState::Waiting => types::SessionState::Waiting,
        SessionState::Completed => types::SessionState::Completed,
        SessionState::Failed => types::SessionState::Failed,
        SessionState::Cancelled => types::SessionState::Cancelled,
        SessionState::Lost => types::SessionState::Lost,
    }
}
