//! One client's socket: challenge, first frame, then requests in and everything else out.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::handshake::{self, MAX_PAYLOAD, Turned};
use super::methods;
use super::state::{Connection, Outgoing, Shared, UNREAD, now_ms, unique};

type Socket = WebSocketStream<TcpStream>;

/// The first frame's limit.
const FIRST: usize = 65_536;
/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(2);
/// What fits into a close frame.
const REASON: usize = 123;

pub(super) async fn serve(shared: Arc<Shared>, tcp: TcpStream, cut: CancellationToken) {
    let number = shared.change(|state| state.record.open());
    tokio::select! {
        () = cut.cancelled() => {}
        // How a connection ends is the client's business.
        _ = talk(&shared, number, tcp) => {}
    }
    shared.change(|state| {
        state.memory.connections.remove(&number);
        state.record.close();
    });
}

async fn talk(shared: &Arc<Shared>, number: u64, tcp: TcpStream) -> anyhow::Result<()> {
    let config = WebSocketConfig::default().max_message_size(Some(MAX_PAYLOAD));
    let mut socket = tokio_tungstenite::accept_async_with_config(tcp, Some(config)).await?;
    let nonce = unique();
    let payload = json!({ "nonce": nonce, "ts": now_ms(), "capabilities": [] });
    send(&mut socket, &json!({ "type": "event", "event": "connect.challenge", "payload": payload })).await?;

    let Ok(first) = timeout(shared.settings.handshake, text(&mut socket)).await else {
        return close(&mut socket, 1000, "").await;
    };
    let Some(first) = first? else { return Ok(()) };
    if first.len() > FIRST {
        return close(&mut socket, 1009, "").await;
    }
    let admitted = match handshake::judge(shared, number, &first, &nonce) {
        Ok(admitted) => admitted,
        Err(Turned { answer, code, reason }) => {
            if let Some(answer) = answer {
                send(&mut socket, &answer).await?;
            }
            return close(&mut socket, code, &reason).await;
        }
    };
    let (to, outgoing) = mpsc::channel(UNREAD);
    let hello = admitted.hello;
    shared.change(|state| {
        let connection = Connection {
            scopes: admitted.scopes,
            scoped: admitted.scoped,
            device: admitted.device,
            subscribed: HashSet::new(),
            seq: 0,
            to,
            presence: admitted.presence,
        };
        state.memory.connections.insert(number, connection);
    });
    send(&mut socket, &hello).await?;
    converse(shared, number, &mut socket, outgoing).await
}

async fn converse(
    shared: &Arc<Shared>,
    number: u64,
    socket: &mut Socket,
    mut outgoing: mpsc::Receiver<Outgoing>,
) -> anyhow::Result<()> {
    let tick = shared.settings.tick;
    let mut ticks = interval_at(Instant::now() + tick, tick);
    loop {
        tokio::select! {
            out = outgoing.recv() => match out {
                Some(Outgoing::Frame(frame)) => send(socket, &frame).await?,
                // Nobody knows this connection any more: a crash.
                Some(Outgoing::Close(1006, _)) | None => return Ok(()),
                Some(Outgoing::Close(code, reason)) => return close(socket, code, &reason).await,
            },
            _ = ticks.tick() => shared.change(|state| {
                let ticking = state.ticking;
                if let Some(connection) = state.memory.connections.get_mut(&number).filter(|_| ticking) {
                    connection.event("tick", &json!({ "ts": now_ms() }));
                }
            }),
            read = text(socket) => {
                let Some(read) = read? else { return Ok(()) };
                // What is not JSON is passed over in silence.
                if let Ok(frame) = serde_json::from_str(&read) {
                    methods::handle(shared, number, &frame);
                }
            }
        }
    }
}

/// The next message; nothing when the client left. Cancel safe.
async fn text(socket: &mut Socket) -> anyhow::Result<Option<Utf8Bytes>> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => return Ok(Some(text)),
            Message::Binary(bytes) => return Ok(Some(Utf8Bytes::try_from(bytes)?)),
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(None)
}

async fn send(socket: &mut Socket, frame: &Value) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(frame.to_string())).await?)
}

async fn close(socket: &mut Socket, code: u16, reason: &str) -> anyhow::Result<()> {
    let end = reason.floor_char_boundary(REASON);
    let frame = CloseFrame { code: code.into(), reason: reason[..end].into() };
    socket.close(Some(frame)).await?;
    // Reading on until the client has said so too, or the reset would overtake the frame.
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = socket.next().await {} }).await;
    Ok(())
}
