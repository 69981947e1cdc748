//! What all ways out share.
use crate::way::{Out, Way};
use crate::{Resolve, Roots, SystemResolver, tls};
use ports::dial::Dial;
use ports::reach::CheckedUrl;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;
use url::Host;

/// From the name to the end of the TLS handshake, the proxy's part included. A name server may fall silent once
/// (resolvers ask the next after 5 s) and the rest still fits; a far end that takes longer is better tried again than
/// waited for.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// One for the process: a clone, and every way out, shares the TLS settings and the bound on lookups.
#[derive(Clone)]
pub struct Dialer {
    pub(crate) tls: Arc<ClientConfig>,
    resolver: Arc<dyn Resolve>,
}

impl Dialer {
    /// Names are resolved as the machine does it.
    pub fn new(roots: Roots) -> Self {
        Self::with_resolver(roots, Arc::new(SystemResolver::default()))
    }

    /// For a machine's tests and an operator's own name service. Its answers are judged like any other's.
    pub fn with_resolver(roots: Roots, resolver: Arc<dyn Resolve>) -> Self {
        Self { tls: Arc::new(tls::config(&roots)), resolver }
    }

    /// The way out of one instance. Costs a few pointers where `way` has no roots and no certificates; TLS settings
    /// of its own where it has.
    pub fn way(&self, way: Way) -> Arc<dyn Dial> {
        Arc::new(Out::new(self.clone(), way))
    }

    /// Asked once per connection; not judged yet.
    pub(crate) async fn addresses(&self, url: &CheckedUrl) -> io::Result<Vec<IpAddr>> {
        let found = match url.host() {
            Host::Ipv4(literal) => vec![literal.into()],
            Host::Ipv6(literal) => vec![literal.into()],
            Host::Domain(name) => self.resolver.resolve(name).await?,
        };
        match found.is_empty() {
            true => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
            false => Ok(found),
        }
    }
}
