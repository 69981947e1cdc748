//! What comes back with each reply: enough to post it without remembering anything.

use crate::channel::ChannelId;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Context {
    pub(crate) channel: ChannelId,
    /// The event that is answered.
    pub(crate) event: String,
    /// Its work session.
    pub(crate) session: String,
}

impl Context {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("three strings are always JSON")
    }
}
