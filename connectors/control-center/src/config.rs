//! The configuration of one connection.

use sdk::StartError;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Where a gateway listens when nothing else is configured.
pub(crate) const DEFAULT_URL: &str = "ws://127.0.0.1:18789";
pub(crate) const DEFAULT_SESSIONS: u64 = 200;
/// More would not fit beside agents and presence into what an instance may publish by default.
pub(crate) const MOST_SESSIONS: u64 = 500;
pub(crate) const MOST_METHODS: usize = 200;

/// What the agent may ask for unless the operator says otherwise. All of it only reads; what shows other people's
/// messages, files, logs or the gateway's configuration is left to the operator to add.
pub(crate) const DEFAULT_METHODS: [&str; 16] = [
    "agent.identity.get",
    "agents.list",
    "channels.status",
    "commands.list",
    "cron.status",
    "gateway.identity.get",
    "health",
    "last-heartbeat",
    "models.list",
    "node.list",
    "sessions.resolve",
    "status",
    "system-presence",
    "tools.catalog",
    "tools.effective",
    "usage.status",
];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    gateway_url: Option<String>,
    methods: Option<Vec<String>>,
    sessions: Option<u64>,
}

/// A configuration that was checked.
#[derive(Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) url: String,
    /// Exact names.
    pub(crate) methods: BTreeSet<String>,
    /// How many are shown.
    pub(crate) sessions: usize,
}

impl Config {
    /// # Errors
    /// All that is wrong, each with its key.
    pub(crate) fn checked(self) -> Result<Settings, StartError> {
        let mut wrong = Vec::new();
        let url = self.gateway_url.unwrap_or_else(|| DEFAULT_URL.into()).trim_end_matches('/').to_owned();
        if let Err(how) = is_socket(&url) {
            wrong.push(format!("gatewayUrl: {how}"));
        }
        let methods = self.methods.unwrap_or_else(|| DEFAULT_METHODS.map(str::to_owned).to_vec());
        if methods.len() > MOST_METHODS {
            wrong.push(format!("methods: at most {MOST_METHODS}"));
        }
        if let Some(method) = methods.iter().find(|method| !is_method(method)) {
            let method: String = method.chars().take(64).collect();
            wrong.push(format!("methods: {method:?} is not the name of a method that can be asked for"));
        }
        let sessions = self.sessions.unwrap_or(DEFAULT_SESSIONS);
        if sessions > MOST_SESSIONS {
            wrong.push(format!("sessions: 0 to {MOST_SESSIONS}"));
        }
        if !wrong.is_empty() {
            return Err(StartError::Configuration(wrong.join("; ")));
        }
        let sessions = usize::try_from(sessions).unwrap_or_default();
        Ok(Settings { url, methods: methods.into_iter().collect(), sessions })
    }
}

fn is_socket(url: &str) -> Result<(), &'static str> {
    let Some((scheme, rest)) = url.split_once("://") else { return Err("not a URL") };
    if scheme != "ws" && scheme != "wss" {
        return Err("must begin with ws:// or wss://");
    }
    if rest.is_empty() || rest.starts_with('/') {
        return Err("has no host");
    }
    if rest.contains(['?', '#', '@']) || rest.contains(char::is_whitespace) {
        return Err(
            "must be plain: no user, query, fragment or blank (the token is the secret gatewayToken)",
        );
    }
    Ok(())
}

/// `connect` is the handshake's own: a second one ends the connection.
fn is_method(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (1..=64).contains(&name.len()) && name.chars().all(plain) && name != "connect"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(config: Value) -> Result<Settings, String> {
        let config: Config = serde_json::from_value(config).map_err(|error| error.to_string())?;
        config.checked().map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_configuration_there_are_defaults() {
        let settings = checked(json!({})).unwrap();
        assert_eq!((settings.url.as_str(), settings.sessions), (DEFAULT_URL, 200));
        assert_eq!(settings.methods.len(), DEFAULT_METHODS.len());
    }

    #[test]
    fn what_is_configured_counts() {
        let wanted = json!({ "gatewayUrl": "wss://gateway.test/ws/", "methods": ["health"], "sessions": 0 });
        let settings = checked(wanted).unwrap();
        assert_eq!((settings.url.as_str(), settings.sessions), ("wss://gateway.test/ws", 0));
        assert_eq!(settings.methods, BTreeSet::from(["health".to_owned()]));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wanted = json!({ "gatewayUrl": "http://a", "methods": ["a b"], "sessions": 501 });
        let how = checked(wanted).unwrap_err();
        assert!(how.contains("gatewayUrl") && how.contains("methods") && how.contains("sessions"), "{how}");
    }

    #[test]
    fn what_is_no_gateway_or_method_is_refused() {
        for url in ["", "gateway.test", "ws://", "ws:///x", "ws://a?b", "ws://a b", "ws://user@a"] {
            assert!(checked(json!({ "gatewayUrl": url })).is_err(), "{url}");
        }
        for method in ["", "connect", "*", "é"] {
            assert!(checked(json!({ "methods": [method] })).is_err(), "{method}");
        }
        assert!(checked(json!({ "gatewayURL": "ws://a" })).is_err());
    }
}
