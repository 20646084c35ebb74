//! The imports of guests, and the check of their exports.

use codewalk_core::session::SessionState;
use codewalk_policy::{World, is_wasi};
use wasmtime::Engine;
use wasmtime::component::{
    Component, ComponentNamedList, HasSelf, InstancePre, Lift, Linker, Lower, types::ComponentItem,
};

use super::state::CallState;
use crate::wasi;
use crate::wit::{config, http, log, types};

/// The imports of guests.
pub(crate) struct Linkers {
    /// For guests that import only codewalk.
    own: Linker<CallState>,
    /// For guests made with other tools.
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

    /// Links a component. One that does not import WASI does not get it.
    pub(crate) fn instantiate_pre(&self, component: &Component) -> wasmtime::Result<InstancePre<CallState>> {
        let component_type = component.component_type();
        let mut imports = component_type.imports(component.engine());
        let linker = if imports.any(|(name, _)| is_wasi(name)) { &self.wasi } else { &self.own };
        linker.instantiate_pre(component)
    }
}

/// Checks the type of a world's function. The bindings check it only once an instance runs.
pub(super) fn check_types<Params, Results>(
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
        wasmtime::bail!("{} is not an interface", world.export());
    };
    let Some(ComponentItem::ComponentFunc(found)) =
        interface.get_export(pre.engine(), function).map(|e| e.ty)
    else {
        wasmtime::bail!("{} has no function {function}", world.export());
    };
    found.typecheck::<Params, Results>(&pre.instance_type())
}

/// Converts a session state.
pub(super) const fn session_state(state: SessionState) -> types::SessionState {
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
