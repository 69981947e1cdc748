//! What the library does not tell: when the far end was last heard of, and how much of what it sends is for nothing.
use super::keepalive::QUIET;
use ports::dial::Stream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// Bytes that may come in [`QUIET`] without completing a message for the guest, as a multiple of the message limit:
/// one-byte fragments triple a message. Past it the far end floods us with pings, answers or empty fragments.
const FLOOD_FACTOR: usize = 4;
const FLOOD_SLACK_BYTES: usize = 64 << 10;

pub(super) struct Counted {
    pub(super) stream: Stream,
    pub(super) heard: Instant,
    idle_bytes: usize,
    idle_since: Instant,
    idle_limit: usize,
}

impl Counted {
    pub(super) fn new(stream: Stream, max_message_bytes: usize) -> Self {
        let now = Instant::now();
        let idle_limit = max_message_bytes * FLOOD_FACTOR + FLOOD_SLACK_BYTES;
        Self { stream, heard: now, idle_bytes: 0, idle_since: now, idle_limit }
    }

    pub(super) fn is_flooded(&self) -> bool {
        self.idle_bytes > self.idle_limit
    }

    /// What came was a message for the guest.
    pub(super) fn settle(&mut self) {
        self.idle_bytes = 0;
    }

    fn hear(&mut self, bytes: usize) {
        self.heard = Instant::now();
        if self.heard - self.idle_since > QUIET {
            self.idle_since = self.heard;
            self.idle_bytes = 0;
        }
        self.idle_bytes += bytes;
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            self.hear(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
