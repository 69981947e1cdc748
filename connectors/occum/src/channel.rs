//! Channel ids, checked before they go into a path: they come from the platform, but from the agent and its model too.

use serde::{Deserialize, Serialize};
use std::fmt;

/// 1 to 64 characters of `A-Z a-z 0-9 - _`. The platform's are UUIDs; nothing here depends on more than being harmless.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ChannelId(String);

#[derive(Debug, thiserror::Error)]
#[error("not a channel id")]
pub(crate) struct NotAChannel;

impl TryFrom<String> for ChannelId {
    type Error = NotAChannel;

    fn try_from(id: String) -> Result<Self, NotAChannel> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=64).contains(&id.len()) && id.bytes().all(harmless) { Ok(Self(id)) } else { Err(NotAChannel) }
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ChannelId> for String {
    fn from(id: ChannelId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_its_path_segment_is_no_channel() {
        for id in ["", "..", "a/b", "a?b", "a%2f", "a b", "ä", &"x".repeat(65)] {
            assert!(ChannelId::try_from(id.to_owned()).is_err(), "{id}");
        }
        assert!(ChannelId::try_from("01989c2e-7b1a-7cc3-9f54-0d2b6a3e9c11".to_owned()).is_ok());
    }
}
