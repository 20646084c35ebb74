//! WASI 0.2 for guests that were made with other tools: linked for those that import it, and empty. There are no arguments, no
//! environment, no files, no sockets and no names to look up; standard input has ended. What is printed goes to the log.
//!
//! The same request to the same component sees the same: the clocks begin at the request and advance by being read and waited
//! for (`clock`), and random numbers follow from component and request (`random`). The one way out is `wasi:http`, which ends
//! where our own `http` does (`http`).
//!
//! Nothing here blocks a thread: what waits is a future, and the deadline of the call ends it.

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

/// How many things a guest may have at once that the host keeps for it: streams, timers, requests.
const THINGS: usize = 1024;
/// How large the headers of one message may be that a guest puts together, in bytes, their bookkeeping included.
const FIELDS: usize = 64 * 1024;

/// Where the clocks and the random numbers of a call begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The time of the request, in milliseconds since 1970.
    pub(crate) now: u64,
    pub(crate) seed: [u8; 32],
}

/// The state of one call, which has WASI once a guest uses it.
pub(crate) trait HasWasi: WasiView + WasiHttpView + 'static {
    /// Returns it, created on first use.
    fn wasi(&mut self) -> &mut Wasi;
}

/// What the host keeps for a call of a guest that knows WASI.
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

/// What the functions of an interface work on.
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
    // What is not to be as the system has it.
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
