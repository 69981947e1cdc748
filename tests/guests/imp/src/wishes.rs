//! What its tools ask of the host.
use crate::talk;
use sdk::{Fill, agent, http, store as kept, tools, websocket};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::pin::Pin;

#[derive(Deserialize)]
pub struct Fetch {
    method: String,
    url: String,
    body: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    fills: Vec<Wish>,
    #[serde(default)]
    redirects: u8,
}

#[derive(Deserialize)]
pub struct Send {
    text: String,
    #[serde(default)]
    fills: Vec<Wish>,
}

#[derive(Deserialize)]
pub struct Remembered {
    conversation: String,
    limit: u32,
}

#[derive(Deserialize)]
struct Wish {
    secret: String,
    at: String,
    #[serde(default)]
    form: String,
}

#[derive(Deserialize)]
pub struct Scan {
    /// The bytes sought, each with 0x55 flipped in: so that the search does not find itself.
    masked: Vec<u8>,
}

fn fills(wishes: Vec<Wish>) -> Vec<Fill> {
    let fill = |wish: Wish| Some(Fill::new(wish.secret, crate::place(&wish.at)?, crate::form(&wish.form)));
    wishes.into_iter().filter_map(fill).collect()
}

/// `u: …` and `a: …`, oldest first.
pub async fn history(wish: Remembered) -> Result<Value, tools::Error> {
    let turns = agent::history(&wish.conversation, wish.limit).await;
    let turns = turns.map_err(|error| tools::Error::Failed(error.to_string()))?;
    let line = |turn: &agent::Turn| format!("{}: {}", if turn.from_agent { "a" } else { "u" }, turn.text);
    Ok(turns.iter().map(line).collect())
}

pub async fn fetch(wish: Fetch) -> Result<Value, tools::Error> {
    let mut request = http::Request::new(wish.method, wish.url).redirects(wish.redirects);
    request.headers = wish.headers;
    request.fills = fills(wish.fills);
    request.body = wish.body.map(String::into_bytes);
    match request.send().await {
        Ok(response) => Ok(json!({ "status": response.status, "body": response.text() })),
        Err(error) => Ok(json!({ "error": format!("{error:?}") })),
    }
}

pub async fn send(wish: Send) -> Result<Value, tools::Error> {
    match websocket::send_filled("orders", wish.text, fills(wish.fills)).await {
        Ok(()) => Ok(json!("sent")),
        Err(error) => Ok(json!({ "error": format!("{error:?}") })),
    }
}

/// Where in its own memory the text stands.
pub fn scan(wish: &Scan) -> Result<Value, tools::Error> {
    let found = crate::mischief::memory_positions(&wish.masked);
    Ok(json!({ "found": found }))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    Get(String),
    Set(String, String),
    /// So many bytes.
    Fill(String, usize),
    Delete(String),
    List(String),
    Swap(String, Option<u64>, String),
    /// So many changes at once; answers how many were refused, and one reason.
    Flood(usize),
}

pub async fn store(keep: Keep) -> Result<Value, tools::Error> {
    let done = match keep {
        Keep::Get(key) => kept::get(&key).await.map(|entry| {
            entry.map(|entry| json!([String::from_utf8_lossy(&entry.value), entry.version])).into()
        }),
        Keep::Set(key, value) => kept::set(&key, value).await.map(Value::from),
        Keep::Fill(key, bytes) => kept::set(&key, vec![7; bytes]).await.map(Value::from),
        Keep::Delete(key) => kept::delete(&key).await.map(Value::from),
        Keep::List(prefix) => kept::list(&prefix, None, 1000).await.map(Value::from),
        Keep::Swap(key, version, value) => {
            kept::compare_and_swap(&key, version, value).await.map(Value::from)
        }
        Keep::Flood(count) => Ok(flood(count).await),
    };
    Ok(done.unwrap_or_else(|error| json!({ "error": error.to_string() })))
}

async fn flood(count: usize) -> Value {
    let refused = RefCell::new(Vec::new());
    let lane = async |number: usize| {
        if let Err(error) = kept::set(&format!("flood {number}"), "x").await {
            refused.borrow_mut().push(error.to_string());
        }
    };
    talk::all((0..count).map(|number| Box::pin(lane(number)) as Pin<Box<dyn Future<Output = ()>>>).collect())
        .await;
    let refused = refused.take();
    json!({ "refused": refused.len(), "why": refused.first() })
}
