//! The server over HTTP: who is let in, and how many at once.
use crate::house::House;
use crate::limits::Limits;
use crate::patient::Patient;
use crate::tools::Toolset;
use futures::FutureExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ports::secret::Secret;
use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tracing::{debug, warn};

/// Of the head of a request.
const HEAD_BYTES: usize = 16 << 10;

const HEADERS: usize = 64;

/// Between two looks at sessions that nobody uses, at most.
const SWEEP: Duration = Duration::from_secs(60);

/// One set of tools, served at `/mcp/<name>` to whoever has the token.
pub struct Endpoint {
    /// Letters, digits, and `-_.~`.
    pub name: String,
    /// Its own: who has it may call all of these tools, and nothing tells callers apart.
    pub token: Secret,
    pub toolset: Arc<dyn Toolset>,
}

/// Serves as long as it lives. Dropped, it closes all connections and drops all calls at once.
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Port 0 takes one that is free.
    ///
    /// # Errors
    /// `InvalidInput`: not an address of this machine's loopback, or an endpoint's name or token that will not do. Else
    /// those of listening.
    pub async fn listen(address: SocketAddr, endpoints: Vec<Endpoint>, limits: Limits) -> Result<Self> {
        if !address.ip().is_loopback() {
            let why = format!("{address} can be reached from elsewhere; take 127.0.0.1 or [::1]");
            return Err(Error::new(ErrorKind::InvalidInput, why));
        }
        let house = House::new(endpoints, limits)?;
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(serve(listener, Arc::new(house), limits)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Dropped, it takes all connections and sessions with it.
async fn serve(listener: TcpListener, house: Arc<House>, limits: Limits) {
    let sweeping = async {
        loop {
            sleep((limits.session_idle / 2).clamp(Duration::from_millis(10), SWEEP)).await;
            house.sweep();
        }
    };
    tokio::select! {
        () = accept(&listener, &house, limits) => {}
        () = sweeping => {}
    }
}

async fn accept(listener: &TcpListener, house: &Arc<House>, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let mut talks = JoinSet::new();
    let mut failing = false;
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while talks.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                failing = false;
                let house = house.clone();
                talks.spawn(async move {
                    let _place = place;
                    talk(stream, &house, limits.client_timeout).await;
                });
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    warn!(%error, "no client can connect to the tools");
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn talk(stream: TcpStream, house: &House, client_timeout: Duration) {
    let service = service_fn(|request| async {
        // A panic is said where panics are.
        let answering = AssertUnwindSafe(house.answer(request)).catch_unwind();
        Ok::<_, Infallible>(answering.await.unwrap_or_else(|_| House::broken()))
    });
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    // It is also how long a connection may do nothing between two requests.
    http.timer(TokioTimer::new()).header_read_timeout(client_timeout);
    http.max_buf_size(HEAD_BYTES).max_headers(HEADERS);
    let stream = TokioIo::new(Patient::new(stream, client_timeout));
    if let Err(error) = http.serve_connection(stream, service).await {
        debug!(%error, "a client of the tools went away");
    }
}
