//! The guest's calls: friendly types in, bindings out.

use super::bindings;
use super::convert::all;
use crate::crypto::{Class, Digest, Key, Kind, Part};
use crate::store::{Change, Entry, Version};
use crate::types::millis;
use crate::websocket::{Frame, Options};
use crate::{Fill, agent, crypto, http, log, publish, status, store, timers, websocket};
use std::time::Duration;

use bindings::agent::connector::runtime::agent as wit_agent;
use bindings::crypto::connector::runtime::crypto as wit_crypto;
use bindings::http::connector::runtime::http as wit_http;
use bindings::log::connector::runtime::log as wit_log;
use bindings::publish::connector::runtime::publish as wit_publish;
use bindings::secrets::connector::runtime::secrets as wit_secrets;
use bindings::status::connector::runtime::status as wit_status;
use bindings::store::connector::runtime::store as wit_store;
use bindings::timers::connector::runtime::timers as wit_timers;
use bindings::websocket::connector::runtime::websocket as wit_websocket;

pub(crate) fn log(level: log::Level, message: &str, fields: &[(String, String)]) {
    wit_log::write(level.into(), message, fields);
}

pub(crate) fn report(state: status::State, detail: Option<&str>) {
    wit_status::report(state.into(), detail);
}

pub(crate) fn secret_exists(name: &str) -> bool {
    wit_secrets::exists(name)
}

pub(crate) fn publish_set(key: &str, json: &str) -> Result<(), publish::Error> {
    Ok(wit_publish::set(key, json)?)
}

pub(crate) fn publish_remove(key: &str) -> bool {
    wit_publish::remove(key)
}

pub(crate) fn publish_keys() -> Vec<String> {
    wit_publish::keys()
}

pub(crate) fn timer_subscribe(name: &str, every: Duration) -> Result<(), timers::Error> {
    Ok(wit_timers::subscribe(name, millis(every))?)
}

pub(crate) fn timer_once(name: &str, delay: Duration) -> Result<(), timers::Error> {
    Ok(wit_timers::once(name, millis(delay))?)
}

pub(crate) fn timer_cancel(name: &str) -> bool {
    wit_timers::cancel(name)
}

pub(crate) async fn sleep(time: Duration) -> Result<(), timers::Error> {
    Ok(wit_timers::sleep(millis(time)).await?)
}

pub(crate) fn now_ms() -> u64 {
    wit_timers::now()
}

pub(crate) fn monotonic_ms() -> u64 {
    wit_timers::monotonic()
}

pub(crate) fn websocket_subscribe(name: &str, url: &str, options: Options) -> Result<(), websocket::Error> {
    Ok(wit_websocket::subscribe(name, url, &options.into())?)
}

pub(crate) async fn websocket_send(
    name: String,
    frame: Frame,
    fills: Vec<Fill>,
) -> Result<(), websocket::Error> {
    Ok(wit_websocket::send(name, frame.into(), all(fills)).await?)
}

pub(crate) fn websocket_reconnect(name: &str) -> Result<(), websocket::Error> {
    Ok(wit_websocket::reconnect(name)?)
}

pub(crate) fn websocket_close(name: &str) -> Result<(), websocket::Error> {
    Ok(wit_websocket::close(name)?)
}

pub(crate) async fn fetch(request: http::Request) -> Result<http::Response, http::Error> {
    Ok(wit_http::fetch(request.into()).await?.into())
}

pub(crate) async fn store_get(key: String) -> Result<Option<Entry>, store::Error> {
    Ok(wit_store::get(key).await?.map(Into::into))
}

pub(crate) async fn store_set(key: String, value: Vec<u8>) -> Result<Version, store::Error> {
    Ok(wit_store::set(key, value).await?)
}

pub(crate) async fn store_delete(key: String) -> Result<(), store::Error> {
    Ok(wit_store::delete(key).await?)
}

pub(crate) async fn store_list(
    prefix: String,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<String>, store::Error> {
    Ok(wit_store::list(prefix, after, limit).await?)
}

pub(crate) async fn store_compare_and_swap(
    key: String,
    expected: Option<Version>,
    value: Vec<u8>,
) -> Result<Version, store::Error> {
    Ok(wit_store::compare_and_swap(key, expected, value).await?)
}

pub(crate) async fn store_commit(changes: Vec<Change>) -> Result<Version, store::Error> {
    Ok(wit_store::commit(all(changes)).await?)
}

pub(crate) fn crypto_random(bytes: u32) -> Result<Vec<u8>, crypto::Error> {
    Ok(wit_crypto::random(bytes)?)
}

pub(crate) fn crypto_hash(algorithm: Digest, data: &[u8]) -> Vec<u8> {
    wit_crypto::hash(algorithm.into(), data)
}

pub(crate) async fn crypto_ensure(name: String, kind: Kind, class: Class) -> Result<Key, crypto::Error> {
    Ok(wit_crypto::ensure(name, kind.into(), class.into()).await?.into())
}

pub(crate) async fn crypto_keys() -> Result<Vec<Key>, crypto::Error> {
    Ok(all(wit_crypto::keys().await?))
}

pub(crate) async fn crypto_forget(name: String) -> Result<bool, crypto::Error> {
    Ok(wit_crypto::forget(name).await?)
}

pub(crate) async fn crypto_sign(key: String, parts: Vec<Part>) -> Result<Vec<u8>, crypto::Error> {
    Ok(wit_crypto::sign(key, all(parts)).await?)
}

pub(crate) async fn crypto_verify_tag(
    key: String,
    parts: Vec<Part>,
    tag: Vec<u8>,
) -> Result<bool, crypto::Error> {
    Ok(wit_crypto::verify_tag(key, all(parts), tag).await?)
}

pub(crate) fn crypto_authenticate(
    secret: &str,
    algorithm: Digest,
    parts: Vec<Part>,
) -> Result<Vec<u8>, crypto::Error> {
    Ok(wit_crypto::authenticate(secret, algorithm.into(), &all::<_, wit_crypto::Part>(parts))?)
}

pub(crate) fn crypto_verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, crypto::Error> {
    Ok(wit_crypto::verify(public, message, signature)?)
}

pub(crate) async fn dispatch(inbound: agent::Inbound) -> Result<agent::Accepted, agent::Error> {
    Ok(wit_agent::dispatch(inbound.into()).await?.into())
}

pub(crate) async fn abort(ticket: agent::Ticket) -> Result<(), agent::Error> {
    Ok(wit_agent::abort(ticket.0).await?)
}

pub(crate) async fn history(conversation: String, limit: u32) -> Result<Vec<agent::Turn>, agent::Error> {
    Ok(all(wit_agent::history(conversation, limit).await?))
}
