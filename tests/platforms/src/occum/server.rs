//! The port: listening, not listening, listening again on the same one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpSocket;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Occum;
use super::happening::Happening;
use super::line::{Cut, Lines};
use super::rest;
use super::state::Platform;
use crate::port;

/// Connections the kernel holds for us before we accept them.
const BACKLOG: u32 = 1024;

pub(super) struct Server {
    address: SocketAddr,
    platform: Arc<Platform>,
    port: Mutex<Port>,
    /// Cuts whatever is left when the last handle goes.
    end: CancellationToken,
}

enum Port {
    Open {
        accepting: JoinHandle<()>,
        connections: CancellationToken,
    },
    /// Bound without listening: connecting is refused, and nobody else is given the port meanwhile.
    Closed(TcpSocket),
    /// Only while it changes, or after a bind that failed.
    Lost,
}

impl Server {
    pub(super) async fn start(platform: Arc<Platform>) -> anyhow::Result<Self> {
        let socket = port::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, platform.settings.port)))?;
        let address = socket.local_addr().context("failed to learn the port")?;
        let server =
            Self { address, platform, port: Mutex::new(Port::Closed(socket)), end: CancellationToken::new() };
        server.open().await?;
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn open(&self) -> anyhow::Result<()> {
        let mut port = self.port.lock().await;
        let socket = match std::mem::replace(&mut *port, Port::Lost) {
            Port::Closed(socket) => socket,
            Port::Lost => port::bind(self.address)?,
            open @ Port::Open { .. } => {
                *port = open;
                return Ok(());
            }
        };
        let tcp = socket.listen(BACKLOG).with_context(|| format!("failed to listen on {}", self.address))?;
        let connections = self.end.child_token();
        let lines = Lines { tcp, all: connections.clone(), recorder: Arc::clone(&self.platform.recorder) };
        let router = rest::router(Arc::clone(&self.platform));
        let end = self.end.clone();
        let accepting = tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                // axum serves for ever: errors of accepting are its own business, those of a connection too.
                _ = axum::serve(lines, router.into_make_service_with_connect_info::<Cut>()) => {}
            }
        });
        self.platform.recorder.note(Happening::Listening { port: self.address.port() });
        *port = Port::Open { accepting, connections };
        Ok(())
    }

    async fn close(&self) -> anyhow::Result<()> {
        let mut port = self.port.lock().await;
        let (accepting, connections) = match std::mem::replace(&mut *port, Port::Lost) {
            Port::Open { accepting, connections } => (accepting, connections),
            other => {
                *port = other;
                return Ok(());
            }
        };
        accepting.abort();
        // NB: the listener is closed only when its task is gone, and the port is free only then.
        let _ = accepting.await;
        *port = Port::Closed(port::bind_again(self.address).await?);
        connections.cancel();
        self.platform.recorder.note(Happening::Stopped);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

impl Occum {
    /// Stop listening and cut every connection; connecting is refused until `listen_again`. The state stays.
    ///
    /// # Errors
    /// The port could not be kept.
    pub async fn stop_listening(&self) -> anyhow::Result<()> {
        self.server.close().await?;
        self.wait_for("every connection to end", |record| record.connections_open() == 0).await;
        Ok(())
    }

    /// Listen on the same port again.
    ///
    /// # Errors
    /// Somebody else has the port by now.
    pub async fn listen_again(&self) -> anyhow::Result<()> {
        self.server.open().await
    }

    /// Stop, then listen again on the same port, with agents, channels, events and sessions kept.
    ///
    /// # Errors
    /// See `stop_listening` and `listen_again`.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.stop_listening().await?;
        self.listen_again().await
    }
}
