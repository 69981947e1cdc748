//! Delivers events to a connector under test, and lets time pass.

use super::fake::FakeHost;
use super::tasks::{Outcome, Tasks};
use crate::agent::{self, Inbound, Outbound, OutboundError, Receipt, Reply, ReplyEvent, Ticket};
use crate::websocket::{self, CloseReason, Frame};
use crate::{Connector, Disposition, Event, Instance, StartError, StopReason, host, timers, tools};
use serde_json::Value;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A started connector on a [`FakeHost`].
///
/// Each event is delivered at once and its handler runs until it waits for time; several can be under way.
pub struct Driver<C> {
    host: FakeHost,
    running: Rc<host::Running<C>>,
    tasks: Tasks,
    attempt: Cell<u32>,
    sequence: Cell<Option<u64>>,
    connections: Cell<u64>,
}

impl<C: Connector> Driver<C> {
    /// Starts the connector as `default / <its id> / default`. Time passes while `start` waits.
    ///
    /// # Errors
    /// Those of the connector's `start`.
    pub fn start(host: &FakeHost, config: Value) -> Result<Self, StartError> {
        let instance =
            Instance { tenant: "default".into(), connector: C::describe().id, account: "default".into() };
        Self::start_as(instance, host, config)
    }

    /// # Errors
    /// Those of the connector's `start`.
    ///
    /// # Panics
    /// When `start` waits for something that can't come, or a capture of the descriptor is none.
    pub fn start_as(instance: Instance, host: &FakeHost, config: Value) -> Result<Self, StartError> {
        host::install(Rc::new(host.clone()));
        host.ask(C::describe(), &config);
        let tasks = Tasks::default();
        let started = tasks.spawn(async move { host::Running::start(instance, &config.to_string()).await });
        let running = loop {
            tasks.run();
            if let Some(running) = started.poll() {
                break running?;
            }
            assert!(host.clock().somebody_sleeps(), "start waits for something that can't come");
            host.clock().step(Duration::MAX);
        };
        let (attempt, sequence, connections) = (Cell::new(1), Cell::new(None), Cell::new(0));
        Ok(Self { host: host.clone(), running, tasks, attempt, sequence, connections })
    }

    pub fn connector(&self) -> &C {
        self.running.connector()
    }

    /// The next event is a repeat, of this number.
    pub fn attempt(&self, attempt: u32) -> &Self {
        self.attempt.set(attempt);
        self
    }

    /// The next event has this place in its source: a repeat keeps the one it had.
    pub fn sequence(&self, sequence: u64) -> &Self {
        self.sequence.set(Some(sequence));
        self
    }

    /// Lets time pass; who sleeps wakes in turn.
    pub fn pass(&self, mut time: Duration) {
        self.tasks.run();
        while !time.is_zero() {
            time -= self.host.clock().step(time);
            self.tasks.run();
        }
    }

    /// Ends it in order.
    pub fn stop(&self, reason: StopReason) -> Outcome<()> {
        self.begin(self.running.stop(reason))
    }

    /// Ends it without a word, as a trap does: what its handlers waited for never comes.
    pub fn kill(self) {
        self.tasks.clear();
    }

    fn event(&self) -> Event {
        let event = self.running.event();
        let sequence = self.sequence.take().unwrap_or(event.sequence);
        Event { sequence, attempt: self.attempt.replace(1), ..event }
    }

    fn begin<T: 'static>(&self, handler: impl Future<Output = T> + 'static) -> Outcome<T> {
        let outcome = self.tasks.spawn(handler);
        self.tasks.run();
        outcome
    }
}

impl<C: websocket::Handler> Driver<C> {
    /// The socket of this name opens.
    pub fn opens(&self, name: &str) -> Outcome<Disposition> {
        self.connections.set(self.connections.get() + 1);
        self.begin(self.running.on_open(self.event(), name.to_owned(), self.connections.get(), None))
    }

    /// A frame comes. What of it is a secret, the connector does not see: [`FakeHost`] says which.
    pub fn receives(&self, name: &str, frame: impl Into<Frame>) -> Outcome<Disposition> {
        let frame = self.host.disclosed_frame(name, frame.into());
        self.begin(self.running.on_message(self.event(), name.to_owned(), frame))
    }

    /// The socket closes.
    pub fn closes(
        &self,
        name: &str,
        reason: CloseReason,
        reconnect_in: Option<Duration>,
    ) -> Outcome<Disposition> {
        self.begin(self.running.on_close(self.event(), name.to_owned(), reason, reconnect_in))
    }
}

impl<C: timers::Handler> Driver<C> {
    /// The timer of this name fires.
    pub fn fires(&self, name: &str) -> Outcome<Disposition> {
        self.host.fired(name);
        self.begin(self.running.on_fire(self.event(), name.to_owned()))
    }
}

impl<C: agent::Handler> Driver<C> {
    /// The agent replies to a message that was dispatched.
    pub fn replies(&self, to: &Inbound, reply: Reply) -> Outcome<Disposition> {
        self.delivers(ReplyEvent {
            ticket: self.host.ticket(&to.key).unwrap_or(Ticket("unknown".into())),
            conversation: to.conversation.clone(),
            to: to.to.clone(),
            context: to.context.clone(),
            reply,
        })
    }

    /// A reply event as it stands.
    pub fn delivers(&self, reply: ReplyEvent) -> Outcome<Disposition> {
        self.begin(self.running.on_reply(self.event(), reply))
    }

    /// The agent says something by itself.
    pub fn says(&self, message: Outbound) -> Outcome<Result<Receipt, OutboundError>> {
        self.begin(self.running.on_outbound(self.event(), message))
    }
}

impl<C: tools::Handler> Driver<C> {
    /// The agent calls a tool.
    pub fn calls(&self, name: &str, arguments: Value) -> Outcome<Result<Value, tools::Error>> {
        self.begin(self.running.call(self.event(), name.to_owned(), arguments.to_string()))
    }

    /// Somebody gives a command.
    pub fn commands(&self, name: &str, arguments: &str) -> Outcome<Result<String, tools::Error>> {
        self.begin(self.running.command(self.event(), name.to_owned(), arguments.to_owned()))
    }
}
