//! The native side of every room's functions: to the thread's host.

use super::current;
use crate::crypto::{Class, Digest, Key, Kind, Part};
use crate::store::{Change, Entry, Version};
use crate::websocket::{Frame, Options};
use crate::{Fill, agent, crypto, http, log, publish, status, store, timers, websocket};
use std::time::Duration;

pub(crate) fn log(level: log::Level, message: &str, fields: &[(String, String)]) {
    current().log(level, message, fields);
}

pub(crate) fn report(state: status::State, detail: Option<&str>) {
    current().report(state, detail);
}

pub(crate) fn secret_exists(name: &str) -> bool {
    current().secret_exists(name)
}

pub(crate) fn publish_set(key: &str, json: &str) -> Result<(), publish::Error> {
    current().publish_set(key, json)
}

pub(crate) fn publish_remove(key: &str) -> bool {
    current().publish_remove(key)
}

pub(crate) fn publish_keys() -> Vec<String> {
    current().publish_keys()
}

pub(crate) fn timer_subscribe(name: &str, every: Duration) -> Result<(), timers::Error> {
    current().timer_subscribe(name, every)
}

pub(crate) fn timer_once(name: &str, delay: Duration) -> Result<(), timers::Error> {
    current().timer_once(name, delay)
}

pub(crate) fn timer_cancel(name: &str) -> bool {
    current().timer_cancel(name)
}

pub(crate) async fn sleep(time: Duration) -> Result<(), timers::Error> {
    current().sleep(time).await
}

pub(crate) fn now_ms() -> u64 {
    current().now_ms()
}

pub(crate) fn monotonic_ms() -> u64 {
    current().monotonic_ms()
}

pub(crate) fn websocket_subscribe(name: &str, url: &str, options: Options) -> Result<(), websocket::Error> {
    current().websocket_subscribe(name, url, options)
}

pub(crate) async fn websocket_send(
    name: String,
    frame: Frame,
    fills: Vec<Fill>,
) -> Result<(), websocket::Error> {
    current().websocket_send(name, frame, fills).await
}

pub(crate) fn websocket_reconnect(name: &str) -> Result<(), websocket::Error> {
    current().websocket_reconnect(name)
}

pub(crate) fn websocket_close(name: &str) -> Result<(), websocket::Error> {
    current().websocket_close(name)
}

pub(crate) async fn fetch(request: http::Request) -> Result<http::Response, http::Error> {
    current().fetch(request).await
}

pub(crate) async fn store_get(key: String) -> Result<Option<Entry>, store::Error> {
    current().store_get(key).await
}

pub(crate) async fn store_set(key: String, value: Vec<u8>) -> Result<Version, store::Error> {
    store_commit(vec![Change::Set(key, value)]).await
}

pub(crate) async fn store_delete(key: String) -> Result<(), store::Error> {
    store_commit(vec![Change::Delete(key)]).await.map(drop)
}

pub(crate) async fn store_list(
    prefix: String,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<String>, store::Error> {
    current().store_list(prefix, after, limit).await
}

pub(crate) async fn store_compare_and_swap(
    key: String,
    expected: Option<Version>,
    value: Vec<u8>,
) -> Result<Version, store::Error> {
    store_commit(vec![Change::Expect(key.clone(), expected), Change::Set(key, value)]).await
}

pub(crate) async fn store_commit(changes: Vec<Change>) -> Result<Version, store::Error> {
    current().store_commit(changes).await
}

pub(crate) fn crypto_random(bytes: u32) -> Result<Vec<u8>, crypto::Error> {
    current().crypto_random(bytes)
}

pub(crate) fn crypto_hash(algorithm: Digest, data: &[u8]) -> Vec<u8> {
    current().crypto_hash(algorithm, data)
}

pub(crate) async fn crypto_ensure(name: String, kind: Kind, class: Class) -> Result<Key, crypto::Error> {
    current().crypto_ensure(name, kind, class).await
}

pub(crate) async fn crypto_keys() -> Result<Vec<Key>, crypto::Error> {
    current().crypto_keys().await
}

pub(crate) async fn crypto_forget(name: String) -> Result<bool, crypto::Error> {
    current().crypto_forget(name).await
}

pub(crate) async fn crypto_sign(key: String, parts: Vec<Part>) -> Result<Vec<u8>, crypto::Error> {
    current().crypto_sign(key, parts).await
}

pub(crate) async fn crypto_verify_tag(
    key: String,
    parts: Vec<Part>,
    tag: Vec<u8>,
) -> Result<bool, crypto::Error> {
    current().crypto_verify_tag(key, parts, tag).await
}

pub(crate) fn crypto_authenticate(
    secret: &str,
    algorithm: Digest,
    parts: Vec<Part>,
) -> Result<Vec<u8>, crypto::Error> {
    current().crypto_authenticate(secret, algorithm, parts)
}

pub(crate) fn crypto_verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, crypto::Error> {
    current().crypto_verify(public, message, signature)
}

pub(crate) async fn dispatch(inbound: agent::Inbound) -> Result<agent::Accepted, agent::Error> {
    current().dispatch(inbound).await
}

pub(crate) async fn abort(ticket: agent::Ticket) -> Result<(), agent::Error> {
    current().abort(ticket).await
}

pub(crate) async fn history(conversation: String, limit: u32) -> Result<Vec<agent::Turn>, agent::Error> {
    current().history(conversation, limit).await
}
