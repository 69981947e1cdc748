//! Why the ring cannot be used right now, in words for the operator.
use crate::arrivals::MOST_ARRIVED;
use crate::line::MOST_WAITING;
use ports::keys::KeyError;
use ports::secret::MAX_SECRET_BYTES;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{path}: {source}")]
    Disk {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "{path} is sealed under another operator's key, or damaged: give the former key beside the new one, \
         or bring the file back from a backup; what is lost for good is to be deleted by hand"
    )]
    Sealed { path: PathBuf },
    #[error("{path} is of format {found}, this runtime knows 1: run a newer one, or it is damaged")]
    Newer { path: PathBuf, found: u8 },
    #[error("{MOST_ARRIVED} secrets have arrived for the instance, and no more are kept")]
    Crowded,
    #[error("a secret has 1 to {MAX_SECRET_BYTES} bytes, and its name 1 to 64 without control characters")]
    Unfit,
    #[error("{MOST_WAITING} calls of the instance wait for the disk already")]
    Busy,
    #[error("no randomness: {0}")]
    Random(#[source] io::Error),
    #[error("the host is stopping")]
    Stopped,
}

impl Fault {
    /// For `map_err`.
    pub fn of(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { path: path.into(), source }
    }
}

impl From<Fault> for KeyError {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault.to_string())
    }
}
