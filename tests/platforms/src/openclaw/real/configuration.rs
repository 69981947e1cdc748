//! `openclaw.json`: as little as a gateway on loopback needs, and nothing that would reach for the network.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value, json};

pub(super) struct Configuration {
    pub(super) port: u16,
    pub(super) token: String,
    file: PathBuf,
    all: Value,
}

impl Configuration {
    pub(super) fn new(folder: &Path, port: u16, token: &str, model: &str, extra: Value) -> Self {
        let mut configuration = Self {
            port,
            token: token.to_owned(),
            file: folder.join("openclaw.json"),
            all: generated(folder, port, token, model),
        };
        configuration.merge(extra);
        configuration
    }

    pub(super) fn merge(&mut self, extra: Value) {
        if !extra.is_null() {
            merge(&mut self.all, extra);
        }
        // Bundled plugins cost seconds at each start.
        let allowed = self.all["plugins"]["allow"].as_array().is_some_and(|allowed| !allowed.is_empty());
        self.all["plugins"]["enabled"] = json!(allowed || self.all.get("channels").is_some());
    }

    /// At once: the gateway watches the file.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{:#}\n", self.all))
            .and_then(|()| fs::rename(&new, &self.file))
            .with_context(|| format!("failed to write {}", self.file.display()))
    }
}

fn generated(folder: &Path, port: u16, token: &str, model: &str) -> Value {
    json!({
        "gateway": {
            "mode": "local", "bind": "loopback", "port": port,
            "auth": { "mode": "token", "token": token },
            "controlUi": { "enabled": false },
        },
        "agents": { "defaults": {
            "workspace": folder.join("workspace"), "skipBootstrap": true,
            "model": { "primary": "fake/echo-1" },
            // Otherwise an idle agent writes to whoever spoke last.
            "heartbeat": { "every": "0m", "target": "none" },
        } },
        "models": {
            "mode": "replace", "catalogRefresh": { "enabled": false },
            // Flaky is for runs that fail: a 401 or 429 closes a provider for a while.
            "providers": { "fake": provider(model, "fake-local"), "flaky": provider(model, "flaky-local") },
        },
        "logging": { "file": folder.join("gateway-file.log") },
        "update": { "checkOnStart": false }, "telemetry": { "enabled": false },
        "discovery": { "mdns": { "mode": "off" } }, "browser": { "enabled": false },
        // Each tool under its own name, instead of behind a search.
        "tools": { "toolSearch": false },
        "plugins": { "allow": [], "slots": { "memory": "none" } },
    })
}

fn provider(url: &str, key: &str) -> Value {
    let model = |id: &str, input: &[&str]| {
        json!({
            "id": id, "name": id, "reasoning": false, "input": input,
            "cost": { "input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0 },
            "contextWindow": 128_000, "maxTokens": 4_096,
        })
    };
    json!({
        "baseUrl": url, "apiKey": key, "api": "openai-completions",
        "models": [model("echo-1", &["text"]), model("eyes-1", &["text", "image"])],
    })
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                if value.is_null() {
                    into.remove(&key);
                } else {
                    let empty = || Value::Object(Map::new());
                    merge(into.entry(key).or_insert_with(empty), value);
                }
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(extra: Value) -> Value {
        Configuration::new(Path::new("/somewhere"), 1, "secret", "http://127.0.0.1:2/v1", extra).all
    }

    #[test]
    fn objects_merge_null_removes_and_all_else_replaces() {
        let all = built(
            json!({ "gateway": { "auth": { "token": null }, "port": [1] }, "new": { "a": { "b": 1 } } }),
        );
        assert_eq!(all["gateway"]["auth"], json!({ "mode": "token" }));
        assert_eq!(all["gateway"]["port"], json!([1]));
        assert_eq!(all["gateway"]["mode"], "local");
        assert_eq!(all["new"]["a"]["b"], 1);
    }

    #[test]
    fn plugins_are_on_only_if_one_is_wanted() {
        assert_eq!(built(Value::Null)["plugins"]["enabled"], false);
        assert_eq!(built(json!({ "plugins": { "allow": ["a2a"] } }))["plugins"]["enabled"], true);
        assert_eq!(built(json!({ "channels": {} }))["plugins"]["enabled"], true);
    }
}
