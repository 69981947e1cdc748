//! Tools for the agent and commands for people: the host calls the guest and waits for its answer.
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "tools-room",
        exports: { default: async | store },
        with: { "connector:runtime/types": contract::types },
    });
}
mod caller;

use bindings::ToolsRoomIndices;
use bindings::exports::connector::runtime::tools_handler::{Error, Guest};
pub use caller::{CallError, Calls, Kind, Request, Toolbox};
use contract::types::Disposition;
use contract::{Admission, Capability, Delivery, Handled, Stamp, View};
use ports::log_budget::printable;
use ports::mailbox::Mailbox;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

/// Longest reason that is passed on, one line.
const REASON_BYTES: usize = 1 << 10;

/// The room, and for the host the way to call into each instance.
#[derive(Clone, Default)]
pub struct Tools {
    pub calls: Calls,
}

/// Removes the instance from the list of those that can be called.
pub struct Seat(#[allow(dead_code)] caller::Listed);

impl Capability for Tools {
    const NAME: &'static str = "tools";
    type Seat = Seat;
    type Event = Request;
    type Indices = Option<ToolsRoomIndices>;
    type Handlers = Option<Guest>;

    fn link<T: Send + 'static>(_: &mut Linker<T>, _: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        Ok(())
    }
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices> {
        contract::exported(pre, "tools-handler").then(|| ToolsRoomIndices::new(pre)).transpose()
    }
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers> {
        let Some(indices) = indices else { return Ok(None) };
        Ok(Some(indices.load(store, instance)?.connector_runtime_tools_handler().clone()))
    }
    fn admit(&self, admission: &Admission, indices: &Self::Indices, mailbox: Mailbox<Request>) -> Seat {
        let toolbox = Toolbox::new(mailbox, admission.offers.clone(), indices.is_some());
        Seat(self.calls.list(admission.id.clone(), toolbox))
    }
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        request: Request,
        stamp: Stamp,
    ) -> Handled<'a> {
        let Some(guest) = handlers else { return Ok(Delivery::NoHandler) };
        // Taken by the first delivery: a second, after a death, finds none, and the caller has long been told.
        let Some(answer) = request.take_answer() else { return Ok(Delivery::Stale) };
        let judge = move |result: Result<String, Error>| {
            answer.give(result.map_err(|error| match error {
                Error::Invalid(why) => CallError::Invalid(printable(&why, REASON_BYTES)),
                Error::Failed(why) => CallError::Failed(printable(&why, REASON_BYTES)),
            }));
            Disposition::Done
        };
        let params = (stamp.event(request.sequence), request.name.clone(), request.arguments.to_string());
        match request.kind {
            Kind::Tool => contract::start_with("call", guest.func_call(), accessor, params, judge),
            Kind::Command => contract::start_with("command", guest.func_command(), accessor, params, judge),
        }
    }
}
