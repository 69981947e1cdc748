//! Session keys: built so that no two conversations share one, and compared across the gateway's spellings.

use crate::device::hex;
use sha2::{Digest, Sha256};

/// The longest key that the gateway takes, in characters.
pub const LONGEST_KEY: usize = 512;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("build a session key: {agent:?} is no agent's id; give 1 to 64 of a-z, 0-9, '_' and '-'")]
pub struct BadAgent {
    pub agent: String,
}

/// Connectors and accounts longer than this are digested too, so that the key stays under [`LONGEST_KEY`].
const NAME_CHARS: usize = 64;
const CONVERSATION_CHARS: usize = 128;

/// Words between colons that the gateway reads a meaning into: kinds of session, peers, threads, runs of a schedule.
const RESERVED: [&str; 9] = ["acp", "channel", "cron", "direct", "dm", "group", "run", "subagent", "thread"];

/// Whether two keys name the same session: `x` is the gateway's `agent:main:x`, and case does not count. A bare key
/// is taken to be any agent's, since which agent is the default is the gateway's configuration.
pub fn same(a: &str, b: &str) -> bool {
    match (split(a), split(b)) {
        ((Some(one), a), (Some(other), b)) => one.eq_ignore_ascii_case(other) && a.eq_ignore_ascii_case(b),
        ((_, a), (_, b)) => a.eq_ignore_ascii_case(b),
    }
}

/// The key `agent:<agent>:<connector>:<account>:<conversation>`, at most [`LONGEST_KEY`] long. The gateway folds case
/// and splits at colons, so a conversation that is not plain (1 to 128 of `a-z`, `0-9`, `.`, `_`, `-`) becomes `~` and
/// 32 digits of its SHA-256. So does a connector or an account that is not, is longer than 64, or is a word that
/// the gateway reads a meaning into (such as `subagent` or `thread`).
///
/// # Errors
/// The agent is no id: it can't be replaced by a digest, since the gateway looks it up.
pub fn key(agent: &str, connector: &str, account: &str, conversation: &str) -> Result<String, BadAgent> {
    let is_id =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter);
    if agent.is_empty() || agent.len() > NAME_CHARS || !agent.chars().all(is_id) {
        return Err(BadAgent { agent: agent.chars().take(NAME_CHARS).collect() });
    }
    let (connector, account) = (name(connector), name(account));
    Ok(format!("agent:{agent}:{connector}:{account}:{}", plain(conversation, CONVERSATION_CHARS)))
}

/// The agent, if the key names one, and the rest.
fn split(key: &str) -> (Option<&str>, &str) {
    let key = key.trim();
    let agent = key.get(..6).filter(|start| start.eq_ignore_ascii_case("agent:"));
    match agent.and_then(|_| key[6..].split_once(':')) {
        Some((agent, rest)) => (Some(agent), rest),
        None => (None, key),
    }
}

fn name(text: &str) -> String {
    if RESERVED.contains(&text) { digest(text) } else { plain(text, NAME_CHARS) }
}

fn plain(text: &str, longest: usize) -> String {
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter);
    let fits = (1..=longest).contains(&text.len()) && text.chars().all(is_plain);
    if fits { text.to_owned() } else { digest(text) }
}

/// 128 bits: two conversations never meet, and it stays short.
fn digest(text: &str) -> String {
    format!("~{}", hex(&Sha256::digest(text.as_bytes())[..16]))
}
