//! The worlds of `wit/` in Rust, and their conversion to and from the types of the core.

#![allow(unused_qualifications, reason = "generated code spells its paths out, whatever is in scope")]

mod answers;
mod router;
mod summarizer;

pub(crate) use answers::Nonsense;
pub(crate) use router::Routing;
pub use router::wit::codewalk::{config::config, http::http, log::log, types::types};
pub(crate) use summarizer::Summarizing;

use std::time::Instant;

use codewalk_core::call::PortError;
use codewalk_core::session::SessionState;
use wasmtime::component::{
    ComponentNamedList, HasSelf, InstancePre, Lift, Linker, Lower, types::ComponentItem,
};
use wasmtime::{Engine, Store, StoreContextMut};

use crate::host_functions::CallState;
use crate::ticker::TICK;
use crate::world::{HTTP, World};

/// What a guest answered: an answer, or why it has none.
pub(crate) type Answer<T> = Result<Result<T, Nonsense>, PortError>;

/// A port that a guest can serve.
pub(crate) trait Port: Send + Sync + 'static {
    /// The world of its adapters.
    const WORLD: World;
    /// What the core asks.
    type Question;
    /// What the core is answered.
    type Answer: Send + 'static;
    /// What a guest is asked.
    type Request: Send + Sync + 'static;
    /// A component whose exports were found.
    type Ready: Send + Sync + 'static;

    fn request(question: &Self::Question) -> Self::Request;
    /// Finds the exports of a component and checks their types.
    fn ready(pre: InstancePre<CallState>) -> wasmtime::Result<Self::Ready>;
    fn call(
        ready: &Self::Ready,
        store: &mut Store<CallState>,
        request: &Self::Request,
    ) -> impl Future<Output = wasmtime::Result<Answer<Self::Answer>>> + Send;
}

/// Returns a linker with all that a guest may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    add_http(&mut linker)?;
    log::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    config::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Adds `http` by hand: what it waits for must not count as executing. The clock goes on meanwhile, so without a new
/// deadline the guest would lose a tick after each wait. What took less than a tick changes nothing, or else a guest could
/// execute for ever between requests that fail at once.
fn add_http(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    linker.instance(HTTP)?.func_wrap_async("send", |mut store: StoreContextMut<'_, CallState>, (request,)| {
        Box::new(async move {
            let begun = Instant::now();
            let response = http::Host::send(store.data_mut(), request).await;
            if begun.elapsed() >= TICK {
                store.set_epoch_deadline(1);
            }
            Ok((response,))
        })
    })
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
