//! The connection itself: reading and writing side by side in one task, and a polite end.
use super::counted::Counted;
use super::event::CloseReason;
use futures::{FutureExt, SinkExt, StreamExt};
use ports::secret::Vault;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// Allocated per connection and never given back; the smallest that still takes a usual frame in one read. (It grows
/// to the longest message that came, at most the plan's limit.)
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Nothing is collected: every frame is flushed, because somebody waits for it.
const WRITE_BUFFER_BYTES: usize = 0;
/// Over one message: its header, and a pong or close frame (131 bytes) behind it. tungstenite has no limit by default,
/// and a far end that does not read would fill our memory.
const WRITE_SLACK_BYTES: usize = 1 << 10;
/// For the close frame to leave and the far end to hang up. Then we do.
const FAREWELL: Duration = Duration::from_secs(1);
/// What is read and thrown away meanwhile. To hang up with bytes unread resets the connection, and the far end may
/// lose our close frame.
const FAREWELL_BYTES: usize = 1 << 20;

pub(super) fn config(max_message_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(max_message_bytes + WRITE_SLACK_BYTES)
        .max_message_size(Some(max_message_bytes))
        .max_frame_size(Some(max_message_bytes))
}

/// An open connection. Dropped, it tries once to send a close frame (1000), without waiting.
pub(super) struct Wire {
    socket: WebSocketStream<Counted>,
    flushing: bool,
    /// Writing has failed. What was received is read to its end, the close frame above all.
    broken: Option<Error>,
    left: bool,
}

pub(super) enum Moved {
    /// What was started has left.
    Flushed,
    /// What was started, and whatever would be, is lost.
    Unwritable,
    Message(Message),
    /// Too much that is no message.
    Flood,
    Broken(Error),
}

impl Wire {
    pub(super) fn new(socket: WebSocketStream<Counted>) -> Self {
        Self { socket, flushing: false, broken: None, left: false }
    }

    /// Whether a frame can be started.
    pub(super) fn is_writable(&self) -> bool {
        !self.flushing && self.broken.is_none()
    }

    /// When the last byte came.
    pub(super) fn heard(&self) -> Instant {
        self.socket.get_ref().heard
    }

    /// A message for the guest is complete.
    pub(super) fn settle(&mut self) {
        self.socket.get_mut().settle();
    }

    /// Hands one frame to the socket; [`poll`](Self::poll) says when it has left, or that it cannot.
    pub(super) fn start(&mut self, message: Message) {
        self.flushing = true;
        self.broken = self.socket.start_send_unpin(message).err();
    }

    /// Flushes what was started and, if `reading`, reads. Flushing comes first, so that a flood cannot hold up what
    /// we send; reading goes on while the far end does not read, so that two full pipes do not wait for each other.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<Moved> {
        if self.flushing {
            let flushed = match self.broken {
                None => self.socket.poll_flush_unpin(cx),
                Some(_) => Poll::Ready(Ok(())),
            };
            if let Poll::Ready(flushed) = flushed {
                self.flushing = false;
                self.broken = self.broken.take().or(flushed.err());
                return Poll::Ready(if self.broken.is_some() { Moved::Unwritable } else { Moved::Flushed });
            }
        }
        if !reading {
            return Poll::Pending;
        }
        let read = self.socket.poll_next_unpin(cx);
        if self.socket.get_ref().is_flooded() {
            return Poll::Ready(Moved::Flood);
        }
        let end = match read {
            Poll::Ready(Some(Ok(message))) => return Poll::Ready(Moved::Message(message)),
            Poll::Ready(Some(Err(error))) => Some(error),
            Poll::Ready(None) => Some(Error::ConnectionClosed),
            Poll::Pending => self.broken.take(),
        };
        end.map_or(Poll::Pending, |error| Poll::Ready(Moved::Broken(error)))
    }

    /// Sends and flushes, before anything else runs on this connection.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), CloseReason> {
        self.socket.send(message).await.map_err(|error| CloseReason::Lost(error.to_string()))
    }

    /// The end, with the close code that fits. Takes at most [`FAREWELL`].
    pub(super) async fn leave(&mut self, reason: &CloseReason) {
        let code = match reason {
            CloseReason::TooLarge => CloseCode::Size,
            CloseReason::NotUtf8 => CloseCode::Invalid,
            CloseReason::Protocol(_) => CloseCode::Protocol,
            CloseReason::Slow => CloseCode::Away,
            CloseReason::Asked => CloseCode::Normal,
            CloseReason::Peer { .. } => {
                self.left = true;
                let flush = Box::pin(self.socket.flush());
                let _ = tokio::time::timeout(FAREWELL, flush).await;
                return;
            }
            // Nobody is there to hear it; what can be tried without waiting, the drop does.
            _ => return,
        };
        self.left = true;
        // Boxed: this is the last second of a connection and must not make the task larger in all others.
        let goodbye = Box::pin(async {
            if self.socket.send(close(code)).await.is_err() {
                return;
            }
            let (mut rest, mut thrown) = ([0; 1 << 10], 0);
            while thrown < FAREWELL_BYTES {
                match self.socket.get_mut().stream.read(&mut rest).await {
                    Ok(bytes) if bytes > 0 => thrown += bytes,
                    _ => return,
                }
            }
        });
        let _ = tokio::time::timeout(FAREWELL, goodbye).await;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if !self.left {
            let _ = self.socket.send(close(CloseCode::Normal)).now_or_never();
        }
    }
}

fn close(code: CloseCode) -> Message {
    Message::Close(Some(CloseFrame { code, reason: Default::default() }))
}

/// What a broken connection means. The text may quote the far end.
pub(super) fn reason(error: Error, vault: &Vault) -> CloseReason {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseReason::TooLarge,
        Error::Utf8(_) => CloseReason::NotUtf8,
        Error::Io(error) => CloseReason::Lost(vault.redact(&error.to_string()).into_owned()),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete) => {
            CloseReason::Lost("the platform hung up".into())
        }
        error => CloseReason::Protocol(vault.redact(&error.to_string()).into_owned()),
    }
}

pub(super) fn probe() -> Message {
    Message::Ping(Bytes::new())
}
