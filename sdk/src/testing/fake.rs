//! A host that only pretends: notes every call, answers as programmed.

mod crypto;
mod disclose;
mod host;

use super::call::Call;
use super::clock::Clock;
use super::kept::Kept;
use super::ring::Ring;
use super::script::Script;
use super::secrets::Secrets;
use crate::{Descriptor, agent, http, publish, store, websocket};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// A host for tests; clones are the same host.
///
/// Unless told otherwise it grants every subscription, sends every frame, accepts every message for the agent (a key
/// seen before is a duplicate), and panics on a request that no [`on`](Self::on) fits. Its store is a real one, without
/// quota: what was committed is there for the next [`Driver`](super::Driver) too, as after a crash.
///
/// Its key ring too is a real one, and what it signs and hashes is right. But keys are made of their names, and random
/// bytes of their number, so that a test repeats; a key that was forgotten and made again is another. Parts of a text
/// may be the secrets of which the started connector's descriptor says so; without a [`Driver`](super::Driver), any.
///
/// A connector sees as little of secrets as on the real host. What arrives in an answer, or in a frame of a socket that it
/// subscribed to, at a place that its descriptor names in [`capture`](crate::SecretRequest::capture), becomes the secret's
/// value and reads `[captured]`; the rule's keys are those of the configuration that the driver was given. Known values
/// that come back read `[redacted]`: of 6 bytes and more, exactly as they are (the real host finds base64 and escapes
/// too). Without a driver nothing arrives. What is wrong with a request as such (its headers, its limits) only the real
/// host says.
#[derive(Clone, Default)]
pub struct FakeHost(Rc<Fake>);

#[derive(Default)]
pub(super) struct Fake {
    pub(super) clock: Rc<Clock>,
    calls: RefCell<Vec<Call>>,
    secrets: RefCell<Secrets>,
    scripts: RefCell<Vec<Script>>,
    /// Their URLs, by name.
    sockets: RefCell<BTreeMap<String, String>>,
    sends: RefCell<VecDeque<websocket::Error>>,
    subscribes: RefCell<VecDeque<websocket::Error>>,
    /// The one-shots among them are marked.
    timers: RefCell<BTreeMap<String, bool>>,
    store: RefCell<Kept>,
    ring: RefCell<Ring>,
    cryptos: RefCell<VecDeque<crate::crypto::Error>>,
    /// How much of the random bytes was used.
    drawn: RefCell<u64>,
    reads: RefCell<VecDeque<store::Error>>,
    commits: RefCell<VecDeque<store::Error>>,
    store_time: Cell<Duration>,
    tickets: RefCell<BTreeMap<String, agent::Ticket>>,
    dispatches: RefCell<VecDeque<agent::Error>>,
    dispatch_time: Cell<Duration>,
    published: RefCell<BTreeMap<String, Value>>,
    publishes: RefCell<VecDeque<publish::Error>>,
    histories: RefCell<BTreeMap<String, Vec<agent::Turn>>>,
}

/// What the test tells it.
impl FakeHost {
    pub fn new() -> Self {
        Self::default()
    }

    /// The operator configured this secret, whatever its value.
    pub fn secret(&self, name: &str) -> &Self {
        self.0.secrets.borrow_mut().name(name);
        self
    }

    /// The operator configured this secret with this value, or it has arrived earlier. [`crypto`](crate::crypto) needs the
    /// value, and from now on the connector does not see it in what comes back.
    pub fn secret_value(&self, name: &str, value: impl Into<String>) -> &Self {
        self.0.secrets.borrow_mut().set(name, value.into());
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

    /// The next value to be published is refused so.
    pub fn fail_publish(&self, error: publish::Error) -> &Self {
        self.0.publishes.borrow_mut().push_back(error);
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

    /// What is published, also by earlier drivers of this host.
    pub fn published(&self) -> BTreeMap<String, Value> {
        self.0.published.borrow().clone()
    }

    /// Whether this timer is set: always again, or once and not fired yet.
    pub fn has_timer(&self, name: &str) -> bool {
        self.0.timers.borrow().contains_key(name)
    }

    pub fn is_subscribed(&self, name: &str) -> bool {
        self.0.sockets.borrow().contains_key(name)
    }

    /// What the connector's descriptor says of secrets; the operator grants it for this configuration.
    pub(super) fn ask(&self, descriptor: Descriptor, config: &Value) {
        self.0.secrets.borrow_mut().ask(descriptor, config);
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
