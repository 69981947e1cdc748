//! State that others may see: a dashboard, or whoever watches the runtime's event stream.
//!
//! Values under keys, kept by the host. A watcher who comes late gets the whole picture first, then the changes. Not for
//! messages (each value replaces the last one, and a slow watcher misses those in between), and not for what must last: it is
//! gone with the host's process. That belongs into the [`store`](crate::store); publish it again in `start`.

use crate::calls;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The argument named is wrong: how.
    #[error("invalid {0}")]
    Invalid(String),
    /// Would end above the instance's keys or bytes (the operator's `publish_keys`, 1,000 by default, and `publish_kib`,
    /// 1,024 by default, keys and values together): remove something. Nothing was changed.
    #[error("too much is published")]
    Quota,
}

/// Replaces the value of a key (1 to 256 bytes without control characters). At most 64 KiB as JSON; the instance's secrets
/// are replaced in it. The same value again tells nobody.
///
/// # Errors
/// `Invalid`, also for a value that is no JSON (a map with keys that are no strings); `Quota`.
pub fn set(key: &str, value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(|error| Error::Invalid(format!("value: {error}")))?;
    calls::publish_set(key, &json)
}

/// False: there was no such key.
pub fn remove(key: &str) -> bool {
    calls::publish_remove(key)
}

/// All keys of this instance, in byte order: what an earlier life of it published is still there.
pub fn keys() -> Vec<String> {
    calls::publish_keys()
}
