//! A line that tells somebody what comes in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// TCP, or TLS over it.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

type Heard = dyn FnMut(&[u8]) + Send;

pub(super) struct Tap {
    line: Box<dyn Line>,
    heard: Box<Heard>,
}

impl Tap {
    /// `heard` is called with all bytes that are read, in order, before the reader has them.
    pub(super) fn new(line: impl Line + 'static, heard: impl FnMut(&[u8]) + Send + 'static) -> Self {
        Self { line: Box::new(line), heard: Box::new(heard) }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.line).poll_read(cx, into))?;
        let new = &into.filled()[before..];
        if !new.is_empty() {
            (self.heard)(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.line).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(cx)
    }
}
