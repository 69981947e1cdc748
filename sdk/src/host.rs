//! Off wasm: where a connector's calls go, and how events come to it. Its tests use it, and native hosts can.

pub(crate) mod calls;

pub use crate::running::Running;

use crate::crypto::{Class, Digest, Key, Kind, Part};
use crate::websocket::Frame;
use crate::{Fill, agent, crypto, http, log, publish, status, store, timers, websocket};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// A future of a host; it may borrow the host.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a native host does for its connectors: the imports of all rooms, as one object.
///
/// Implement the rooms that your connectors use; the others panic with their name. Several calls may be under way at
/// once, from tasks of one thread.
#[expect(unused_variables, reason = "the defaults only panic")]
pub trait Host {
    fn log(&self, level: log::Level, message: &str, fields: &[(String, String)]) {
        absent("log")
    }

    fn report(&self, state: status::State, detail: Option<&str>) {
        absent("status")
    }

    fn secret_exists(&self, name: &str) -> bool {
        absent("secrets")
    }

    fn publish_set(&self, key: &str, json: &str) -> Result<(), publish::Error> {
        absent("publish")
    }

    fn publish_remove(&self, key: &str) -> bool {
        absent("publish")
    }

    fn publish_keys(&self) -> Vec<String> {
        absent("publish")
    }

    fn timer_subscribe(&self, name: &str, every: Duration) -> Result<(), timers::Error> {
        absent("timers")
    }

    fn timer_once(&self, name: &str, delay: Duration) -> Result<(), timers::Error> {
        absent("timers")
    }

    fn timer_cancel(&self, name: &str) -> bool {
        absent("timers")
    }

    fn sleep(&self, time: Duration) -> Answer<'_, Result<(), timers::Error>> {
        absent("timers")
    }

    fn now_ms(&self) -> u64 {
        absent("timers")
    }

    fn monotonic_ms(&self) -> u64 {
        absent("timers")
    }

    fn websocket_subscribe(
        &self,
        name: &str,
        url: &str,
        options: websocket::Options,
    ) -> Result<(), websocket::Error> {
        absent("websocket")
    }

    fn websocket_send(
        &self,
        name: String,
        frame: Frame,
        fills: Vec<Fill>,
    ) -> Answer<'_, Result<(), websocket::Error>> {
        absent("websocket")
    }

    fn websocket_reconnect(&self, name: &str) -> Result<(), websocket::Error> {
        absent("websocket")
    }

    fn websocket_close(&self, name: &str) -> Result<(), websocket::Error> {
        absent("websocket")
    }

    fn fetch(&self, request: http::Request) -> Answer<'_, Result<http::Response, http::Error>> {
        absent("http")
    }

    fn store_get(&self, key: String) -> Answer<'_, Result<Option<store::Entry>, store::Error>> {
        absent("store")
    }

    fn store_list(
        &self,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Answer<'_, Result<Vec<String>, store::Error>> {
        absent("store")
    }

    /// Every change comes this way; one alone is a commit of one. Commits take effect in the order of the calls.
    fn store_commit(&self, changes: Vec<store::Change>) -> Answer<'_, Result<store::Version, store::Error>> {
        absent("store")
    }

    fn crypto_random(&self, bytes: u32) -> Result<Vec<u8>, crypto::Error> {
        absent("crypto")
    }

    fn crypto_hash(&self, algorithm: Digest, data: &[u8]) -> Vec<u8> {
        absent("crypto")
    }

    fn crypto_ensure(
        &self,
        name: String,
        kind: Kind,
        class: Class,
    ) -> Answer<'_, Result<Key, crypto::Error>> {
        absent("crypto")
    }

    fn crypto_keys(&self) -> Answer<'_, Result<Vec<Key>, crypto::Error>> {
        absent("crypto")
    }

    fn crypto_forget(&self, name: String) -> Answer<'_, Result<bool, crypto::Error>> {
        absent("crypto")
    }

    fn crypto_sign(&self, key: String, parts: Vec<Part>) -> Answer<'_, Result<Vec<u8>, crypto::Error>> {
        absent("crypto")
    }

    fn crypto_verify_tag(
        &self,
        key: String,
        parts: Vec<Part>,
        tag: Vec<u8>,
    ) -> Answer<'_, Result<bool, crypto::Error>> {
        absent("crypto")
    }

    fn crypto_authenticate(
        &self,
        secret: &str,
        algorithm: Digest,
        parts: Vec<Part>,
    ) -> Result<Vec<u8>, crypto::Error> {
        absent("crypto")
    }

    fn crypto_verify(&self, public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, crypto::Error> {
        absent("crypto")
    }

    fn dispatch(&self, inbound: agent::Inbound) -> Answer<'_, Result<agent::Accepted, agent::Error>> {
        absent("agent")
    }

    fn abort(&self, ticket: agent::Ticket) -> Answer<'_, Result<(), agent::Error>> {
        absent("agent")
    }

    fn history(
        &self,
        conversation: String,
        limit: u32,
    ) -> Answer<'_, Result<Vec<agent::Turn>, agent::Error>> {
        absent("agent")
    }
}

thread_local! {
    static HOST: RefCell<Option<Rc<dyn Host>>> = const { RefCell::new(None) };
}

/// Makes this the host of all connectors on this thread; answers the one before.
pub fn install(host: Rc<dyn Host>) -> Option<Rc<dyn Host>> {
    HOST.replace(Some(host))
}

fn current() -> Rc<dyn Host> {
    HOST.with_borrow(Clone::clone).expect("no host on this thread: call sdk::host::install first")
}

fn absent(room: &str) -> ! {
    panic!("this host has no room `{room}`")
}
