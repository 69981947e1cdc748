//! A host that only pretends: notes every call, answers as programmed.

use super::call::Call;
use super::clock::Clock;
use super::kept::Kept;
use super::script::Script;
use crate::host::{Answer, Host};
use crate::websocket::{Frame, Options};
use crate::{Fill, agent, http, log, status, store, timers, websocket};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// A host for tests; clones are the same host.
///
/// Unless told otherwise it grants every subscription, sends every frame, accepts every message for the agent (a key
/// seen before is a duplicate), and panics on a request that no [`on`](Self::on) fits. Its store is a real one, without
/// quota: what was committed is there for the next [`Driver`](super::Driver) too, as after a crash.
#[derive(Clone, Default)]
pub struct FakeHost(Rc<Fake>);

#[derive(Default)]
pub(super) struct Fake {
    pub(super) clock: Rc<Clock>,
    calls: RefCell<Vec<Call>>,
    secrets: RefCell<BTreeSet<String>>,
    scripts: RefCell<Vec<Script>>,
    sockets: RefCell<BTreeSet<String>>,
    sends: RefCell<VecDeque<websocket::Error>>,
    subscribes: RefCell<VecDeque<websocket::Error>>,
    /// The one-shots among them are marked.
    timers: RefCell<BTreeMap<String, bool>>,
    store: RefCell<Kept>,
    reads: RefCell<VecDeque<store::Error>>,
    commits: RefCell<VecDeque<store::Error>>,
    store_time: Cell<Duration>,
    tickets: RefCell<BTreeMap<String, agent::Ticket>>,
    dispatches: RefCell<VecDeque<agent::Error>>,
    dispatch_time: Cell<Duration>,
    histories: RefCell<BTreeMap<String, Vec<agent::Turn>>>,
}

/// What the test tells it.
impl FakeHost {
    pub fn new() -> Self {
        Self::default()
    }

    /// The operator configured this secret.
    pub fn secret(&self, name: &str) -> &Self {
        self.0.secrets.borrow_mut().insert(name.to_owned());
        self
    }

    /// What to answer to requests that fit `METHOD url`, with `*` for anything. Later ones come before earlier ones.
    pub fn on(&self, pattern: &str) -> Script {
        let script = Script::new(pattern);
        self.0.scripts.borrow_mut().push(script.clone());
        script
    }

    /// The next frame fails so.
    pub fn fail_send(&self, error: websocket::Error) -> &Self {
        self.0.sends.borrow_mut().push_back(error);
        self
    }

    /// The next subscription fails so.
    pub fn fail_subscribe(&self, error: websocket::Error) -> &Self {
        self.0.subscribes.borrow_mut().push_back(error);
        self
    }

    /// The next message for the agent is refused so.
    pub fn fail_dispatch(&self, error: agent::Error) -> &Self {
        self.0.dispatches.borrow_mut().push_back(error);
        self
    }

    /// Accepting a message takes so long from now on.
    pub fn slow_dispatch(&self, time: Duration) -> &Self {
        self.0.dispatch_time.set(time);
        self
    }

    /// The next look into the store fails so.
    pub fn fail_read(&self, error: store::Error) -> &Self {
        self.0.reads.borrow_mut().push_back(error);
        self
    }

    /// The next change of the store fails so; nothing is changed.
    pub fn fail_commit(&self, error: store::Error) -> &Self {
        self.0.commits.borrow_mut().push_back(error);
        self
    }

    /// A commit takes so long from now on. It is made at the end: one that a death interrupts is not.
    pub fn slow_store(&self, time: Duration) -> &Self {
        self.0.store_time.set(time);
        self
    }

    /// What an earlier instance left in the store.
    ///
    /// # Panics
    /// When the contract does not allow this key or value.
    pub fn keep(&self, key: &str, value: impl Into<Vec<u8>>) -> &Self {
        let kept = self.0.store.borrow_mut().commit(&[store::Change::set(key, value)]);
        kept.expect("the contract does not allow this");
        self
    }

    /// What the agent remembers of a conversation.
    pub fn history(&self, conversation: &str, turns: Vec<agent::Turn>) -> &Self {
        self.0.histories.borrow_mut().insert(conversation.to_owned(), turns);
        self
    }
}

