//! What the operator configures, and the same once it is known to be right.
use ports::reach::{CheckedUrl, UrlError};
use ports::secret::Secret;
use serde_json::{Map, Value};
use std::time::Duration;

/// As configured. `Options { system: …, ..Options::new(base_url, model) }`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Without `/chat/completions`, such as `https://api.openai.com/v1`. Any address may stand behind it, loopback and
    /// private ones too: it is the operator's own choice, and no message can change it.
    pub base_url: String,
    /// None: no `Authorization` is sent, as for a server on the own machine.
    pub api_key: Option<Secret>,
    pub model: String,
    /// What the model is told before everything else.
    pub system: Option<String>,
    /// Earlier turns of the conversation sent with each message.
    pub memory_turns: usize,
    /// More members of the request's JSON, such as `temperature` or `max_completion_tokens`.
    pub extra: Map<String, Value>,
    pub timeouts: Timeouts,
}

impl Options {
    /// No key, no system prompt, ten turns of memory.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            model: model.into(),
            system: None,
            memory_turns: 10,
            extra: Map::new(),
            timeouts: Timeouts::default(),
        }
    }
}

/// How long the far end may take. There is none for the whole answer: a message has a deadline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the name to the end of the TLS handshake.
    pub connect: Duration,
    /// From there to the first byte of the answer's body. A large model thinks, or is loaded, before it speaks.
    pub first_byte: Duration,
    /// Between two bytes after that. Servers that take longer send comments meanwhile, and those count.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
        }
    }
}

/// Each begins with the option that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("base_url: {0}")]
    Url(#[from] UrlError),
    #[error("base_url: the scheme is http or https")]
    Scheme,
    #[error("base_url: leave out {PATH}, it is added")]
    Path,
    #[error(
        "api_key: a key is not empty and has only visible ASCII characters; look for a line end or a space"
    )]
    Key,
    #[error("model: name one")]
    Model,
    #[error("extra: {0:?} is set by the runtime")]
    Extra(String),
}

const PATH: &str = "/chat/completions";

/// What a request sets by itself. Several choices at once could not be said in one stream.
const OWN: [&str; 4] = ["messages", "model", "n", "stream"];

pub(crate) struct Checked {
    pub(crate) url: CheckedUrl,
    pub(crate) key: Option<Secret>,
    pub(crate) model: String,
    pub(crate) system: Option<String>,
    pub(crate) memory_turns: usize,
    pub(crate) extra: Map<String, Value>,
    pub(crate) timeouts: Timeouts,
}

impl Checked {
    pub(crate) fn new(options: Options) -> Result<Self, Invalid> {
        let Options { base_url, api_key, model, system, memory_turns, extra, timeouts } = options;
        let url = completions(&base_url)?;
        if api_key.as_ref().is_some_and(|key| !is_key(key.expose())) {
            return Err(Invalid::Key);
        }
        if model.trim().is_empty() {
            return Err(Invalid::Model);
        }
        if let Some(own) = OWN.iter().find(|own| extra.contains_key(**own)) {
            return Err(Invalid::Extra((*own).into()));
        }
        let system = system.filter(|system| !system.trim().is_empty());
        Ok(Self { url, key: api_key, model, system, memory_turns, extra, timeouts })
    }
}

/// A query stays behind the path: some servers want their version there.
fn completions(base_url: &str) -> Result<CheckedUrl, Invalid> {
    let base = CheckedUrl::parse(base_url)?;
    if base.is_websocket() {
        return Err(Invalid::Scheme);
    }
    let path = base.path().trim_end_matches('/');
    if path.ends_with(PATH) {
        return Err(Invalid::Path);
    }
    let query = base.as_url().query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok(base.join(&format!("{}{path}{PATH}{query}", base.origin()))?)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn url(base_url: &str) -> Result<String, Invalid> {
        completions(base_url).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn the_path_is_added_with_and_without_a_slash() {
        for (base, expected) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/chat/completions"),
            ("http://[::1]:8080/x?v=1", "http://[::1]:8080/x/chat/completions?v=1"),
        ] {
            assert_eq!(url(base).unwrap(), expected);
        }
        assert_eq!(url("https://api.openai.com/v1/chat/completions/"), Err(Invalid::Path));
        assert_eq!(url("wss://api.openai.com/v1"), Err(Invalid::Scheme));
        assert_eq!(url("https://me:pw@api.openai.com/v1"), Err(Invalid::Url(UrlError::Userinfo)));
    }

    #[test]
    fn a_wrong_option_is_named_and_a_wrong_key_is_not_shown() {
        let good = Options::new("http://localhost/v1", "m");
        let invalid = |options| Checked::new(options).err().map(|invalid| invalid.to_string());
        let key = |key: &str| Options { api_key: Some(Secret::new(key.into())), ..good.clone() };
        assert_eq!(invalid(key("sk-fine")), None);
        for bad in ["", "sk-secret\n", "sk-secret x", "sk-sécret"] {
            let said = invalid(key(bad)).unwrap();
            assert!(said.starts_with("api_key: ") && !said.contains("sk-"), "{said}");
        }
        assert!(invalid(Options { model: " ".into(), ..good.clone() }).unwrap().starts_with("model: "));
        let extra = json!({"temperature": 0.2, "stream": false}).as_object().unwrap().clone();
        let said = invalid(Options { extra, ..good.clone() }).unwrap();
        assert_eq!(said, "extra: \"stream\" is set by the runtime");
        assert!(!format!("{:?}", key("sk-secret")).contains("secret"));
    }
}
