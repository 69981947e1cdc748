//! The port.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::record::{Connection, Record};
use super::shared::Shared;
use super::tap::Tap;
use super::wire::Wire;
use super::{talk, tls};

pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// Cuts whatever is left when the last handle goes.
    end: CancellationToken,
}

impl Server {
    pub(super) async fn start(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        shared: Arc<Shared>,
    ) -> anyhow::Result<Self> {
        let tcp = TcpListener::bind(address).await.with_context(|| format!("failed to bind {address}"))?;
        let address = tcp.local_addr().context("failed to learn the port")?;
        let end = CancellationToken::new();
        tokio::spawn(accept(tcp, tls, shared, end.clone()));
        Ok(Self { address, end })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Every connection ends with `end`.
async fn accept(
    tcp: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    shared: Arc<Shared>,
    end: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = end.cancelled() => return,
            accepted = tcp.accept() => accepted,
        };
        let Ok((line, peer)) = accepted else {
            // Out of files, most likely: others have to close some first.
            tokio::task::yield_now().await;
            continue;
        };
        let number = shared.note(|record| open(record, peer));
        let (tls, end) = (tls.clone(), end.clone());
        let open = Open { number, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = serve(line, tls, &open) => {}
            }
        });
    }
}

async fn serve(line: TcpStream, tls: Option<Arc<ServerConfig>>, open: &Open) {
    // Only a delay is lost if this fails.
    let _ = line.set_nodelay(true);
    let (number, shared) = (open.number, Arc::clone(&open.shared));
    let heard = move |bytes: &[u8]| shared.note(|record| record.connections[number].bytes.extend(bytes));
    let line = match tls {
        None => Tap::new(line, heard),
        Some(settings) => match tls::shake_hands(line, settings, &open.shared, number).await {
            Ok(line) => Tap::new(line, heard),
            Err(error) => return open.shared.fault(number, format!("TLS handshake: {error}")),
        },
    };
    talk::talk(Wire::new(line), &open.shared, number).await;
}

fn open(record: &mut Record, peer: SocketAddr) -> usize {
    record.connections.push(Connection {
        peer,
        sni: None,
        client_certificate: None,
        bytes: Vec::new(),
        upgraded_at: None,
        open: true,
    });
    record.connections.len() - 1
}

/// Notes the end of a connection, however it comes.
struct Open {
    number: usize,
    shared: Arc<Shared>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.note(|record| record.connections[self.number].open = false);
    }
}