/// What the test asks it.
impl FakeHost {
    /// Everything but log lines, a line each, in the order of the calls.
    pub fn story(&self) -> Vec<String> {
        self.calls()
            .iter()
            .filter(|call| !matches!(call, Call::Log { .. }))
            .map(ToString::to_string)
            .collect()
    }

    /// The log: `level: message key=value`.
    pub fn logs(&self) -> Vec<String> {
        self.calls().iter().filter(|call| matches!(call, Call::Log { .. })).map(ToString::to_string).collect()
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.borrow().clone()
    }

    /// Begins a new chapter: what was noted is forgotten.
    pub fn forget(&self) {
        self.0.calls.borrow_mut().clear();
    }

    /// What the agent was given.
    pub fn dispatched(&self) -> Vec<agent::Inbound> {
        let pick = |call| if let Call::Dispatch(inbound) = call { Some(inbound) } else { None };
        self.calls().into_iter().filter_map(pick).collect()
    }

    /// What was requested.
    pub fn requests(&self) -> Vec<http::Request> {
        let pick = |call| if let Call::Fetch(request) = call { Some(request) } else { None };
        self.calls().into_iter().filter_map(pick).collect()
    }

    /// The ticket of a message that was accepted under this key.
    pub fn ticket(&self, key: &str) -> Option<agent::Ticket> {
        self.0.tickets.borrow().get(key).cloned()
    }

    /// What is in the store under this key.
    pub fn kept(&self, key: &str) -> Option<Vec<u8>> {
        self.0.store.borrow().get(key).map(|entry| entry.value)
    }

    /// Whether this timer is set: always again, or once and not fired yet.
    pub fn has_timer(&self, name: &str) -> bool {
        self.0.timers.borrow().contains_key(name)
    }

    pub fn is_subscribed(&self, name: &str) -> bool {
        self.0.sockets.borrow().contains(name)
    }

    pub(super) fn clock(&self) -> &Rc<Clock> {
        &self.0.clock
    }
}

impl FakeHost {
    fn note(&self, call: Call) {
        self.0.calls.borrow_mut().push(call);
    }

    /// A timer that fires once is gone then.
    pub(super) fn fired(&self, name: &str) {
        self.0.timers.borrow_mut().retain(|timer, once| timer != name || !*once);
    }

    fn known_socket(&self, name: &str) -> Result<(), websocket::Error> {
        if self.is_subscribed(name) { Ok(()) } else { Err(websocket::Error::UnknownName) }
    }

    fn accept(&self, key: String) -> Result<agent::Accepted, agent::Error> {
        if let Some(error) = self.0.dispatches.borrow_mut().pop_front() {
            return Err(error);
        }
        let mut tickets = self.0.tickets.borrow_mut();
        if let Some(ticket) = tickets.get(&key) {
            return Ok(agent::Accepted::Duplicate(ticket.clone()));
        }
        let ticket = agent::Ticket(format!("ticket-{}", tickets.len() + 1));
        tickets.insert(key, ticket.clone());
        Ok(agent::Accepted::New(ticket))
    }
}

impl Host for FakeHost {
    fn log(&self, level: log::Level, message: &str, fields: &[(String, String)]) {
        self.note(Call::Log { level, message: message.to_owned(), fields: fields.to_vec() });
    }

    fn report(&self, state: status::State, detail: Option<&str>) {
        self.note(Call::Report { state, detail: detail.map(str::to_owned) });
    }

    fn secret_exists(&self, name: &str) -> bool {
        self.0.secrets.borrow().contains(name)
    }

    fn timer_subscribe(&self, name: &str, every: Duration) -> Result<(), timers::Error> {
        self.note(Call::Every { name: name.to_owned(), every });
        self.0.timers.borrow_mut().insert(name.to_owned(), false);
        Ok(())
    }

    fn timer_once(&self, name: &str, delay: Duration) -> Result<(), timers::Error> {
        self.note(Call::Once { name: name.to_owned(), delay });
        self.0.timers.borrow_mut().insert(name.to_owned(), true);
        Ok(())
    }

    fn timer_cancel(&self, name: &str) -> bool {
        self.note(Call::Cancel { name: name.to_owned() });
        self.0.timers.borrow_mut().remove(name).is_some()
    }

