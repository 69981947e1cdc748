//! Whether a gateway would let a client in. Nobody tells us, so we ask.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns when `/readyz` is 200 and a WebSocket was let in.
///
/// # Errors
/// It refuses us for good.
pub(super) async fn ready(port: u16, token: &str) -> anyhow::Result<()> {
    while !matches!(tokio::time::timeout(PATIENCE, is_ready(port)).await, Ok(Ok(true))) {
        tokio::time::sleep(PAUSE).await;
    }
    loop {
        // A connection that is cut is a gateway that still starts; a refusal that asks for no retry is none.
        if let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, greet(port, token)).await {
            if answer["ok"] == true {
                return Ok(());
            }
            if answer["error"]["retryable"] != true {
                bail!("it refused us: {}", answer["error"]);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn is_ready(port: u16) -> anyhow::Result<bool> {
    let mut tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    tcp.write_all(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200 "))
}

/// The answer to `connect`.
async fn greet(port: u16, token: &str) -> anyhow::Result<Value> {
    let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://127.0.0.1:{port}/"), tcp).await?;
    socket.next().await.context("no challenge")??;
    let connect = json!({
        "type": "req", "id": "ready", "method": "connect",
        "params": {
            "minProtocol": 4, "maxProtocol": 4,
            "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "backend" },
            "scopes": [], "auth": { "token": token },
        },
    });
    socket.send(Message::text(connect.to_string())).await?;
    loop {
        let frame = socket.next().await.context("closed")??;
        let Message::Text(text) = frame else { continue };
        let frame: Value = serde_json::from_str(&text)?;
        if frame["type"] == "res" {
            return Ok(frame);
        }
    }
}
