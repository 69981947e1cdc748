//! One open WebSocket.

use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::Receiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError::{ResetWithoutClosingHandshake, SendAfterClosing};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message as Wsm};

use super::carried::carried;
use super::echo::{Echo, OnFrame};
use super::record::{Kind, Message, Request};
use super::shared::{Order, Shared};
use super::spelling::{gzip, is_json, pieces, spell};
use super::tap::Tap;

/// RFC 6455 5.5: what a control frame may have.
const MAX_CONTROL_BYTES: usize = 125;
const CODE_BYTES: usize = 2;
const CLOSE_CODE: u16 = 4001;

pub(super) async fn run(
    mut socket: WebSocketStream<Tap>,
    shared: &Shared,
    request: &Request,
    orders: Receiver<Order>,
) {
    match talk(&mut socket, shared, request, orders).await {
        Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_)) => {}
        // Left, or told something after we had closed: both are its right.
        Err(Error::Protocol(ResetWithoutClosingHandshake | SendAfterClosing)) => {}
        Err(Error::Protocol(what)) => shared.fault(request.connection, format!("frames: {what}")),
        Err(error) => shared.fault(request.connection, format!("messages: {error}")),
    }
}

async fn talk(
    socket: &mut WebSocketStream<Tap>,
    shared: &Shared,
    request: &Request,
    mut orders: Receiver<Order>,
) -> Result<(), Error> {
    let on_open = shared.script().on_open.clone();
    if on_open != OnFrame::Nothing {
        for carried in carried(request) {
            send(socket, back(&on_open, &carried.value)).await?;
        }
    }
    loop {
        let came = tokio::select! {
            order = orders.recv() => match order {
                Ok(Order::Push(text)) => {
                    send(socket, vec![Wsm::text(text)]).await?;
                    continue;
                }
                // Lagging: thousands of orders behind a client that does not read.
                Ok(Order::Drop) | Err(_) => return Ok(()),
            },
            came = socket.next() => came,
        };
        let Some(came) = came.transpose()? else { return Ok(()) };
        let Some((kind, payload)) = taken_apart(came) else { continue };
        let message = Message { connection: request.connection, kind, payload: payload.clone() };
        shared.note(|record| record.messages.push(message));
        if matches!(kind, Kind::Text | Kind::Binary) {
            let on_frame = shared.script().on_frame.clone();
            send(socket, back(&on_frame, &payload)).await?;
        }
    }
}

async fn send(socket: &mut WebSocketStream<Tap>, messages: Vec<Wsm>) -> Result<(), Error> {
    for message in messages {
        socket.send(message).await?;
    }
    Ok(())
}

fn taken_apart(message: Wsm) -> Option<(Kind, Vec<u8>)> {
    Some(match message {
        Wsm::Text(text) => (Kind::Text, text.as_bytes().to_vec()),
        Wsm::Binary(bytes) => (Kind::Binary, bytes.to_vec()),
        Wsm::Ping(bytes) => (Kind::Ping, bytes.to_vec()),
        Wsm::Pong(bytes) => (Kind::Pong, bytes.to_vec()),
        Wsm::Close(None) => (Kind::Close, Vec::new()),
        Wsm::Close(Some(CloseFrame { code, reason })) => {
            (Kind::Close, [&u16::from(code).to_be_bytes()[..], reason.as_bytes()].concat())
        }
        // Never read, says tungstenite.
        Wsm::Frame(_) => return None,
    })
}

fn back(how: &OnFrame, value: &[u8]) -> Vec<Wsm> {
    match how {
        OnFrame::Nothing => Vec::new(),
        OnFrame::Text(Echo::Chunked | Echo::SplitFrames) => fragments(Data::Text, &utf8(value).into_bytes()),
        OnFrame::Text(echo) => vec![Wsm::text(utf8(&spelled(echo, value)))],
        OnFrame::Binary(Echo::Chunked | Echo::SplitFrames) => fragments(Data::Binary, value),
        OnFrame::Binary(Echo::Gzip) => vec![Wsm::binary(gzip(value))],
        OnFrame::Binary(echo) => vec![Wsm::binary(spelled(echo, value))],
        OnFrame::Close(echo) => {
            let mut reason = utf8(&spelled(echo, value));
            reason.truncate(reason.floor_char_boundary(MAX_CONTROL_BYTES - CODE_BYTES));
            vec![Wsm::Close(Some(CloseFrame { code: CLOSE_CODE.into(), reason: reason.into() }))]
        }
        OnFrame::Ping(echo) => {
            let spelled = spelled(echo, value);
            spelled.chunks(MAX_CONTROL_BYTES).map(|piece| Wsm::Ping(piece.to_vec().into())).collect()
        }
    }
}

fn spelled(echo: &Echo, value: &[u8]) -> Vec<u8> {
    let spelled = spell(echo, value);
    if is_json(echo) { [b"\"", &spelled[..], b"\""].concat() } else { spelled }
}

/// One message in several frames (RFC 6455 5.4).
fn fragments(kind: Data, whole: &[u8]) -> Vec<Wsm> {
    let pieces = pieces(whole);
    let last = pieces.len().saturating_sub(1);
    let frame = |(at, piece)| {
        let kind = if at == 0 { kind } else { Data::Continue };
        Wsm::Frame(Frame::message(piece, OpCode::Data(kind), at == last))
    };
    pieces.into_iter().enumerate().map(frame).collect()
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
