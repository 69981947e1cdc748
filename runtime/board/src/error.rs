//! Why something cannot be published.
use crate::value::VALUE_BYTES;

pub const KEY_BYTES: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a key has 1 to {KEY_BYTES} bytes and no control characters")]
    Key,
    #[error("the value is not JSON that every reader takes: {0}")]
    Json(String),
    #[error("the value has more than {most} bytes; publish less, or parts under keys of their own")]
    TooLarge { most: usize },
    #[error("all {most} keys are in use; remove one first")]
    Keys { most: usize },
    #[error("keys and values together would have more than {most} bytes; remove some first")]
    Bytes { most: usize },
    #[error("the instance is no more, and nothing is published in its name")]
    Forgotten,
}

impl Error {
    pub(crate) fn too_large() -> Self {
        Self::TooLarge { most: VALUE_BYTES }
    }
}
