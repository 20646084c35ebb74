//! WASI 0.2 for guests built with other tools. It is linked only if they import it, and it is empty: no
//! arguments, no environment, no files, no sockets and no name lookup. Standard input is at its end. Output
//! goes to the log.
//!
//! It is deterministic. Clocks start at the time of the request and advance when they are read or waited for
//! (`clock`). Random numbers are derived from the component and the request (`random`). The only way out is
//! `wasi:http`, which uses the same egress as `codewalk:http` (`http`).
//!
//! Nothing here blocks a thread: waiting is a future, which ends at the call's deadline.

mod clock;
mod exit;
mod http;
mod random;
mod stdio;

use std::sync::Arc;

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::p2::bindings::{cli, clocks, random as numbers};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::calls::Call;
use crate::wit::log::Level;
use clock::{Clock, ClockView};
use http::Door;
use random::Random;
pub(crate) use random::seed;
use stdio::GuestOutput;

/// The maximum number of resources of a guest: streams, timers, requests.
const THINGS: usize = 1024;
/// The maximum size of the headers of one message, in bytes, including bookkeeping.
const FIELDS: usize = 64 * 1024;

/// The starting point of a call's clocks and random numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The time of the request, in milliseconds since 1970.
    pub(crate) now: u64,
    pub(crate) seed: [u8; 32],
}

/// The state of one call. WASI is set up once a guest uses it.
pub(crate) trait HasWasi: WasiView + WasiHttpView + 'static {
    /// Returns the call's WASI state, created on first use.
    fn wasi(&mut self) -> &mut Wasi;
}

/// The WASI state of one call.
pub(crate) struct Wasi {
    empty: WasiCtx,
    http: WasiHttpCtx,
    door: Door,
    clock: Clock,
    random: Random,
    table: ResourceTable,
}

impl Wasi {
    pub(crate) fn new(call: &Arc<Call>, origin: Origin) -> Self {
        let mut empty = WasiCtx::builder();
        empty.stdout(GuestOutput::new(call, Level::Info)).stderr(GuestOutput::new(call, Level::Warn));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(FIELDS);
        let mut table = ResourceTable::new();
        table.set_max_capacity(THINGS);
        Self {
            empty: empty.build(),
            http,
            door: Door::new(call),
            clock: Clock::new(origin.now),
            random: Random::new(origin.seed),
            table,
        }
    }

    pub(crate) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.empty, table: &mut self.table }
    }

    pub(crate) fn http_view(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, hooks: &mut self.door, table: &mut self.table }
    }
}

/// The state used by the functions of an interface.
struct Has<T>(T);

impl HasData for Has<Clock> {
    type Data<'a> = ClockView<'a>;
}

impl HasData for Has<Random> {
    type Data<'a> = &'a mut Random;
}

impl HasData for Has<exit::Exit> {
    type Data<'a> = exit::Exit;
}

/// Adds WASI to a linker.
pub(crate) fn add_to_linker<T: HasWasi>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    fn clock<T: HasWasi>(state: &mut T) -> ClockView<'_> {
        let Wasi { clock, table, .. } = state.wasi();
        ClockView { clock, table }
    }
    fn random<T: HasWasi>(state: &mut T) -> &mut Random {
        &mut state.wasi().random
    }
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    // Replaces the functions that would use the system.
    linker.allow_shadowing(true);
    clocks::wall_clock::add_to_linker::<_, Has<Clock>>(linker, clock)?;
    clocks::monotonic_clock::add_to_linker::<_, Has<Clock>>(linker, clock)?;
    numbers::random::add_to_linker::<_, Has<Random>>(linker, random)?;
    numbers::insecure::add_to_linker::<_, Has<Random>>(linker, random)?;
    numbers::insecure_seed::add_to_linker::<_, Has<Random>>(linker, random)?;
    cli::exit::add_to_linker::<_, Has<exit::Exit>>(linker, |_| exit::Exit)?;
    linker.allow_shadowing(false);
    Ok(())
}
