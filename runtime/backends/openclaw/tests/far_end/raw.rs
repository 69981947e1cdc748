//! A gateway that says whatever a test wants, right or wrong.
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

const DEADLINE: Duration = Duration::from_secs(20);

pub struct Raw {
    listener: TcpListener,
}

/// One connection; `connect` is the params of its first request.
pub struct Peer {
    socket: WebSocketStream<TcpStream>,
    pub connect: Value,
    /// Requests that nobody waited for.
    pub passed: Vec<String>,
    connect_id: Value,
    seq: u64,
}

impl Raw {
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub fn url(&self) -> String {
        format!("ws://{}", self.listener.local_addr().unwrap())
    }

    /// The next one who connects, not yet let in.
    pub async fn peer(&self) -> Peer {
        let (tcp, _) = timeout(DEADLINE, self.listener.accept()).await.expect("a connection").unwrap();
        let socket = accept_async(tcp).await.unwrap();
        let mut peer =
            Peer { socket, connect: Value::Null, passed: Vec::new(), connect_id: Value::Null, seq: 0 };
        let payload = json!({ "nonce": "5f0c1d6e", "ts": 1_795_200_000_000_u64 });
        peer.send(json!({ "type": "event", "event": "connect.challenge", "payload": payload })).await;
        let mut connect = peer.next().await.expect("a connect");
        assert_eq!(connect["method"], "connect");
        (peer.connect, peer.connect_id) = (connect["params"].take(), connect["id"].take());
        peer
    }

    /// The same, let in.
    pub async fn guest(&self) -> Peer {
        let mut peer = self.peer().await;
        peer.welcome(json!({ "scopes": ["operator.read", "operator.write"] })).await;
        peer
    }
}

impl Peer {
    pub async fn send(&mut self, frame: Value) {
        self.text(&frame.to_string()).await;
    }

    pub async fn text(&mut self, text: &str) {
        // Whether the client is still there is not our business.
        let _ = self.socket.send(Message::text(text)).await;
    }

    pub async fn welcome(&mut self, auth: Value) {
        let payload = json!({
            "type": "hello-ok", "protocol": 4, "server": { "version": "1", "connId": "c" }, "auth": auth,
            "policy": { "tickIntervalMs": 30_000 },
        });
        let id = self.connect_id.clone();
        self.answer(&id, payload).await;
    }

    /// Not let in, with this error and this close.
    pub async fn turn_away(mut self, error: Value, code: u16, reason: &str) {
        let frame = json!({ "type": "res", "id": self.connect_id, "ok": false, "error": error });
        self.send(frame).await;
        let close = CloseFrame { code: code.into(), reason: reason.into() };
        let _ = self.socket.close(Some(close)).await;
        let _ = timeout(DEADLINE, async { while let Some(Ok(_)) = self.socket.next().await {} }).await;
    }

    pub async fn answer(&mut self, id: &Value, payload: Value) {
        self.send(json!({ "type": "res", "id": id, "ok": true, "payload": payload })).await;
    }

    pub async fn event(&mut self, event: &str, payload: Value) {
        self.seq += 1;
        self.send(json!({ "type": "event", "event": event, "payload": payload, "seq": self.seq })).await;
    }

    /// An event that gets lost.
    pub fn lose(&mut self) {
        self.seq += 1;
    }

    pub async fn chat(&mut self, session: &str, run: &str, mut payload: Value) {
        payload["sessionKey"] = session.into();
        payload["runId"] = run.into();
        self.event("chat", payload).await;
    }

    /// Waits for this request; what comes before it is answered with nothing in it.
    pub async fn request(&mut self, method: &str) -> Value {
        loop {
            let request = self.next().await.unwrap_or_else(|| panic!("left before {method}"));
            if request["method"] == method {
                return request;
            }
            self.passed.push(request["method"].as_str().unwrap().to_owned());
            let id = request["id"].clone();
            self.answer(&id, json!({})).await;
        }
    }

    /// A message, accepted.
    pub async fn message(&mut self) -> Value {
        let request = self.request("agent").await;
        let run = request["params"]["idempotencyKey"].clone();
        self.answer(&request["id"], json!({ "status": "accepted", "runId": run })).await;
        request
    }

    /// How the client leaves: the close code, if it said one.
    pub async fn farewell(mut self) -> Option<u16> {
        while let Ok(Some(Ok(message))) = timeout(DEADLINE, self.socket.next()).await {
            if let Message::Close(close) = message {
                return close.map(|close| close.code.into());
            }
        }
        None
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(DEADLINE, self.socket.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}

pub fn delta(text: &str, whole: &str) -> Value {
    json!({ "state": "delta", "deltaText": text, "message": said(whole) })
}

pub fn last(whole: &str) -> Value {
    json!({ "state": "final", "message": said(whole), "stopReason": "stop" })
}

pub fn said(whole: &str) -> Value {
    json!({ "role": "assistant", "content": [{ "type": "text", "text": whole }] })
}
