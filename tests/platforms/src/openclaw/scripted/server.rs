//! The port: listening, dead, alive again on the same one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpSocket;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::connection;
use super::state::Shared;
use crate::port;

/// Connections the kernel holds for us before we accept them.
const BACKLOG: u32 = 128;

pub(super) struct Server {
    address: SocketAddr,
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
    pub(super) async fn start(shared: Arc<Shared>) -> anyhow::Result<Self> {
        let socket = port::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = socket.local_addr().context("failed to learn the port")?;
        let server = Self { address, port: Mutex::new(Port::Closed(socket)), end: CancellationToken::new() };
        server.open(shared).await?;
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn open(&self, shared: Arc<Shared>) -> anyhow::Result<()> {
        let mut port = self.port.lock().await;
        let socket = match std::mem::replace(&mut *port, Port::Lost) {
            Port::Closed(socket) => socket,
            Port::Lost => port::bind(self.address)?,
            open @ Port::Open { .. } => {
                *port = open;
                return Ok(());
            }
        };
        let listener =
            socket.listen(BACKLOG).with_context(|| format!("failed to listen on {}", self.address))?;
        let connections = self.end.child_token();
        let (end, cut) = (self.end.clone(), connections.clone());
        let accepting = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = end.cancelled() => return,
                    accepted = listener.accept() => if let Ok((tcp, _)) = accepted {
                        // Only a delay is lost if this fails.
                        let _ = tcp.set_nodelay(true);
                        tokio::spawn(connection::serve(Arc::clone(&shared), tcp, cut.clone()));
                    }
                }
            }
        });
        *port = Port::Open { accepting, connections };
        Ok(())
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
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
        connections.cancel();
        *port = Port::Closed(port::bind_again(self.address).await?);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.cancel();
    }
}
