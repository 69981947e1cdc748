//! What a store holds: the seats, the walls, and the little of WASI that a language's standard library needs.
use crate::commons::Alive;
use crate::walls::Meter;
use crate::wasi::{self, Printer};
use contract::{Caller, CapabilitySet, HoldsSeats};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub struct Shell<S: CapabilitySet> {
    pub(crate) seats: S::Seats,
    pub(crate) meter: Meter,
    _alive: Alive,
    caller: Caller,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl<S: CapabilitySet> Shell<S> {
    pub(crate) fn new(
        seats: S::Seats,
        caller: Caller,
        meter: Meter,
        alive: Alive,
        printer: &Printer,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(meter.walls().handles);
        Self { seats, meter, _alive: alive, caller, table, wasi: wasi::context(printer) }
    }
}

impl<S: CapabilitySet> HoldsSeats<S> for Shell<S> {
    fn split(&mut self) -> (&mut S::Seats, &Caller) {
        (&mut self.seats, &self.caller)
    }
}

impl<S: CapabilitySet> WasiView for Shell<S> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
