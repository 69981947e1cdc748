//! A plain client of a gateway, with no opinion about it.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Past this a test has failed. Never reached by one that passes.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    /// What came before the answer somebody waited for.
    seen: Vec<Value>,
    requests: u64,
}

impl Client {
    /// Connected, with the challenge read; answers its payload too.
    pub(crate) async fn knock(url: &str) -> anyhow::Result<(Self, Value)> {
        let address = url.strip_prefix("ws://").context("no WebSocket URL")?;
        let tcp = TcpStream::connect(address).await?;
        let (socket, _) = tokio_tungstenite::client_async(format!("{url}/"), tcp).await?;
        let mut client = Self { socket, seen: Vec::new(), requests: 0 };
        let challenge = client.next().await?;
        assert_eq!(challenge["event"], "connect.challenge");
        Ok((client, challenge["payload"].clone()))
    }

    /// Let in without a device, for scopes read and write and the events of subscribed sessions.
    pub(crate) async fn connect(url: &str, token: &str) -> anyhow::Result<Self> {
        let (mut client, _) = Self::knock(url).await?;
        let answer = client.call("connect", connect_params(token)).await?;
        if answer["ok"] != true {
            bail!("not let in: {answer}");
        }
        Ok(client)
    }

    /// The next frame.
    ///
    /// # Errors
    /// The connection is closed: says with what code.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            let frame = tokio::time::timeout(DEADLINE, self.socket.next()).await.context("no frame came")?;
            match frame.context("the connection ended")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(close) => {
                    bail!("closed with {}", close.map_or(0, |close| u16::from(close.code)))
                }
                _ => {}
            }
        }
    }

    /// The first frame from now on, or one kept from before, that `look` wants.
    pub(crate) async fn until(&mut self, look: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        if let Some(found) = self.seen.iter().position(&look) {
            return Ok(self.seen.remove(found));
        }
        loop {
            let frame = self.next().await?;
            if look(&frame) {
                return Ok(frame);
            }
            self.seen.push(frame);
        }
    }

    /// A request and its first answer.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        let id = self.send(method, params).await?;
        self.until(|frame| frame["type"] == "res" && frame["id"] == id.as_str()).await
    }

    /// A request; answers its id.
    pub(crate) async fn send(&mut self, method: &str, params: Value) -> anyhow::Result<String> {
        self.requests += 1;
        let id = format!("request-{}", self.requests);
        self.raw(&json!({ "type": "req", "id": id, "method": method, "params": params }).to_string()).await?;
        Ok(id)
    }

    pub(crate) async fn raw(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// The chat event of this run in this state.
    pub(crate) async fn chat(&mut self, run: &str, state: &str) -> anyhow::Result<Value> {
        let wanted = |frame: &Value| {
            let payload = &frame["payload"];
            frame["event"] == "chat" && payload["runId"] == run && payload["state"] == state
        };
        Ok(self.until(wanted).await?["payload"].clone())
    }

    /// The code with which the other side closes.
    pub(crate) async fn closed(&mut self) -> anyhow::Result<u16> {
        loop {
            let frame = tokio::time::timeout(DEADLINE, self.socket.next()).await.context("not closed")?;
            match frame {
                Some(Ok(Message::Close(close))) => return Ok(close.map_or(0, |close| close.code.into())),
                Some(Ok(_)) => {}
                // Cut without a word: 1006 is what browsers say then.
                Some(Err(_)) | None => return Ok(1006),
            }
        }
    }
}

pub(crate) fn connect_params(token: &str) -> Value {
    json!({
        "minProtocol": 3, "maxProtocol": 4,
        "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "backend" },
        "scopes": ["operator.read", "operator.write"], "caps": ["session-scoped-events"],
        "auth": { "token": token },
    })
}
