//! Ports of far ends that stop listening and listen again.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::net::TcpSocket;

/// How long a port may still be taken after its listener was closed. A process that this one just spawned has our sockets
/// until the kernel closes them on exec, and spawning returns a moment before that [tried: 3 of 100 binds].
const STILL_TAKEN: Duration = Duration::from_secs(5);

/// The port of a listener that was just closed.
pub(crate) async fn bind_again(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let begun = Instant::now();
    loop {
        let bound = bind(address);
        let taken = |error: &anyhow::Error| {
            error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
        };
        if !bound.as_ref().is_err_and(taken) || begun.elapsed() > STILL_TAKEN {
            return bound;
        }
        // Microseconds; and a paused clock would never end a sleep's worth of real time.
        tokio::task::yield_now().await;
    }
}

/// Not listening yet: connecting is refused, and nobody else is given the port meanwhile.
pub(crate) fn bind(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4().context("failed to make a socket")?;
    // The connections we cut may linger on this port; without this nobody could listen on it for a minute.
    socket.set_reuseaddr(true).context("failed to allow reuse of the port")?;
    socket.bind(address).with_context(|| format!("failed to bind {address}"))?;
    Ok(socket)
}
