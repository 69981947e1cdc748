//! Values that a connector keeps, by key.
use crate::identity::InstanceId;
use futures::future::BoxFuture;

/// Resolves when the change is synced to disk, or when nothing of it was made.
pub type Commit = BoxFuture<'static, Result<u64, Error>>;
pub type Read<T> = BoxFuture<'static, Result<T, Error>>;

/// Keys of one instance are invisible to every other.
pub trait Store: Send + Sync + 'static {
    /// Sees every commit made before the call.
    fn get(&self, instance: &InstanceId, key: &str) -> Read<Option<Entry>>;

    /// Keys that begin with `prefix`, after `after` (exclusive), in byte order, at most `limit`.
    fn list(
        &self,
        instance: &InstanceId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Read<Vec<String>>;

    /// Makes all changes or none, in the order of the calls (it is queued within the call). The result is the version
    /// that the entries set by it have from now on: higher than any before in the instance.
    fn commit(&self, instance: &InstanceId, changes: Vec<Change>, quota: Quota) -> Commit;

    /// What the instance holds now.
    fn usage(&self, instance: &InstanceId) -> Read<Usage>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub value: Vec<u8>,
    /// Another after each change.
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Set {
        key: String,
        value: Vec<u8>,
    },
    /// No such key: nothing happens.
    Delete {
        key: String,
    },
    /// Changes nothing, and lets the commit fail with [`Error::Conflict`] unless the key has this version, as it was
    /// before the commit; `None`: unless there is no such key.
    Expect {
        key: String,
        version: Option<u64>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub keys: u64,
    /// Of keys and values together.
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub keys: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{key:?} was changed meanwhile")]
    Conflict { key: String },
    /// The commit would end above the quota and is larger than what it replaces.
    #[error("{what}: {limit} are possible")]
    Quota { what: &'static str, limit: u64 },
    /// Gone when there is room again.
    #[error("the disk is full")]
    Full,
    #[error("the store cannot be written or read: {0}")]
    Unavailable(String),
    #[error("the process ends")]
    Closed,
}
