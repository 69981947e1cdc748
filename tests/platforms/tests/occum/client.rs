//! A plain client of the platform, with no opinion about it.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use platforms::occum::{Agent, Occum};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Past this a test has failed. Never reached by one that passes.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Rest {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

impl Rest {
    pub(crate) fn new(occum: &Occum, token: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, url: occum.url(), token: token.to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        self.send("GET", path, "", None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        self.send("POST", path, &body.to_string(), Some("application/json")).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        kind: Option<&str>,
    ) -> anyhow::Result<(u16, Value)> {
        let uri = format!("{}/v1{path}", self.url);
        let mut request = http::Request::builder().method(method).uri(uri);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::from(Bytes::from(body.to_owned())))?;
        let response = tokio::time::timeout(DEADLINE, self.client.request(request)).await??;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).context("not JSON")?))
    }

    /// Post a message, which must be created.
    pub(crate) async fn say(&self, channel: &str, text: &str) -> Value {
        let path = format!("/channels/{channel}/messages");
        let (status, event) = self.post(&path, &json!({ "text": text })).await.expect("posting is answered");
        assert_eq!(status, 201, "{event}");
        event
    }
}

pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Open, with nothing said.
    pub(crate) async fn open(occum: &Occum) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(("127.0.0.1", occum.port())).await?;
        let (socket, _) = tokio_tungstenite::client_async(occum.socket_url(), tcp).await?;
        Ok(Self(socket))
    }

    /// Open and authenticated.
    pub(crate) async fn of(occum: &Occum, agent: &Agent) -> Self {
        let mut socket = Self::open(occum).await.expect("the socket opens");
        socket.say(json!({ "type": "auth", "token": agent.token })).await;
        assert_eq!(socket.next().await["type"], "auth_ok");
        socket
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("the frame can be sent");
    }

    /// Whatever comes next; an error if the connection ends without a close frame.
    pub(crate) async fn message(&mut self) -> anyhow::Result<Message> {
        let next = tokio::time::timeout(DEADLINE, self.0.next()).await.context("nothing came")?;
        match next {
            Some(message) => Ok(message?),
            None => bail!("the connection has ended"),
        }
    }

    /// The next frame, which must be JSON.
    pub(crate) async fn next(&mut self) -> Value {
        let message = self.message().await.expect("a frame comes");
        serde_json::from_str(message.to_text().expect("the frame is text")).expect("the frame is JSON")
    }

    /// The code of the close frame, which must be next.
    pub(crate) async fn closed(&mut self) -> u16 {
        match self.message().await.expect("a close frame comes") {
            Message::Close(Some(close)) => close.code.into(),
            other => panic!("not a close frame with a code: {other}"),
        }
    }

    /// Nothing is waiting to be read: what comes next is the answer to this ping.
    pub(crate) async fn hears_nothing_more(&mut self) {
        self.say(json!({ "type": "ping" })).await;
        assert_eq!(self.next().await, json!({ "type": "pong" }));
    }
}
