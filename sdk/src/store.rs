//! Values that outlive the instance and the process. Each instance has its own; no other sees them. Not for messages:
//! what [`agent::dispatch`](crate::agent::dispatch) accepted is kept already.
//!
//! ```no_run
//! # async fn example() -> Result<(), sdk::store::Error> {
//! use sdk::store::{self, Change};
//!
//! let seen = store::get_json::<u64>("seen").await?.unwrap_or(0);
//! store::commit(vec![Change::set_json("seen", &(seen + 1))?, Change::delete("draft")]).await?;
//! # Ok(()) }
//! ```

use crate::calls;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Another after each change of a key.
pub type Version = u64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub value: Vec<u8>,
    pub version: Version,
}

/// One step of a [`commit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Key and value. A key has 1 to 512 bytes of UTF-8; a value at most 256 KiB.
    Set(String, Vec<u8>),
    /// A key that does not exist changes nothing.
    Delete(String),
    /// Changes nothing; the commit ends with `Conflict` unless the key has this version as it was before the commit.
    /// None: unless there is no such key.
    Expect(String, Option<Version>),
}

impl Change {
    pub fn set(key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self::Set(key.into(), value.into())
    }

    /// # Errors
    /// `Invalid` for what cannot be written as JSON.
    pub fn set_json(key: impl Into<String>, value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        Ok(Self::Set(key.into(), json(value)?))
    }

    pub fn delete(key: impl Into<String>) -> Self {
        Self::Delete(key.into())
    }

    pub fn expect(key: impl Into<String>, version: Option<Version>) -> Self {
        Self::Expect(key.into(), version)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The argument named is wrong: how. Of the functions for JSON also: the value is not JSON of this shape.
    #[error("invalid {0}")]
    Invalid(String),
    /// This key was changed meanwhile: read again, then decide.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    /// Would end above the instance's keys or bytes (the operator's `store_keys` and `store_kib`): delete something. Or 64
    /// calls, or 4 MiB of changes, are under way: wait for one. Nothing was changed.
    #[error("over the quota of {0}")]
    Quota(String),
    /// The disk is full or fails. Nothing was changed: answer `Retry`.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The handler that waits is out of time: return. The change may have been made.
    #[error("out of time")]
    Timeout,
}

/// The newest value, one's own finished changes included. None: no such key.
///
/// # Errors
/// `Invalid`, `Quota`, `Unavailable`, `Timeout`.
pub async fn get(key: &str) -> Result<Option<Entry>, Error> {
    calls::store_get(key.to_owned()).await
}

/// As [`get`], of a value that was written as JSON.
///
/// # Errors
/// Those of [`get`], and `Invalid` when the value is something else.
pub async fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    let parse = |entry: Entry| serde_json::from_slice(&entry.value);
    get(key).await?.map(parse).transpose().map_err(|error| Error::Invalid(format!("value of {key}: {error}")))
}

/// Returns when the value is synced to disk. The version is the entry's from now on.
///
/// # Errors
/// `Invalid`, `Quota`, `Unavailable`, `Timeout`.
pub async fn set(key: &str, value: impl Into<Vec<u8>>) -> Result<Version, Error> {
    calls::store_set(key.to_owned(), value.into()).await
}

/// As [`set`], written as JSON.
///
/// # Errors
/// Those of [`set`].
pub async fn set_json(key: &str, value: &(impl Serialize + ?Sized)) -> Result<Version, Error> {
    set(key, json(value)?).await
}

/// Returns when the change is synced to disk. A key that does not exist is no error.
///
/// # Errors
/// `Invalid`, `Quota`, `Unavailable`, `Timeout`.
pub async fn delete(key: &str) -> Result<(), Error> {
    calls::store_delete(key.to_owned()).await
}

/// Keys that begin with `prefix` and come after `after` (exclusive), in byte order. `limit`: 1 to 1,000.
///
/// # Errors
/// `Invalid`, `Quota`, `Unavailable`, `Timeout`.
pub async fn list(prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
    calls::store_list(prefix.to_owned(), after.map(str::to_owned), limit).await
}

/// Sets the value if the key still has the version `expected` (none: if there is no such key).
///
/// # Errors
/// `Conflict`, and those of [`set`].
pub async fn compare_and_swap(
    key: &str,
    expected: Option<Version>,
    value: impl Into<Vec<u8>>,
) -> Result<Version, Error> {
    calls::store_compare_and_swap(key.to_owned(), expected, value.into()).await
}

/// All changes or none, at most 64 and 1 MiB together; returns when they are synced to disk.
///
/// Commits take effect in the order of the calls. The version is that of every entry that was set.
///
/// # Errors
/// `Invalid`, `Conflict`, `Quota`, `Unavailable`, `Timeout`.
pub async fn commit(changes: Vec<Change>) -> Result<Version, Error> {
    calls::store_commit(changes).await
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Invalid(format!("value: {error}")))
}
