use crate::guest::bindings::store::connector::runtime::store as wit;
use crate::store::{Change, Entry, Error};

impl From<wit::Entry> for Entry {
    fn from(entry: wit::Entry) -> Self {
        Self { value: entry.value, version: entry.version }
    }
}

impl From<Change> for wit::Change {
    fn from(change: Change) -> Self {
        match change {
            Change::Set(key, value) => Self::Set((key, value)),
            Change::Delete(key) => Self::Delete(key),
            Change::Expect(key, version) => Self::Expect((key, version)),
        }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Invalid(what) => Self::Invalid(what),
            wit::Error::Conflict(key) => Self::Conflict(key),
            wit::Error::Quota(what) => Self::Quota(what),
            wit::Error::Unavailable(why) => Self::Unavailable(why),
            wit::Error::Timeout => Self::Timeout,
        }
    }
}
