//! What the connector thinks of its connection, for `runtime status`.
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "status-room",
        imports: { default: store | trappable },
    });
}
use bindings::connector::runtime::status as wit;
use contract::{Admission, Capability, Gauge, Handled, Has, Pass, Stamp, View};
use ports::limit::Limit;
use ports::log_budget::{LogBudget, Verdict, printable};
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use serde_json::json;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::{Access, Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Status;

pub struct Seat {
    last: Arc<Mutex<Option<Report>>>,
    vault: Arc<Vault>,
    budget: Arc<LogBudget>,
}

struct Report {
    state: &'static str,
    detail: Option<String>,
}

const DETAIL_BYTES: usize = 256;

impl Capability for Status {
    const NAME: &'static str = "status";
    type Seat = Seat;
    type Event = Infallible;
    type Indices = ();
    type Handlers = ();

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(_: &InstancePre<T>) -> Result<()> {
        Ok(())
    }
    fn handlers(_: &(), _: impl AsContextMut, _: &Instance) -> Result<()> {
        Ok(())
    }
    fn admit(&self, admission: &Admission, _: &(), _: Mailbox<Infallible>) -> Seat {
        Seat { last: Arc::default(), vault: admission.vault.clone(), budget: admission.log_budget.clone() }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let last = seat.last.clone();
        Some(Arc::new(move || match &*last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Report { state, detail }) => json!({ "state": state, "detail": detail }),
            None => serde_json::Value::Null,
        }))
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}

impl wit::Host for View<'_, Status> {}

impl<T: Send> wit::HostWithStore<T> for Has<Status> {
    fn report(mut access: Access<'_, T, Self>, state: wit::State, detail: Option<String>) -> Result<()> {
        let pass = Pass::enter(&mut access, "report")?;
        let View { seat, caller } = access.get();
        let detail = detail.map(|text| {
            let enough = text.floor_char_boundary(4 * DETAIL_BYTES);
            printable(&seat.vault.redact(&text[..enough]), DETAIL_BYTES)
        });
        let state = match state {
            wit::State::Idle => "idle",
            wit::State::Connecting => "connecting",
            wit::State::Connected => "connected",
            wit::State::Degraded => "degraded",
            wit::State::Failed => "failed",
        };
        let report = Report { state, detail };
        let mut last = seat.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|last| last.state != report.state) {
            match seat.budget.take() {
                Verdict::Write { dropped } => {
                    if dropped > 0 {
                        tracing::warn!(connector = %caller.id, dropped, "lines were dropped");
                    }
                    tracing::info!(connector = %caller.id, state, detail = report.detail, "reports");
                }
                Verdict::Drop { .. } => pass.hit(Limit::LogLines),
            }
        }
        *last = Some(report);
        Ok(())
    }
}
