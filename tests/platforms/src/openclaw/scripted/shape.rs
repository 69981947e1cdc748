//! Closed objects: what a method may be asked with. Everything else is refused, as the real gateway does.

use serde_json::Value;

use super::refusal::Refusal;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// Text with at least one character.
    Some,
    /// A whole number in this range.
    Number(u64, u64),
    Flag,
    List,
    Object,
    OneOf(&'static [&'static str]),
}

/// A key, whether it must be there, what it holds.
pub(super) type Field = (&'static str, bool, Kind);

pub(super) const REQUEST: &[Field] = &[
    ("type", true, Kind::OneOf(&["req"])),
    ("id", true, Kind::Some),
    ("method", true, Kind::Some),
    ("params", false, Kind::Object),
    ("traceparent", false, Kind::Text),
    ("expectedProfileId", false, Kind::Text),
];

pub(super) const CONNECT: &[Field] = &[
    ("minProtocol", true, Kind::Number(1, 1_000_000)),
    ("maxProtocol", true, Kind::Number(1, 1_000_000)),
    ("client", true, Kind::Object),
    ("role", false, Kind::Some),
    ("scopes", false, Kind::List),
    ("caps", false, Kind::List),
    ("commands", false, Kind::List),
    ("permissions", false, Kind::Object),
    ("device", false, Kind::Object),
    ("auth", false, Kind::Object),
    ("locale", false, Kind::Text),
    ("userAgent", false, Kind::Text),
    ("pathEnv", false, Kind::Text),
];

pub(super) const CLIENT: &[Field] = &[
    (
        "id",
        true,
        Kind::OneOf(&[
            "webchat-ui",
            "openclaw-control-ui",
            "openclaw-browser-copilot",
            "openclaw-tui",
            "webchat",
            "cli",
            "gateway-client",
            "openclaw-macos",
            "openclaw-linux",
            "openclaw-ios",
            "openclaw-watchos",
            "openclaw-android",
            "node-host",
            "openclaw-worker",
            "test",
            "fingerprint",
            "openclaw-probe",
        ]),
    ),
    ("version", true, Kind::Some),
    ("platform", true, Kind::Some),
    ("mode", true, Kind::OneOf(&["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"])),
    ("displayName", false, Kind::Text),
    ("deviceFamily", false, Kind::Text),
    ("modelIdentifier", false, Kind::Text),
    ("buildId", false, Kind::Text),
    ("timeZone", false, Kind::Text),
    ("instanceId", false, Kind::Text),
];

pub(super) const DEVICE: &[Field] = &[
    ("id", true, Kind::Some),
    ("publicKey", true, Kind::Some),
    ("signature", true, Kind::Some),
    ("signedAt", true, Kind::Number(0, u64::MAX)),
    ("nonce", true, Kind::Some),
];

pub(super) const AUTH: &[Field] = &[
    ("token", false, Kind::Text),
    ("deviceToken", false, Kind::Text),
    ("bootstrapToken", false, Kind::Text),
    ("password", false, Kind::Text),
];

const AGENT: &[Field] = &[
    ("message", true, Kind::Some),
    ("idempotencyKey", true, Kind::Some),
    ("sessionKey", false, Kind::Text),
    ("sessionId", false, Kind::Text),
    ("agentId", false, Kind::Some),
    ("provider", false, Kind::Text),
    ("model", false, Kind::Text),
    ("thinking", false, Kind::Text),
    ("deliver", false, Kind::Flag),
    ("attachments", false, Kind::List),
    ("channel", false, Kind::Text),
    ("accountId", false, Kind::Text),
    ("threadId", false, Kind::Text),
    ("groupId", false, Kind::Text),
    ("to", false, Kind::Text),
    ("replyTo", false, Kind::Text),
    // Seconds.
    ("timeout", false, Kind::Number(0, u64::MAX)),
    ("lane", false, Kind::Text),
    ("promptMode", false, Kind::OneOf(&["full", "minimal", "none"])),
    ("extraSystemPrompt", false, Kind::Text),
    ("bootstrapContextMode", false, Kind::OneOf(&["full", "lightweight"])),
    ("inputProvenance", false, Kind::Object),
    ("disableMessageTool", false, Kind::Flag),
    ("forceRestartSafeTools", false, Kind::Flag),
    ("label", false, Kind::Text),
];

const HISTORY: &[Field] = &[
    ("sessionKey", true, Kind::Some),
    ("agentId", false, Kind::Some),
    ("limit", false, Kind::Number(1, 1_000)),
    ("offset", false, Kind::Number(0, u64::MAX)),
    ("maxChars", false, Kind::Number(1, 500_000)),
    ("maxBytes", false, Kind::Number(1_024, u64::MAX)),
    ("sessionId", false, Kind::Some),
];

const PERMISSIONS: Kind = Kind::OneOf(&["read-only", "guarded", "workspace", "full"]);

/// The scope a method needs and what it may be asked with; nothing for a method there is not.
pub(super) fn method(name: &str) -> Option<(Option<&'static str>, &'static [Field])> {
    const READ: Option<&str> = Some("operator.read");
    const WRITE: Option<&str> = Some("operator.write");
    Some(match name {
        "health" => (None, &[("probe", false, Kind::Flag)]),
        "status" | "agents.list" | "system-presence" => (READ, &[]),
        "sessions.list" => (READ, &[("limit", false, Kind::Number(1, 10_000))]),
        "sessions.messages.subscribe" | "sessions.messages.unsubscribe" => {
            (READ, &[("key", true, Kind::Some), ("agentId", false, Kind::Some)])
        }
        "chat.history" => (READ, HISTORY),
        "tools.catalog" => (READ, &[("agentId", false, Kind::Some), ("includePlugins", false, Kind::Flag)]),
        "tools.effective" => (READ, &[("sessionKey", true, Kind::Some), ("agentId", false, Kind::Some)]),
        "agent" => (WRITE, AGENT),
        "chat.abort" => (WRITE, &[("sessionKey", true, Kind::Some), ("runId", false, Kind::Some)]),
        "sessions.create" => (
            WRITE,
            &[
                ("key", false, Kind::Some),
                ("label", false, Kind::Some),
                ("permissionMode", false, PERMISSIONS),
            ],
        ),
        _ => return None,
    })
}

/// Names of all methods.
pub(super) const METHODS: &[&str] = &[
    "agent",
    "agents.list",
    "chat.abort",
    "chat.history",
    "health",
    "sessions.create",
    "sessions.list",
    "sessions.messages.subscribe",
    "sessions.messages.unsubscribe",
    "status",
    "system-presence",
    "tools.catalog",
    "tools.effective",
];

/// Whether the object has what it must have and nothing it may not.
pub(super) fn check(what: &str, value: &Value, fields: &[Field]) -> Result<(), Refusal> {
    let wrong = |message: String| Err(Refusal::invalid(format!("invalid {what} params: {message}")));
    let Some(object) = value.as_object() else { return wrong("at root: must be object".to_owned()) };
    if let Some(unknown) = object.keys().find(|key| !fields.iter().any(|(name, ..)| name == key)) {
        return wrong(format!("at root: unexpected property '{unknown}'"));
    }
    for (name, required, kind) in fields {
        match object.get(*name) {
            None if *required => return wrong(format!("at root: must have required property '{name}'")),
            Some(value) if !fits(value, *kind) => {
                return wrong(format!("at /{name}: must be {}", say(*kind)));
            }
            _ => {}
        }
    }
    Ok(())
}

fn fits(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::Text => value.is_string(),
        Kind::Some => value.as_str().is_some_and(|text| !text.is_empty()),
        Kind::Number(from, to) => value.as_u64().is_some_and(|number| (from..=to).contains(&number)),
        Kind::Flag => value.is_boolean(),
        Kind::List => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::OneOf(names) => value.as_str().is_some_and(|text| names.contains(&text)),
    }
}

fn say(kind: Kind) -> String {
    match kind {
        Kind::Text => "string".to_owned(),
        Kind::Some => "a string of 1 character or more".to_owned(),
        Kind::Number(from, to) => format!("a whole number from {from} to {to}"),
        Kind::Flag => "boolean".to_owned(),
        Kind::List => "array".to_owned(),
        Kind::Object => "object".to_owned(),
        Kind::OneOf(names) => format!("one of {names:?}"),
    }
}
