//! A started connector and the doors its events come in by: the one adapter that the component's exports, the tests and
//! native hosts all go through.

use crate::turnstile::Turnstile;
use crate::websocket::{CloseReason, Frame};
use crate::{
    Connector, Disposition, Event, Instance, StartError, StopReason, agent, timers, tools, websocket,
};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A started connector.
///
/// Each `on_…` answers a future that owns what it needs, to be polled on this thread in any manner: handlers begin in
/// the order of [`Event::order`], whichever is polled first.
pub struct Running<C> {
    connector: Rc<C>,
    turnstile: Rc<Turnstile>,
    stamped: Cell<u64>,
}

impl<C: Connector> Running<C> {
    /// # Errors
    /// Those of the connector, and `Configuration` when `config` is not JSON of its `Config`.
    pub async fn start(instance: Instance, config: &str) -> Result<Rc<Self>, StartError> {
        let config =
            serde_json::from_str(config).map_err(|error| StartError::Configuration(error.to_string()))?;
        let connector = Rc::new(C::start(instance, config).await?);
        Ok(Rc::new(Self { connector, turnstile: Rc::default(), stamped: Cell::new(0) }))
    }

    pub fn connector(&self) -> &C {
        &self.connector
    }

    /// Number the next event of a host that has one source and repeats nothing. Every event made must be delivered, or
    /// its handler's future dropped: the following ones wait for it.
    pub fn event(&self) -> Event {
        let order = self.stamped.replace(self.stamped.get() + 1);
        Event { order, sequence: order, attempt: 1 }
    }

    pub fn stop(&self, reason: StopReason) -> impl Future<Output = ()> + use<C> {
        let connector = self.connector.clone();
        async move { connector.stop(reason).await }
    }
}

impl<C: websocket::Handler> Running<C> {
    pub fn on_open(
        &self,
        event: Event,
        name: String,
        connection: u64,
        subprotocol: Option<String>,
    ) -> impl Future<Output = Disposition> + use<C> {
        let connector = self.connector.clone();
        self.turnstile
            .admit(event.order, async move { connector.on_open(event, name, connection, subprotocol).await })
    }

    pub fn on_message(
        &self,
        event: Event,
        name: String,
        frame: Frame,
    ) -> impl Future<Output = Disposition> + use<C> {
        let connector = self.connector.clone();
        self.turnstile.admit(event.order, async move { connector.on_message(event, name, frame).await })
    }

    pub fn on_close(
        &self,
        event: Event,
        name: String,
        reason: CloseReason,
        reconnect_in: Option<Duration>,
    ) -> impl Future<Output = Disposition> + use<C> {
        let connector = self.connector.clone();
        self.turnstile
            .admit(event.order, async move { connector.on_close(event, name, reason, reconnect_in).await })
    }
}

impl<C: timers::Handler> Running<C> {
    pub fn on_fire(&self, event: Event, name: String) -> impl Future<Output = Disposition> + use<C> {
        let connector = self.connector.clone();
        self.turnstile.admit(event.order, async move { connector.on_fire(event, name).await })
    }
}

impl<C: agent::Handler> Running<C> {
    pub fn on_reply(
        &self,
        event: Event,
        reply: agent::ReplyEvent,
    ) -> impl Future<Output = Disposition> + use<C> {
        let connector = self.connector.clone();
        self.turnstile.admit(event.order, async move { connector.on_reply(event, reply).await })
    }

    pub fn on_outbound(
        &self,
        event: Event,
        message: agent::Outbound,
    ) -> impl Future<Output = Result<agent::Receipt, agent::OutboundError>> + use<C> {
        let connector = self.connector.clone();
        self.turnstile.admit(event.order, async move { connector.on_outbound(event, message).await })
    }
}

impl<C: tools::Handler> Running<C> {
    pub fn call(
        &self,
        event: Event,
        name: String,
        arguments: String,
    ) -> impl Future<Output = Result<serde_json::Value, tools::Error>> + use<C> {
        let connector = self.connector.clone();
        let arguments = tools::Arguments(arguments);
        self.turnstile.admit(event.order, async move { connector.call(event, name, arguments).await })
    }

    pub fn command(
        &self,
        event: Event,
        name: String,
        arguments: String,
    ) -> impl Future<Output = Result<String, tools::Error>> + use<C> {
        let connector = self.connector.clone();
        self.turnstile.admit(event.order, async move { connector.command(event, name, arguments).await })
    }
}
