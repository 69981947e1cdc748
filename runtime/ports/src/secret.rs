//! Secrets: a value that has no way into a log or a guest, and the places where it may go.
//!
//! A guest names a secret and says where to put it ([`Fill`]); the operator's grant lists the places where each may
//! go ([`Place`]). There is no other way to a value than [`Vault::fill`].
use crate::json_test::JsonTest;
use crate::reach::{CheckedUrl, UrlRule};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Text that must not be seen: no `Display`, a `Debug` without the value, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// For the one who writes it to the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where in a request or frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A header, by its lower-case name.
    Header(String),
    /// A query key.
    Query(String),
    /// An RFC 6901 pointer into a JSON body or frame; what it points at must exist and is replaced.
    Json(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {name}"),
            Self::Query(key) => write!(f, "query key {key}"),
            Self::Json(pointer) => write!(f, "JSON pointer {pointer}"),
        }
    }
}

/// How the value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Raw,
    /// `Bearer <value>`
    Bearer,
    /// `Basic base64(<user>:<value>)`
    Basic {
        user: String,
    },
}

/// A guest's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    pub secret: String,
    pub at: At,
    pub form: Form,
}

/// Where the filled text is about to go.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// `None` for a WebSocket.
    pub method: Option<&'a str>,
    pub url: &'a CheckedUrl,
    /// The frame or body as the guest wrote it, where it is JSON.
    pub json: Option<&'a Value>,
}

/// One place of a secret's grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub url: UrlRule,
    pub at: At,
    /// All must hold in the frame or body.
    pub when: Vec<JsonTest>,
}

impl Place {
    fn takes(&self, at: &At, to: Destination<'_>) -> bool {
        let holds = |test: &JsonTest| to.json.is_some_and(|json| test.holds(json));
        self.at == *at && self.url.allows(to.method, to.url) && self.when.iter().all(holds)
    }
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub value: Secret,
    pub places: Vec<Place>,
}

/// The secrets of one instance.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    #[error("no secret named {0:?} is configured")]
    Unknown(String),
    #[error("secret {secret:?} may not go into {at} of this destination")]
    NotAPlace { secret: String, at: String },
}

impl Vault {
    pub fn new(entries: BTreeMap<String, Entry>) -> Self {
        Self { entries }
    }

    pub fn exists(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The text to write, if the operator granted this place.
    ///
    /// # Errors
    /// [`FillError`]; none of them tells anything of the value.
    pub fn fill(&self, fill: &Fill, to: Destination<'_>) -> Result<Secret, FillError> {
        let entry = self.entries.get(&fill.secret).ok_or_else(|| FillError::Unknown(fill.secret.clone()))?;
        if !entry.places.iter().any(|place| place.takes(&fill.at, to)) {
            return Err(FillError::NotAPlace { secret: fill.secret.clone(), at: fill.at.to_string() });
        }
        let value = entry.value.expose();
        Ok(Secret::new(match &fill.form {
            Form::Raw => value.to_owned(),
            Form::Bearer => format!("Bearer {value}"),
            Form::Basic { user } => {
                format!("Basic {}", BASE64_STANDARD.encode(Zeroizing::new(format!("{user}:{value}"))))
            }
        }))
    }

    /// `text` with every secret's exact value replaced, for a log line or an error.
    pub fn redact(&self, text: &str) -> String {
        let values = self
            .entries
            .values()
            .map(|entry| entry.value.expose())
            .filter(|value| value.len() >= MIN_REDACTED);
        values.fold(text.to_owned(), |text, value| text.replace(value, "[redacted]"))
    }
}

/// A shorter value would be found by chance in ordinary text.
const MIN_REDACTED: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vault() -> Vault {
        let place = |url: &str, at, when| Place { url: url.parse().unwrap(), at, when };
        let auth = JsonTest { pointer: "/type".into(), equals: json!("auth") };
        let places = vec![
            place("GET,POST https://api.test/v1/*", At::Header("authorization".into()), vec![]),
            place("wss://api.test/v1/ws", At::Json("/token".into()), vec![auth]),
        ];
        Vault::new(BTreeMap::from([(
            "token".into(),
            Entry { value: Secret::new("s3cret-value".into()), places },
        )]))
    }

    fn fill(at: At) -> Fill {
        Fill { secret: "token".into(), at, form: Form::Bearer }
    }

    #[test]
    fn a_secret_goes_to_its_places_and_nowhere_else() {
        let url = CheckedUrl::parse("https://api.test/v1/channels/1/messages").unwrap();
        let body = json!({"text": "x", "token": "", "type": "auth"});
        let to = Destination { method: Some("POST"), url: &url, json: Some(&body) };
        let filled = vault().fill(&fill(At::Header("authorization".into())), to).unwrap();
        assert_eq!(filled.expose(), "Bearer s3cret-value");
        for at in [
            At::Json("/text".into()),
            At::Json("/token".into()),
            At::Query("token".into()),
            At::Header("x-a".into()),
        ] {
            assert!(matches!(vault().fill(&fill(at), to), Err(FillError::NotAPlace { .. })));
        }
        let unknown = Fill { secret: "other".into(), ..fill(At::Header("authorization".into())) };
        assert_eq!(vault().fill(&unknown, to).unwrap_err(), FillError::Unknown("other".into()));
    }

    #[test]
    fn a_frame_must_pass_its_test() {
        let url = CheckedUrl::parse("wss://api.test/v1/ws").unwrap();
        let (auth, say) = (json!({"type": "auth", "token": ""}), json!({"type": "say", "token": ""}));
        let to = |json| Destination { method: None, url: &url, json };
        assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&auth))).is_ok());
        assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&say))).is_err());
        assert!(vault().fill(&fill(At::Json("/token".into())), to(None)).is_err());
    }

    #[test]
    fn a_secret_is_in_no_debug_output_and_can_be_taken_out_of_a_text() {
        assert!(!format!("{:?}", vault()).contains("s3cret"));
        assert_eq!(vault().redact("got s3cret-value!"), "got [redacted]!");
    }
}
