//! The way out. Every room that opens a connection asks this port; nobody else resolves a name or connects.
use crate::reach::CheckedUrl;
use futures::future::BoxFuture;
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes both ways: plain TCP or TLS.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub type Stream = Box<dyn Io>;

/// The way out of one instance: the operator's exceptions to the closed ranges, roots, certificates and proxy are in it.
pub trait Dial: Send + Sync + 'static {
    /// Resolves once, judges every address, connects to a judged one and, for `https` and `wss`, does the TLS
    /// handshake with the name of the URL. Cancel safe: dropping the future closes what was opened.
    ///
    /// # Errors
    /// See [`DialError`]. Nothing was sent to the far end's application in any of them.
    fn dial<'a>(&'a self, url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>>;
}

#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error("{host} is at {address}, in a range that is closed unless the operator grants it ({range})")]
    ClosedRange { host: String, address: IpAddr, range: &'static str },
    #[error("no address found for {host}")]
    Resolve {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("connection to {host} failed")]
    Connect {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("TLS handshake with {host} failed")]
    Tls {
        host: String,
        #[source]
        source: io::Error,
    },
    /// The operator's proxy is away or refuses. `proxy` is its host and port.
    #[error("proxy {proxy} opens no connection to {host}: {why}")]
    Proxy { host: String, proxy: String, why: String },
    #[error("no connection to {host} within {seconds} s")]
    Timeout { host: String, seconds: u64 },
}
