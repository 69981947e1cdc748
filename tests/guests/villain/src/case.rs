//! What a case is: the doors by which the host comes in, each of which behaves well unless the case says otherwise.
use sdk::agent::{Outbound, OutboundError, Receipt, ReplyEvent};
use sdk::{Disposition, Event, StartError, tools};
use serde::Deserialize;
use serde_json::{Value, json};
use std::pin::Pin;

/// The configuration.
#[derive(Deserialize)]
pub struct Setting {
    pub case: String,
    url: Option<String>,
    api: Option<String>,
}

impl Setting {
    /// Of its far end: `ws://…`
    pub fn url(&self) -> Result<&str, StartError> {
        self.url.as_deref().ok_or_else(|| StartError::Configuration(format!("{} needs `url`", self.case)))
    }

    /// Where its requests go: `http://host:port`
    pub fn api(&self) -> Result<&str, StartError> {
        self.api.as_deref().ok_or_else(|| StartError::Configuration(format!("{} needs `api`", self.case)))
    }
}

/// What is to be there before the case's own `start`.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    /// `tick`, every 100 ms.
    pub timer: bool,
    /// `line`, to `url`.
    pub socket: bool,
}

pub const TIMER: Needs = Needs { timer: true, socket: false };
pub const SOCKET: Needs = Needs { timer: false, socket: true };

/// One misdeed. A door that it does not name behaves well.
pub trait Case: Default + 'static {
    const NEEDS: Needs = Needs { timer: false, socket: false };

    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        Ok(())
    }

    async fn stop(&self) {}

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        Disposition::Done
    }

    async fn on_open(&self, _: Event, _: String) -> Disposition {
        Disposition::Done
    }

    async fn on_message(&self, _: Event, _: String) -> Disposition {
        Disposition::Done
    }

    async fn on_close(&self, _: Event, _: String) -> Disposition {
        Disposition::Done
    }

    async fn on_reply(&self, _: Event, _: ReplyEvent) -> Disposition {
        Disposition::Done
    }

    async fn on_outbound(&self, _: Event, _: Outbound) -> Result<Receipt, OutboundError> {
        Ok(Receipt { message_id: Some("sent".into()) })
    }

    async fn call(&self, _: Event) -> Result<Value, tools::Error> {
        Ok(json!("well behaved"))
    }

    async fn command(&self, _: Event) -> Result<String, tools::Error> {
        Ok("well behaved".into())
    }
}

pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// [`Case`] for a case that is only known at run time.
pub trait Doors {
    fn needs(&self) -> Needs;
    fn start<'a>(&'a self, setting: &'a Setting) -> Answer<'a, Result<(), StartError>>;
    fn stop(&self) -> Answer<'_, ()>;
    fn on_fire(&self, event: Event, name: String) -> Answer<'_, Disposition>;
    fn on_open(&self, event: Event, name: String) -> Answer<'_, Disposition>;
    fn on_message(&self, event: Event, name: String) -> Answer<'_, Disposition>;
    fn on_close(&self, event: Event, name: String) -> Answer<'_, Disposition>;
    fn on_reply(&self, event: Event, reply: ReplyEvent) -> Answer<'_, Disposition>;
    fn on_outbound(&self, event: Event, message: Outbound) -> Answer<'_, Result<Receipt, OutboundError>>;
    fn call(&self, event: Event) -> Answer<'_, Result<Value, tools::Error>>;
    fn command(&self, event: Event) -> Answer<'_, Result<String, tools::Error>>;
}

impl<C: Case> Doors for C {
    fn needs(&self) -> Needs {
        C::NEEDS
    }
    fn start<'a>(&'a self, setting: &'a Setting) -> Answer<'a, Result<(), StartError>> {
        Box::pin(Case::start(self, setting))
    }
    fn stop(&self) -> Answer<'_, ()> {
        Box::pin(Case::stop(self))
    }
    fn on_fire(&self, event: Event, name: String) -> Answer<'_, Disposition> {
        Box::pin(Case::on_fire(self, event, name))
    }
    fn on_open(&self, event: Event, name: String) -> Answer<'_, Disposition> {
        Box::pin(Case::on_open(self, event, name))
    }
    fn on_message(&self, event: Event, name: String) -> Answer<'_, Disposition> {
        Box::pin(Case::on_message(self, event, name))
    }
    fn on_close(&self, event: Event, name: String) -> Answer<'_, Disposition> {
        Box::pin(Case::on_close(self, event, name))
    }
    fn on_reply(&self, event: Event, reply: ReplyEvent) -> Answer<'_, Disposition> {
        Box::pin(Case::on_reply(self, event, reply))
    }
    fn on_outbound(&self, event: Event, message: Outbound) -> Answer<'_, Result<Receipt, OutboundError>> {
        Box::pin(Case::on_outbound(self, event, message))
    }
    fn call(&self, event: Event) -> Answer<'_, Result<Value, tools::Error>> {
        Box::pin(Case::call(self, event))
    }
    fn command(&self, event: Event) -> Answer<'_, Result<String, tools::Error>> {
        Box::pin(Case::command(self, event))
    }
}
