//! `backend = "openclaw"`: its keys, each checked.
use super::{Agent, Written};
use crate::findings::Findings;
use crate::nearest;
use crate::node::{Fields, Node};
use crate::secrets::SecretLine;
use ports::reach::{CheckedUrl, UrlError};
use ports::secret::Secret;
use std::collections::BTreeMap;

/// An OpenClaw gateway.
#[derive(Clone, Debug)]
pub struct OpenClaw {
    /// ws or wss, without query.
    pub url: String,
    /// The gateway's shared token; visible ASCII. `None`: the device is paired already, or has to be by hand.
    pub token: Option<Secret>,
    /// Which of the gateway's agents answers; 1 to 64 characters of `a-z 0-9 - _`. Default `main`.
    pub agent: String,
    /// Another one for a connector (`occum`) or one account of it (`occum/work`).
    pub agents: BTreeMap<String, String>,
    /// What the agent is told with each message; at most 64 KiB.
    pub system: Option<String>,
    /// The gateway's permission mode of our sessions, one of [`PERMISSIONS`]; `agent` is as the agent itself is configured.
    pub permissions: &'static str,
}

/// The first is the default.
pub const PERMISSIONS: [&str; 4] = ["read-only", "guarded", "workspace", "agent"];

/// All that stand in the table, next to `backend`.
pub(super) const KEYS: [&str; 6] = ["url", "token", "agent", "agents", "system", "permissions"];

const URL: &str = "\"ws://127.0.0.1:18789\"";
const TOKEN: &str = "{ env = \"OPENCLAW_GATEWAY_TOKEN\" }";
const AGENT: &str = "\"main\"";
const MAX_AGENT_CHARS: usize = 64;

pub(super) fn read(fields: &mut Fields<'_>, around: &Node<'_>, findings: &mut Findings) -> Option<Written> {
    let url = fields.required("url", URL, around, findings).and_then(|node| gateway(&node, findings));
    let token = fields.take("token").and_then(|node| SecretLine::read(TOKEN, &node, findings));
    let agent = fields.take("agent").and_then(|node| name(&node, findings));
    let shape = "a table such as { occum = \"bridge\" }";
    let agents = fields.take("agents").and_then(|node| node.table(findings, shape));
    let agents = agents.into_iter().flat_map(Fields::all);
    let agents =
        agents.filter_map(|(whose, _, node)| Some((whose.to_owned(), name(&node, findings)?))).collect();
    let system = fields.take("system").and_then(|node| super::prompt(&node, findings));
    let permissions = fields.take("permissions").and_then(|node| permissions(&node, findings));
    let agent = agent.unwrap_or_else(|| "main".into());
    let permissions = permissions.unwrap_or(PERMISSIONS[0]);
    let openclaw = OpenClaw { url: url?, token: None, agent, agents, system, permissions };
    Some(Written { agent: Agent::OpenClaw(Box::new(openclaw)), key: token })
}

fn gateway(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let text = node.text(findings, URL)?;
    if text.contains(['@', '?', '#']) {
        // It may be a password or a token.
        node.hide(findings);
    }
    let instead = format!("write one such as {URL}");
    let without = || {
        let what = "a gateway's URL has no user name, password, query or fragment";
        (what.to_owned(), "write the URL without; for the token there is token".to_owned())
    };
    let (what, help) = match CheckedUrl::parse(text) {
        Ok(url) if !url.is_websocket() => ("the scheme is ws or wss".into(), instead),
        Err(UrlError::Scheme(_)) => ("the scheme is ws or wss".into(), instead),
        Ok(url) if url.as_url().query().is_some() => without(),
        Err(UrlError::Userinfo | UrlError::Fragment) => without(),
        Err(bad) => (bad.to_string(), instead),
        Ok(url) => return Some(url.as_str().into()),
    };
    node.wrong(findings, what, help);
    None
}

fn permissions(node: &Node<'_>, findings: &mut Findings) -> Option<&'static str> {
    let text = node.text(findings, "\"read-only\"")?;
    let known = PERMISSIONS.into_iter().find(|known| *known == text);
    if known.is_none() {
        node.wrong(
            findings,
            format!("there is no permission mode {text:?}"),
            nearest::hint(text, PERMISSIONS),
        );
    }
    known
}

fn name(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = node.text(findings, AGENT)?;
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
    if name.is_empty() || name.len() > MAX_AGENT_CHARS || !name.chars().all(fits) {
        let what = format!("an agent's id has 1 to {MAX_AGENT_CHARS} characters of a-z, 0-9, '-' and '_'");
        node.wrong(findings, what, "write one that `openclaw agents list` shows");
        return None;
    }
    Some(name.into())
}
