//! What the fake host does for the connector.

use super::FakeHost;
use crate::crypto::{Class, Digest, Key, Kind, Part};
use crate::host::{Answer, Host};
use crate::testing::call::Call;
use crate::testing::secrets::public;
use crate::testing::sums;
use crate::websocket::{Frame, Options};
use crate::{Fill, agent, crypto, http, log, publish, status, store, timers, websocket};
use serde_json::Value;
use std::time::Duration;

impl Host for FakeHost {
    fn log(&self, level: log::Level, message: &str, fields: &[(String, String)]) {
        self.note(Call::Log { level, message: message.to_owned(), fields: fields.to_vec() });
    }

    fn report(&self, state: status::State, detail: Option<&str>) {
        self.note(Call::Report { state, detail: detail.map(str::to_owned) });
    }

    fn secret_exists(&self, name: &str) -> bool {
        self.0.secrets.borrow().exists(name)
    }

    fn publish_set(&self, key: &str, json: &str) -> Result<(), publish::Error> {
        let value: Value =
            serde_json::from_str(json).map_err(|error| publish::Error::Invalid(format!("json: {error}")))?;
        if !(1..=256).contains(&key.len()) || key.chars().any(char::is_control) {
            return Err(publish::Error::Invalid("key: 1 to 256 bytes without control characters".into()));
        }
        if json.len() > 64 << 10 {
            return Err(publish::Error::Invalid("json: over 64 KiB".into()));
        }
        if let Some(error) = self.0.publishes.borrow_mut().pop_front() {
            return Err(error);
        }
        self.note(Call::Publish { key: key.to_owned(), json: json.to_owned() });
        self.0.published.borrow_mut().insert(key.to_owned(), value);
        Ok(())
    }

    fn publish_remove(&self, key: &str) -> bool {
        self.note(Call::Unpublish { key: key.to_owned() });
        self.0.published.borrow_mut().remove(key).is_some()
    }

    fn publish_keys(&self) -> Vec<String> {
        self.0.published.borrow().keys().cloned().collect()
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
        self.0.sockets.borrow_mut().insert(name.to_owned(), url.to_owned());
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
            let (method, url) = (request.method.clone(), request.url.clone());
            let Some((result, delay)) = answer else { panic!("no answer is programmed for {method} {url}") };
            self.note(Call::Fetch(request));
            self.0.clock.sleep(delay).await;
            let mut response = result?;
            if response.url.is_empty() {
                response.url = url;
            }
            Ok(self.disclosed_answer(&method, response))
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

    fn crypto_random(&self, bytes: u32) -> Result<Vec<u8>, crypto::Error> {
        sums::random(bytes, &mut self.0.drawn.borrow_mut())
    }

    fn crypto_hash(&self, algorithm: Digest, data: &[u8]) -> Vec<u8> {
        sums::hash(algorithm, data)
    }

    fn crypto_ensure(
        &self,
        name: String,
        kind: Kind,
        class: Class,
    ) -> Answer<'_, Result<Key, crypto::Error>> {
        Box::pin(async move {
            self.note(Call::Ensure { name: name.clone(), kind, class });
            self.crypto_works()?;
            self.0.ring.borrow_mut().ensure(&name, kind, class)
        })
    }

    fn crypto_keys(&self) -> Answer<'_, Result<Vec<Key>, crypto::Error>> {
        Box::pin(async move {
            self.note(Call::Keys);
            self.crypto_works()?;
            Ok(self.0.ring.borrow().all())
        })
    }

    fn crypto_forget(&self, name: String) -> Answer<'_, Result<bool, crypto::Error>> {
        Box::pin(async move {
            self.note(Call::Forget { name: name.clone() });
            self.crypto_works()?;
            Ok(self.0.ring.borrow_mut().forget(&name))
        })
    }

    fn crypto_sign(&self, key: String, parts: Vec<Part>) -> Answer<'_, Result<Vec<u8>, crypto::Error>> {
        Box::pin(async move {
            self.note(Call::Sign { key: key.clone(), parts: parts.clone() });
            self.crypto_works()?;
            let ring = self.0.ring.borrow();
            Ok(ring.find(&key)?.sign(&self.0.secrets.borrow().text(&parts, &key)?))
        })
    }

    fn crypto_verify_tag(
        &self,
        key: String,
        parts: Vec<Part>,
        tag: Vec<u8>,
    ) -> Answer<'_, Result<bool, crypto::Error>> {
        Box::pin(async move {
            self.note(Call::VerifyTag { key: key.clone(), parts: parts.clone() });
            self.crypto_works()?;
            let ring = self.0.ring.borrow();
            let held = ring.find(&key)?;
            held.is_hmac()?;
            Ok(held.sign(&self.0.secrets.borrow().text(&parts, &key)?) == tag)
        })
    }

    fn crypto_authenticate(
        &self,
        secret: &str,
        algorithm: Digest,
        parts: Vec<Part>,
    ) -> Result<Vec<u8>, crypto::Error> {
        self.note(Call::Authenticate { secret: secret.to_owned(), algorithm, parts: parts.clone() });
        self.crypto_works()?;
        let secrets = self.0.secrets.borrow();
        Ok(sums::tag(algorithm, secrets.authenticator(secret)?.as_bytes(), &public(&parts)?))
    }

    fn crypto_verify(&self, public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, crypto::Error> {
        sums::verify(public, message, signature)
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
