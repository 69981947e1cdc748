//! The native host: the calls that occum makes, over the drivers of the runtime.
use super::clock::Clock;
use super::echo::Desk;
use super::grants::Grants;
use super::keep::Keep;
use super::lower;
use ports::dial::Dial;
use ports::mailbox::Mailbox;
use room_http::driver::{Client, Limits};
use room_websocket::driver::{Context, Dials, Event, Frame, Socket};
use sdk::host::Answer;
use sdk::{Fill, agent, http, log, status, store, timers, websocket};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub struct Host {
    grants: Grants,
    dial: Arc<dyn Dial>,
    client: Client,
    sockets: RefCell<BTreeMap<String, Socket>>,
    mailbox: Mailbox<Event>,
    desk: Rc<Desk>,
    keep: Keep,
    clock: Clock,
}

impl Host {
    pub fn new(
        grants: Grants,
        dial: Arc<dyn Dial>,
        mailbox: Mailbox<Event>,
        desk: Rc<Desk>,
        clock: Clock,
    ) -> Self {
        let (reach, vault) = (grants.reach.clone(), grants.vault.clone());
        // As the room has it: as many kept as may be in use.
        let limits = Limits { idle_per_host: Limits::default().in_flight, ..Limits::default() };
        let client = Client::new(dial.clone(), reach, vault, limits);
        Self {
            grants,
            dial,
            client,
            sockets: RefCell::default(),
            mailbox,
            desk,
            keep: Keep::default(),
            clock,
        }
    }
}

impl sdk::host::Host for Host {
    /// What somebody has to know; that there is none of it is part of the comparison.
    fn log(&self, level: log::Level, message: &str, fields: &[(String, String)]) {
        if level >= log::Level::Warn {
            eprintln!("native: {level:?} {message} {fields:?}");
        }
    }

    fn report(&self, _: status::State, _: Option<&str>) {}

    fn secret_exists(&self, name: &str) -> bool {
        self.grants.vault.exists(name)
    }

    fn websocket_subscribe(
        &self,
        name: &str,
        url: &str,
        options: websocket::Options,
    ) -> Result<(), websocket::Error> {
        let invalid = |error: anyhow::Error| websocket::Error::Invalid(format!("{error:#}"));
        let plan = lower::plan(url, options).map_err(invalid)?;
        if !self.grants.reach.allows(None, &plan.url) {
            return Err(websocket::Error::Denied(plan.url.origin()));
        }
        let context = Context {
            dial: self.dial.clone(),
            reach: self.grants.reach.clone(),
            vault: self.grants.vault.clone(),
            mailbox: self.mailbox.clone(),
            name: name.into(),
            gauge: Arc::default(),
            dials: Dials::default(),
        };
        self.sockets.borrow_mut().insert(name.to_owned(), Socket::open(plan, context));
        Ok(())
    }

    fn websocket_send(
        &self,
        name: String,
        frame: websocket::Frame,
        fills: Vec<Fill>,
    ) -> Answer<'_, Result<(), websocket::Error>> {
        let sender = self.sockets.borrow().get(&name).map(Socket::sender);
        Box::pin(async move {
            let sender = sender.ok_or(websocket::Error::UnknownName)?;
            let frame = match frame {
                websocket::Frame::Text(text) => Frame::Text(text.into()),
                websocket::Frame::Binary(bytes) => Frame::Binary(bytes.into()),
            };
            sender.send(frame, &lower::fills(fills)).await.map_err(|_| websocket::Error::NotOpen)
        })
    }

    fn websocket_close(&self, name: &str) -> Result<(), websocket::Error> {
        self.sockets.borrow_mut().remove(name).map(drop).ok_or(websocket::Error::UnknownName)
    }

    fn fetch(&self, request: http::Request) -> Answer<'_, Result<http::Response, http::Error>> {
        Box::pin(async move {
            let answer = self.client.fetch(lower::request(request)).await;
            answer.map(lower::response).map_err(|error| lower::failure(&error))
        })
    }

    fn timer_once(&self, name: &str, delay: Duration) -> Result<(), timers::Error> {
        self.clock.once(name, delay);
        Ok(())
    }

    fn timer_cancel(&self, name: &str) -> bool {
        self.clock.cancel(name)
    }

    fn sleep(&self, time: Duration) -> Answer<'_, Result<(), timers::Error>> {
        Box::pin(async move {
            tokio::time::sleep(time).await;
            Ok(())
        })
    }

    fn monotonic_ms(&self) -> u64 {
        self.clock.monotonic_ms()
    }

    fn store_get(&self, key: String) -> Answer<'_, Result<Option<store::Entry>, store::Error>> {
        let entry = self.keep.get(&key);
        Box::pin(async move { Ok(entry) })
    }

    fn store_list(
        &self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<'_, Result<Vec<String>, store::Error>> {
        let listed = self.keep.list(&prefix, after.as_deref(), limit as usize);
        Box::pin(async move { Ok(listed) })
    }

    fn store_commit(&self, changes: Vec<store::Change>) -> Answer<'_, Result<store::Version, store::Error>> {
        let committed = self.keep.commit(changes);
        Box::pin(async move { committed })
    }

    fn dispatch(&self, inbound: agent::Inbound) -> Answer<'_, Result<agent::Accepted, agent::Error>> {
        let accepted = self.desk.accept(inbound);
        Box::pin(async move { Ok(accepted) })
    }
}
