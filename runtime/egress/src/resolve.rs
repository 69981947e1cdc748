//! Names to addresses, once per connection.
use futures::future::BoxFuture;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use tokio::sync::Semaphore;

pub trait Resolve: Send + Sync + 'static {
    /// Every address of `host`, best first. Nobody asks twice for one connection.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// `getaddrinfo`: the machine's hosts file, name servers and search domains.
pub struct SystemResolver {
    places: Arc<Semaphore>,
}

/// Lookups at a time. Each holds one of tokio's 512 blocking threads, and holds it to the end even when the dialler has
/// long given up: a name server that never answers may take a quarter of them, and files are still read.
const LOOKUPS: usize = 128;

impl Default for SystemResolver {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let place = self.places.clone().acquire_owned().await.map_err(io::Error::other)?;
            let host = host.to_owned();
            // Not tokio's `lookup_host`, which is the same call but would give the place back when it is cancelled
            // instead of when the thread is free.
            let lookup = tokio::task::spawn_blocking(move || {
                let _place = place;
                let found = (host.as_str(), 0).to_socket_addrs()?;
                Ok(found.map(|address| address.ip()).collect())
            });
            lookup.await?
        })
    }
}
