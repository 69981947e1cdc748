//! What it asks of the host.
use sdk::crypto::{self, Class, Digest, Kind, Part};
use sdk::{Fill, Form, Place, http, tools, websocket};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Deserialize)]
pub struct Wish {
    secret: String,
    /// `header:name`, `query:key` or `json:/pointer`.
    at: String,
    /// `bearer`, `basic` or nothing.
    #[serde(default)]
    form: String,
}

#[derive(Deserialize)]
#[serde(default)]
pub struct Fetch {
    method: String,
    url: String,
    body: Option<String>,
    headers: Vec<(String, String)>,
    fills: Vec<Wish>,
    redirects: u8,
    timeout_ms: u64,
}

impl Default for Fetch {
    fn default() -> Self {
        let (url, body, headers, fills) = (String::new(), None, Vec::new(), Vec::new());
        Self { method: "GET".into(), url, body, headers, fills, redirects: 0, timeout_ms: 15_000 }
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub struct Subscribe {
    name: String,
    url: String,
    headers: Vec<(String, String)>,
    fills: Vec<Wish>,
    subprotocols: Vec<String>,
    first: Option<String>,
    first_fills: Vec<Wish>,
}

impl Default for Subscribe {
    fn default() -> Self {
        let (headers, fills, subprotocols, first_fills) = Default::default();
        let (name, url) = ("s".into(), String::new());
        Self { name, url, headers, fills, subprotocols, first: None, first_fills }
    }
}

#[derive(Deserialize)]
pub struct Send {
    name: String,
    text: String,
    #[serde(default)]
    fills: Vec<Wish>,
}

#[derive(Deserialize)]
pub struct Name {
    name: String,
}

fn fills(wishes: Vec<Wish>) -> Vec<Fill> {
    let fill = |wish: Wish| {
        let at = match wish.at.split_once(':')? {
            ("header", name) => Place::header(name),
            ("query", key) => Place::Query(key.into()),
            (_, pointer) => Place::json(pointer),
        };
        let form = match wish.form.as_str() {
            "bearer" => Form::Bearer,
            "basic" => Form::Basic("me".into()),
            _ => Form::Raw,
        };
        Some(Fill::new(wish.secret, at, form))
    };
    wishes.into_iter().filter_map(fill).collect()
}

fn told<T>(
    answer: Result<T, impl std::fmt::Debug>,
    ok: impl FnOnce(T) -> Value,
) -> Result<Value, tools::Error> {
    Ok(answer.map_or_else(|error| json!({ "error": format!("{error:?}") }), ok))
}

pub async fn fetch(wish: Fetch) -> Result<Value, tools::Error> {
    let mut request = http::Request::new(wish.method, wish.url).redirects(wish.redirects);
    request.headers = wish.headers;
    request.fills = fills(wish.fills);
    request.body = wish.body.map(String::into_bytes);
    request.timeout = Some(Duration::from_millis(wish.timeout_ms));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    told(request.send().await, |answer| {
        let headers: Vec<(String, String)> =
            answer.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        json!({ "status": answer.status, "headers": headers, "body": text(&answer.body), "url": answer.url })
    })
}

pub fn subscribe(wish: Subscribe) -> Result<Value, tools::Error> {
    let options = websocket::Options {
        headers: wish.headers,
        fills: fills(wish.fills),
        subprotocols: wish.subprotocols,
        first_frame: wish.first.map(|text| websocket::FirstFrame { text, fills: fills(wish.first_fills) }),
        ..Default::default()
    };
    told(websocket::subscribe(&wish.name, &wish.url, options), |()| json!("ok"))
}

pub async fn send(wish: Send) -> Result<Value, tools::Error> {
    told(websocket::send_filled(&wish.name, wish.text, fills(wish.fills)).await, |()| json!("ok"))
}

pub fn close(wish: Name) -> Result<Value, tools::Error> {
    told(websocket::close(&wish.name), |()| json!("ok"))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crypto {
    /// Name and `ed25519`, `hmac-sha256` or `hmac-sha512`; for good or, with false, for the process.
    Ensure(String, String, bool),
    Keys,
    Forget(String),
    /// Key and parts; a part with a leading `$` is the secret of that name.
    Sign(String, Vec<String>),
    /// The signature as hex of the last argument.
    VerifyTag(String, Vec<String>, Vec<u8>),
    Authenticate(String, Vec<String>),
    Verify(Vec<u8>, String, Vec<u8>),
    Hash(String),
    Random(u32),
}

pub async fn crypto(wish: Crypto) -> Result<Value, tools::Error> {
    let bytes = |bytes: Vec<u8>| json!(bytes);
    match wish {
        Crypto::Ensure(name, kind, lasting) => {
            let kind = match kind.as_str() {
                "ed25519" => Kind::Ed25519,
                "hmac-sha256" => Kind::HmacSha256,
                _ => Kind::HmacSha512,
            };
            let class = if lasting { Class::Identity } else { Class::Session };
            told(crypto::ensure(&name, kind, class).await, |key| json!({ "public": key.public }))
        }
        Crypto::Keys => told(crypto::keys().await, |keys| {
            keys.into_iter().map(|key| json!([key.name, key.public])).collect::<Vec<_>>().into()
        }),
        Crypto::Forget(name) => told(crypto::forget(&name).await, Value::from),
        Crypto::Sign(key, texts) => told(crypto::sign(&key, parts(texts)).await, bytes),
        Crypto::VerifyTag(key, texts, tag) => {
            told(crypto::verify_tag(&key, parts(texts), tag).await, Value::from)
        }
        Crypto::Authenticate(secret, texts) => {
            told(crypto::authenticate(&secret, Digest::Sha256, parts(texts)), bytes)
        }
        Crypto::Verify(public, message, signature) => {
            told(crypto::verify(&public, message.as_bytes(), &signature), Value::from)
        }
        Crypto::Hash(text) => Ok(json!(crypto::hash(Digest::Sha256, text.as_bytes()))),
        Crypto::Random(count) => told(crypto::random(count), bytes),
    }
}

fn parts(texts: Vec<String>) -> Vec<Part> {
    let part = |text: String| match text.strip_prefix('$') {
        Some(name) => Part::secret(name),
        None => Part::from(text),
    };
    texts.into_iter().map(part).collect()
}
