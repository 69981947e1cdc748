//! The board over HTTP, for programs on this machine that have the token.
//!
//! `GET /events` is an event stream (`text/event-stream`): first `event: set` for all that is there, then `event:
//! ready`, then `set` and `removed` as they happen; `data:` is one line of JSON, `id:` the revision. `GET /state` is
//! the picture as one JSON document. Both take `tenant=`, `instance=tenant/connector/account` and `key=` (a trailing
//! `*`: all keys that begin so) in the query, and need `Authorization: Bearer …`; a token in the query is refused.
//!
//! After a reconnect the picture comes again. What a client had before and has not seen again at `ready` is gone;
//! `Last-Event-ID` means nothing here, and revisions begin anew when the process does.
//!
//! A browser's `EventSource` cannot send the token. A dashboard reads the stream with `fetch` instead, from a page on
//! this machine (`http://localhost:…`; other origins are refused):
//!
//! ```js
//! const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
//! let rest = ""
//! for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
//!   const events = (rest + text).split("\n\n")
//!   rest = events.pop()
//!   for (const event of events) {
//!     const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s)))
//!     if (fields.event) show(fields.event, JSON.parse(fields.data))
//!   }
//! }
//! ```
mod desk;
mod events;
mod gate;
mod patience;
mod query;

use crate::Board;
use desk::Desk;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use patience::Patience;
use ports::secret::Secret;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tracing::{debug, warn};

/// Of the head of a request; the least that hyper can have. As much of an answer waits beside the socket's own
/// buffer.
const HEAD_BYTES: usize = 8 << 10;

/// A browser sends some twenty.
const HEADERS: usize = 64;

/// Connections beyond the limit that are told so at once; who comes while these are busy is only hung up on.
const TURNED_AWAY: usize = 8;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: usize,
    /// For the head of a request.
    pub head: Duration,
    /// Without an event, until a comment shows that the stream is alive.
    pub silence: Duration,
    /// For a client to take any of what waits in its socket's full buffer.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let (head, silence, patience) = (10, 15, 60);
        let [head, silence, patience] = [head, silence, patience].map(Duration::from_secs);
        Self { connections: 64, head, silence, patience }
    }
}

/// Listens as long as it lives. Dropped, it takes all connections with it.
pub struct Stream {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Stream {
    /// Port 0 takes one that is free.
    ///
    /// # Errors
    /// `InvalidInput`: not an address of this machine's loopback, or a token that no header can carry. Else those of
    /// listening.
    pub async fn listen(address: SocketAddr, token: Secret, board: Board, limits: Limits) -> Result<Self> {
        let invalid = |why: String| Error::new(ErrorKind::InvalidInput, why);
        if !address.ip().is_loopback() {
            return Err(invalid(format!("{address} can be reached from elsewhere; take 127.0.0.1 or [::1]")));
        }
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "the token is empty or has other characters than letters, digits and ASCII signs".into(),
            ));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let desk = Desk { board, token, silence: limits.silence };
        Ok(Self { address, task: tokio::spawn(serve(listener, Arc::new(desk), limits)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let doors = Arc::new(Semaphore::new(TURNED_AWAY));
    let mut talks = JoinSet::new();
    let mut failing = false;
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = talks.join_next() => continue,
        };
        match stream {
            Ok((stream, _)) => {
                failing = false;
                let place = places.clone().try_acquire_owned();
                let is_full = place.is_err();
                // Beyond both limits: dropped.
                let Ok(place) = place.or_else(|_| doors.clone().try_acquire_owned()) else { continue };
                let desk = desk.clone();
                talks.spawn(async move {
                    let _place = place;
                    talk(stream, &desk, is_full, limits).await;
                });
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    warn!(%error, "the event stream cannot be asked for");
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One request. Its body is never read.
async fn talk(stream: TcpStream, desk: &Desk, is_full: bool, limits: Limits) {
    let service = service_fn(async |request| {
        let answer = if is_full { desk::full() } else { desk.answer(request) };
        Ok::<_, std::convert::Infallible>(answer)
    });
    // An event is small and wanted now.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    http.max_buf_size(HEAD_BYTES).max_headers(HEADERS).keep_alive(false);
    if let Err(error) =
        http.serve_connection(TokioIo::new(Patience::new(stream, limits.patience)), service).await
    {
        debug!(%error, "a client of the event stream went away");
    }
}
