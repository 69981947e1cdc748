//! What SQLite says, as far as somebody can act on it.
use ports::{journal, store};
use rusqlite::ErrorCode;

#[derive(Debug, Clone)]
pub enum Fault {
    Full,
    /// Of the disk or the lock: the same may succeed later.
    Passing(String),
    /// The same would fail again: a ticket that is not unique, or a bug of ours.
    Lasting(String),
    Closed,
}

impl Fault {
    pub fn passes(&self) -> bool {
        matches!(self, Fault::Full | Fault::Passing(_))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        // NB: SQLite's texts name tables and columns, never values; so they may be shown.
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Fault::Full,
            None
            | Some(
                ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ApiMisuse
                | ErrorCode::ParameterOutOfRange
                | ErrorCode::Unknown,
            ) => Fault::Lasting(error.to_string()),
            Some(_) => Fault::Passing(error.to_string()),
        }
    }
}

impl From<Fault> for journal::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::Full,
            Fault::Passing(text) | Fault::Lasting(text) => Self::Unavailable(text),
            Fault::Closed => Self::Closed,
        }
    }
}

impl From<Fault> for store::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::Full,
            Fault::Passing(text) | Fault::Lasting(text) => Self::Unavailable(text),
            Fault::Closed => Self::Closed,
        }
    }
}
