//! hyper's way to a connection: over our dialler and no other.
use super::counters::Counters;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use ports::dial::{Dial, DialError, Stream};
use ports::reach::{CheckedUrl, UrlError};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_service::Service;

#[derive(Clone)]
pub(super) struct Connector {
    pub(super) dial: Arc<dyn Dial>,
    pub(super) sockets: Arc<Semaphore>,
    pub(super) counters: Arc<Counters>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error(transparent)]
    Dial(DialError),
    #[error("no socket is free")]
    Sockets,
    #[error(transparent)]
    Url(UrlError),
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Self::Response, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    /// `origin` is hyper's pool key: scheme and authority of a URL that was checked and allowed.
    fn call(&mut self, origin: Uri) -> Self::Future {
        let Self { dial, sockets, counters } = self.clone();
        async move {
            // Never waits: hyper lets a connect that lost the race against a freed connection run on in the background,
            // and those would pile up here.
            let socket = sockets.try_acquire_owned().map_err(|_| ConnectError::Sockets)?;
            // The same origin again: the text came out of a `CheckedUrl`, and WHATWG parsing is idempotent.
            let url = CheckedUrl::parse(&origin.to_string()).map_err(ConnectError::Url)?;
            let stream = dial.dial(&url).await.map_err(ConnectError::Dial)?;
            Ok(TokioIo::new(Wire { stream, counters, _socket: socket }))
        }
        .boxed()
    }
}

/// A connection that counts, and gives its socket's permit back when it is closed.
pub(super) struct Wire {
    stream: Stream,
    counters: Arc<Counters>,
    _socket: OwnedSemaphorePermit,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.counters.read(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let bytes = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.counters.wrote(bytes);
        Poll::Ready(Ok(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.counters.wrote(bytes);
        Poll::Ready(Ok(bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
