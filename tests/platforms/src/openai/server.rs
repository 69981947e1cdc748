//! The port: listening, not listening, listening again on the same one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::talk::talk;
use crate::port;

/// Connections the kernel holds for us before we accept them.
const BACKLOG: u32 = 1024;

pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    port: Mutex<Port>,
    /// Cuts whatever is left when the last handle goes.
    end: CancellationToken,
}

enum Port {
    Open {
        accepting: JoinHandle<()>,
        stop: CancellationToken,
    },
    /// Bound without listening: connecting is refused, and nobody else is given the port meanwhile.
    Closed(TcpSocket),
    /// Only while it changes, or after a bind that failed.
    Lost,
}

impl Server {
    pub(super) async fn start(shared: Arc<Shared>) -> anyhow::Result<Self> {
        let socket = port::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, shared.settings.port)))?;
        let address = socket.local_addr().context("failed to learn the port")?;
        let server =
            Self { address, shared, port: Mutex::new(Port::Closed(socket)), end: CancellationToken::new() };
        server.open().await?;
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn open(&self) -> anyhow::Result<()> {
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
        let stop = self.end.child_token();
        let accepting = tokio::spawn(accept(tcp, Arc::clone(&self.shared), stop.clone()));
        *port = Port::Open { accepting, stop };
        Ok(())
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
        let mut port = self.port.lock().await;
        let (accepting, stop) = match std::mem::replace(&mut *port, Port::Lost) {
            Port::Open { accepting, stop } => (accepting, stop),
            other => {
                *port = other;
                return Ok(());
            }
        };
        stop.cancel();
        // NB: the listener is closed only when its task is gone, and the port is free only then.
        let _ = accepting.await;
        *port = Port::Closed(port::bind_again(self.address).await?);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Every connection ends with `stop`.
async fn accept(tcp: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = tcp.accept() => accepted,
        };
        let Ok((line, _)) = accepted else {
            // Out of files, most likely: others have to close some first.
            tokio::task::yield_now().await;
            continue;
        };
        shared.note(|record| record.open());
        let open = Open(Arc::clone(&shared));
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = talk(line, &open.0) => {}
            }
        });
    }
}

/// Notes the end of a connection, however it comes.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.note(|record| record.close());
    }
}
