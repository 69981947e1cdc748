//! A look at the gateway past the runtime: as its owner, with a plain socket, by PROTOCOL's simplest connect.
use anyhow::{Context, ensure};
use futures::{SinkExt, StreamExt};
use platforms::openclaw::real::Gateway;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

pub struct Peek {
    socket: WebSocketStream<TcpStream>,
    requests: u64,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Peek {
    pub async fn new(gateway: &Gateway) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", gateway.port())).await?;
        let (socket, _) = client_async(gateway.url(), stream).await?;
        let mut peek = Self { socket, requests: 0 };
        peek.hear(|frame| frame["event"] == "connect.challenge").await?;
        let params = json!({
            "minProtocol": 4, "maxProtocol": 4, "role": "operator",
            "client": { "id": "gateway-client", "mode": "backend", "version": "0", "platform": "linux" },
            "scopes": ["operator.read", "operator.write", "operator.pairing", "operator.admin"],
            "auth": { "token": gateway.token() },
        });
        peek.ask("connect", params).await?;
        Ok(peek)
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.requests += 1;
        let id = self.requests.to_string();
        let frame = json!({ "type": "req", "id": id, "method": method, "params": params });
        self.socket.send(Message::text(frame.to_string())).await?;
        let answer = self.hear(|frame| frame["type"] == "res" && frame["id"] == id.as_str()).await?;
        ensure!(answer["ok"] == true, "{method}: {}", answer["error"]);
        Ok(answer["payload"].clone())
    }

    /// The keys of all sessions that begin so.
    pub async fn sessions(&mut self, beginning: &str) -> anyhow::Result<Vec<String>> {
        let list = self.ask("sessions.list", json!({})).await?;
        let keys = list["sessions"].as_array().into_iter().flatten().filter_map(|it| it["key"].as_str());
        Ok(keys.filter(|key| key.starts_with(beginning)).map(str::to_owned).collect())
    }

    /// Texts of the users' rows of a session, and how many rows there are.
    pub async fn said(&mut self, session: &str) -> anyhow::Result<Vec<String>> {
        let params = json!({ "sessionKey": session, "limit": 1000, "maxChars": 500_000 });
        let history = self.ask("chat.history", params).await?;
        let rows = history["messages"].as_array().context("rows")?;
        let users = rows.iter().filter(|row| row["role"] == "user");
        Ok(users.map(|row| text(&row["content"])).collect())
    }

    async fn hear(&mut self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        timeout(PATIENCE, async {
            loop {
                let message = self.socket.next().await.context("the gateway closed")??;
                let Message::Text(text) = message else { continue };
                let frame: Value = serde_json::from_str(&text)?;
                if wanted(&frame) {
                    return Ok(frame);
                }
            }
        })
        .await
        .context("the gateway does not answer")?
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks.iter().filter_map(|block| block["text"].as_str()).collect(),
        _ => String::new(),
    }
}