    fn sleep(&self, time: Duration) -> Answer<'_, Result<(), timers::Error>> {
        let sleep = self.0.clock.sleep(time);
        Box::pin(async {
            sleep.await;
            Ok(())
        })
    }

    fn now_ms(&self) -> u64 {
        self.0.clock.now_ms()
    }

    fn monotonic_ms(&self) -> u64 {
        self.0.clock.monotonic_ms()
    }

    fn websocket_subscribe(&self, name: &str, url: &str, options: Options) -> Result<(), websocket::Error> {
        self.note(Call::Subscribe { name: name.to_owned(), url: url.to_owned(), options: Box::new(options) });
        if let Some(error) = self.0.subscribes.borrow_mut().pop_front() {
            return Err(error);
        }
        self.0.sockets.borrow_mut().insert(name.to_owned());
        Ok(())
    }

    fn websocket_send(
        &self,
        name: String,
        frame: Frame,
        fills: Vec<Fill>,
    ) -> Answer<'_, Result<(), websocket::Error>> {
        Box::pin(async move {
            self.note(Call::Send { name, frame, fills });
            self.0.sends.borrow_mut().pop_front().map_or(Ok(()), Err)
        })
    }

    fn websocket_reconnect(&self, name: &str) -> Result<(), websocket::Error> {
        self.note(Call::Reconnect { name: name.to_owned() });
        self.known_socket(name)
    }

    fn websocket_close(&self, name: &str) -> Result<(), websocket::Error> {
        self.note(Call::Close { name: name.to_owned() });
        self.known_socket(name)?;
        self.0.sockets.borrow_mut().remove(name);
        Ok(())
    }

    fn fetch(&self, request: http::Request) -> Answer<'_, Result<http::Response, http::Error>> {
        Box::pin(async move {
            let script = self.0.scripts.borrow().iter().rev().find(|script| script.fits(&request)).cloned();
            let answer = script.and_then(|script| script.next(&request));
            let url = request.url.clone();
            let Some((result, delay)) = answer else {
                panic!("no answer is programmed for {} {url}", request.method)
            };
            self.note(Call::Fetch(request));
            self.0.clock.sleep(delay).await;
            let mut response = result?;
            if response.url.is_empty() {
                response.url = url;
            }
            Ok(response)
        })
    }

    fn store_get(&self, key: String) -> Answer<'_, Result<Option<store::Entry>, store::Error>> {
        Box::pin(async move {
            let failure = self.0.reads.borrow_mut().pop_front();
            let entry = failure.map_or_else(|| Ok(self.0.store.borrow().get(&key)), Err);
            self.note(Call::StoreGet { key });
            entry
        })
    }

    fn store_list(
        &self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<'_, Result<Vec<String>, store::Error>> {
        Box::pin(async move {
            let failure = self.0.reads.borrow_mut().pop_front();
            let list = || self.0.store.borrow().list(&prefix, after.as_deref(), limit);
            let keys = failure.map_or_else(list, Err);
            self.note(Call::StoreList { prefix });
            keys
        })
    }

    fn store_commit(&self, changes: Vec<store::Change>) -> Answer<'_, Result<store::Version, store::Error>> {
        Box::pin(async move {
            self.note(Call::StoreCommit(changes.clone()));
            let failure = self.0.commits.borrow_mut().pop_front();
            self.0.clock.sleep(self.0.store_time.get()).await;
            failure.map_or_else(|| self.0.store.borrow_mut().commit(&changes), Err)
        })
    }

    fn dispatch(&self, inbound: agent::Inbound) -> Answer<'_, Result<agent::Accepted, agent::Error>> {
        Box::pin(async move {
            let key = inbound.key.clone();
            self.note(Call::Dispatch(inbound));
            self.0.clock.sleep(self.0.dispatch_time.get()).await;
            self.accept(key)
        })
    }

    fn abort(&self, ticket: agent::Ticket) -> Answer<'_, Result<(), agent::Error>> {
        Box::pin(async move {
            let known = self.0.tickets.borrow().values().any(|open| *open == ticket);
            self.note(Call::Abort(ticket));
            if known { Ok(()) } else { Err(agent::Error::UnknownTicket) }
        })
    }

    fn history(
        &self,
        conversation: String,
        limit: u32,
    ) -> Answer<'_, Result<Vec<agent::Turn>, agent::Error>> {
        Box::pin(async move {
            let turns = self.0.histories.borrow().get(&conversation).cloned().unwrap_or_default();
            self.note(Call::History { conversation, limit });
            let newest = turns.len().saturating_sub(limit as usize);
            Ok(turns[newest..].to_vec())
        })
    }
}
