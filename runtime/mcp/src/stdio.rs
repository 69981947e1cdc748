//! One client over a pair of streams, a message per line: for whoever starts the runtime as its server of tools.
use crate::desk::Desk;
use crate::limits::Limits;
use crate::message::{self, Message};
use crate::offer::{Offer, Told};
use crate::pipe::{Pipe, QUEUE};
use crate::tools::Toolset;
use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, ServerJsonRpcMessage, ServerNotification};
use rmcp::service::{Peer, ServerInitializeError, serve_server};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, watch};

/// Why it ended before the client closed.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    #[error("the client's messages cannot be read")]
    Read(#[source] io::Error),
    #[error("the client takes no answers")]
    Write(#[source] io::Error),
    #[error("the protocol's server broke off: {0}")]
    Broken(String),
}

/// Serves the tools until the client closes its side; calls that run then have a few seconds to end.
///
/// # Errors
/// See [`StdioError`]. What a client says never is one, whatever it is.
pub async fn stdio(
    toolset: Arc<dyn Toolset>,
    reader: impl AsyncRead + Unpin + Send,
    writer: impl AsyncWrite + Unpin + Send,
) -> Result<(), StdioError> {
    let limits = Limits::default();
    let desk = Arc::new(Desk::new("stdio".into(), toolset, limits));
    let (to_server, incoming) = mpsc::channel(QUEUE);
    let (outgoing, answers) = mpsc::channel(QUEUE);
    let reading = read(BufReader::new(reader), to_server, outgoing.clone(), limits.body_bytes);
    let serving = serve(desk, Pipe { incoming, outgoing: Some(outgoing) });
    tokio::try_join!(reading, serving, write(writer, answers))?;
    Ok(())
}

async fn serve(desk: Arc<Desk>, pipe: Pipe) -> Result<(), StdioError> {
    let changes = desk.changes();
    let offer = Offer::new(desk);
    let told = offer.told();
    let running = match serve_server(offer, pipe).await {
        Ok(running) => running,
        // It left before it began.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StdioError::Broken(error.to_string())),
    };
    let peer = running.peer().clone();
    tokio::select! {
        ended = running.waiting() => ended.map(drop).map_err(|error| StdioError::Broken(error.to_string())),
        () = notify(peer, changes, told) => Ok(()),
    }
}

/// One notice for however many changes the client had no time for.
async fn notify(peer: Peer<RoleServer>, mut changes: watch::Receiver<u64>, told: Told) {
    loop {
        if told.tell(*changes.borrow_and_update()) {
            let changed = ServerNotification::ToolListChangedNotification(Default::default());
            let _ = peer.send_notification(changed).await;
        }
        if changes.changed().await.is_err() {
            // They never change again.
            std::future::pending::<()>().await;
        }
    }
}

async fn read(
    mut lines: impl AsyncBufRead + Unpin,
    to_server: mpsc::Sender<ClientJsonRpcMessage>,
    outgoing: mpsc::Sender<ServerJsonRpcMessage>,
    most: usize,
) -> Result<(), StdioError> {
    let mut begun = false;
    let mut line = Vec::new();
    while let Some(whole) = next_line(&mut lines, &mut line, most).await.map_err(StdioError::Read)? {
        // Who takes no answers is not read any further. It holds the place for none of them.
        if outgoing.reserve().await.is_err() {
            return Ok(());
        }
        if whole && line.trim_ascii().is_empty() {
            continue;
        }
        let too_long = || ErrorData::invalid_request(format!("a message has at most {most} bytes"), None);
        let read = if whole { message::read(&line) } else { Err(too_long()) };
        let passed = match read {
            Ok(Message::Initialize(_, message)) => {
                begun = true;
                to_server.send(message).await.is_ok()
            }
            Ok(Message::Request(id, message)) => match begun || is_ping(&message) {
                true => to_server.send(message).await.is_ok(),
                false => {
                    refuse(&outgoing, ErrorData::invalid_request("initialize first", None), Some(id)).await
                }
            },
            Ok(Message::Notification(message) | Message::Cancelled(_, message)) if begun => {
                to_server.send(message).await.is_ok()
            }
            Ok(Message::Refused(id, error)) => refuse(&outgoing, error, Some(id)).await,
            Ok(_) => true,
            Err(error) => refuse(&outgoing, error, None).await,
        };
        if !passed {
            return Ok(());
        }
    }
    Ok(())
}

fn is_ping(message: &ClientJsonRpcMessage) -> bool {
    use rmcp::model::ClientRequest::PingRequest;
    matches!(message, ClientJsonRpcMessage::Request(request) if matches!(request.request, PingRequest(_)))
}

async fn refuse(
    outgoing: &mpsc::Sender<ServerJsonRpcMessage>,
    error: ErrorData,
    id: Option<rmcp::model::RequestId>,
) -> bool {
    outgoing.send(ServerJsonRpcMessage::error(error, id)).await.is_ok()
}

/// Whether the line is whole: of one that is too long, nothing is kept. `None` at the end.
async fn next_line(
    lines: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    most: usize,
) -> io::Result<Option<bool>> {
    line.clear();
    let (mut whole, mut any) = (true, false);
    loop {
        let bytes = lines.fill_buf().await?;
        if bytes.is_empty() {
            return Ok(any.then_some(whole));
        }
        any = true;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        whole &= line.len() + part.len() <= most;
        if whole {
            line.extend_from_slice(part);
        } else {
            line.clear();
        }
        let used = part.len() + usize::from(end.is_some());
        lines.consume(used);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut answers: mpsc::Receiver<ServerJsonRpcMessage>,
) -> Result<(), StdioError> {
    while let Some(message) = answers.recv().await {
        let Ok(mut line) = serde_json::to_vec(&message) else { continue };
        line.push(b'\n');
        writer.write_all(&line).await.map_err(StdioError::Write)?;
        writer.flush().await.map_err(StdioError::Write)?;
    }
    Ok(())
}
