//! `backend = "openai"`: its keys, each checked.
use super::{Agent, Written};
use crate::findings::Findings;
use crate::node::{Fields, Node};
use crate::secrets::SecretLine;
use ports::reach::{CheckedUrl, UrlError};
use ports::secret::Secret;
use std::ops::RangeInclusive;

/// A model behind a Chat Completions API.
#[derive(Clone, Debug)]
pub struct OpenAi {
    /// http or https; without query, trailing slash and `/chat/completions`.
    pub base_url: String,
    /// 1 to 256 characters, not all blank.
    pub model: String,
    /// Visible ASCII. `None`: the server needs none.
    pub api_key: Option<Secret>,
    /// What the model is told before everything else; at most 64 KiB.
    pub system: Option<String>,
    /// Earlier turns of the conversation that are sent along. Default 20, range 0 to 200.
    pub memory_turns: u32,
    /// Until an answer begins. Default 120, range 1 to 600.
    pub first_byte_seconds: u32,
    /// Between two pieces of an answer. Default 60, range 1 to 600.
    pub idle_seconds: u32,
}

/// All that stand in the table, next to `backend`.
pub(super) const KEYS: [&str; 7] =
    ["base_url", "model", "api_key", "system", "memory_turns", "first_byte_seconds", "idle_seconds"];

/// The names we know have less than 100.
const MAX_MODEL_CHARS: usize = 256;

/// Default and range. 20 fill a screen, 200 are what people scroll back; every message pays for them.
const MEMORY_TURNS: (u32, RangeInclusive<u32>) = (20, 0..=200);

/// A large model thinks, or is loaded, before it speaks.
const FIRST_BYTE_SECONDS: (u32, RangeInclusive<u32>) = (120, 1..=600);

/// Who has begun to speak goes on; a silent minute is a dead connection.
const IDLE_SECONDS: (u32, RangeInclusive<u32>) = (60, 1..=600);

/// What the backend adds to the base.
const PATH: &str = "/chat/completions";

const URL: &str = "\"https://api.openai.com/v1\"";
const MODEL: &str = "\"gpt-5-mini\"";
const API_KEY: &str = "{ env = \"OPENAI_API_KEY\" }";

pub(super) fn read(fields: &mut Fields<'_>, around: &Node<'_>, findings: &mut Findings) -> Option<Written> {
    let base_url = fields.required("base_url", URL, around, findings);
    let base_url = base_url.and_then(|node| base(&node, findings));
    let model = fields.required("model", MODEL, around, findings);
    let model = model.and_then(|node| name(&node, findings));
    let api_key = fields.take("api_key").and_then(|node| SecretLine::read(API_KEY, &node, findings));
    let system = fields.take("system").and_then(|node| super::prompt(&node, findings));
    let mut number = |name, (default, range)| {
        let written = fields.take(name).and_then(|node| node.number(findings, range));
        written.unwrap_or(default)
    };
    let memory_turns = number("memory_turns", MEMORY_TURNS);
    let first_byte_seconds = number("first_byte_seconds", FIRST_BYTE_SECONDS);
    let idle_seconds = number("idle_seconds", IDLE_SECONDS);
    let (base_url, model) = (base_url?, model?);
    let openai =
        OpenAi { base_url, model, api_key: None, system, memory_turns, first_byte_seconds, idle_seconds };
    Some(Written { agent: Agent::OpenAi(Box::new(openai)), key: api_key })
}

fn base(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = node.text(findings, URL)?;
    if text.contains(['@', '?', '#']) {
        // It may be a password or a key.
        node.hide(findings);
    }
    let instead = format!("write one such as {URL}");
    let (what, help) = match CheckedUrl::parse(text) {
        Ok(url) if url.is_websocket() => ("the scheme is http or https".into(), instead),
        Err(UrlError::Scheme(_)) => ("the scheme is http or https".into(), instead),
        Ok(url) if url.as_url().query().is_some() => without(),
        Err(UrlError::Userinfo | UrlError::Fragment) => without(),
        Err(bad) => (bad.to_string(), instead),
        Ok(url) => match url.as_str().trim_end_matches('/') {
            base if base.ends_with(PATH) => (format!("{PATH} is added to it"), "leave it out".into()),
            base => return Some(base.into()),
        },
    };
    node.wrong(findings, what, help);
    None
}

fn without() -> (String, String) {
    let what = "a base URL has no user name, password, query or fragment";
    (what.into(), "write the URL without; for the key there is api_key".into())
}

fn name(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = node.text(findings, MODEL)?;
    if name.trim().is_empty() || name.chars().count() > MAX_MODEL_CHARS {
        let what = format!("a model's name has 1 to {MAX_MODEL_CHARS} characters");
        node.wrong(findings, what, format!("write one such as {MODEL}"));
        return None;
    }
    Some(name.into())
}
