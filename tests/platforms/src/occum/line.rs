//! TCP connections that can be cut from outside, in the middle of anything: hyper and axum offer no such thing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::happening::Happening;
use super::recorder::Recorder;

/// The listener; every connection it accepts is cut with `all`.
pub(super) struct Lines {
    pub(super) tcp: TcpListener,
    pub(super) all: CancellationToken,
    pub(super) recorder: Arc<Recorder>,
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        // axum's own, which logs what goes wrong and goes on.
        let (tcp, from) = Listener::accept(&mut self.tcp).await;
        // Only a delay is lost if this fails.
        let _ = tcp.set_nodelay(true);
        let cut = Cut { connection: self.recorder.number(), token: self.all.child_token() };
        self.recorder.note(Happening::Connected { connection: cut.connection });
        let cutting = Box::pin(cut.token.clone().cancelled_owned());
        (Line { tcp, cut, cutting, recorder: Arc::clone(&self.recorder) }, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// One accepted connection.
pub(super) struct Line {
    tcp: TcpStream,
    cut: Cut,
    cutting: Pin<Box<WaitForCancellationFutureOwned>>,
    recorder: Arc<Recorder>,
}

/// The scissors for one connection.
#[derive(Clone)]
pub(super) struct Cut {
    pub(super) connection: u64,
    token: CancellationToken,
}

impl Cut {
    /// Cut it with a reset, at once: what was not yet written never is.
    pub(super) fn now(&self) {
        self.token.cancel();
    }
}

impl Connected<IncomingStream<'_, Lines>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().cut.clone()
    }
}

impl Line {
    /// An error once the line is cut. Also registers whoever asks to be woken when that happens.
    fn whole(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.cutting.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut on command")),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.cut.token.is_cancelled() {
            // Reset instead of a polite end; without it the peer merely sees an end of stream, which will do.
            let _ = self.tcp.set_zero_linger();
        }
        self.recorder.note(Happening::Disconnected { connection: self.cut.connection });
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        line.whole(cx)?;
        Pin::new(&mut line.tcp).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        line.whole(cx)?;
        Pin::new(&mut line.tcp).poll_write(cx, from)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        line.whole(cx)?;
        Pin::new(&mut line.tcp).poll_write_vectored(cx, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}
