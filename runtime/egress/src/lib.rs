//! The only place that resolves a name or opens a connection for a connector (design, decision 15).
//!
//! No proxy and no trust root is taken from the environment: what `HTTPS_PROXY`, `SSL_CERT_FILE` or `SSLKEYLOGFILE`
//! say is not read by anything in here.
mod connect;
mod resolve;
mod roots;

pub use resolve::{Resolve, SystemResolver};
pub use roots::{RootError, Roots};

use futures::future::BoxFuture;
use ipnet::IpNet;
use ports::address::may_dial;
use ports::dial::{Dial, DialError, Stream};
use ports::reach::CheckedUrl;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ClientConfig};
use tracing::Instrument;
use url::Host;

/// From the name to the end of the TLS handshake. A name server may fall silent once (resolvers ask the next after
/// 5 s) and the rest still fits; a far end that takes longer is better tried again than waited for.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// One for the process: a clone shares the TLS settings and the bound on lookups.
#[derive(Clone)]
pub struct Dialer {
    tls: TlsConnector,
    resolver: Arc<dyn Resolve>,
}

impl Dialer {
    /// Names are resolved as the machine does it.
    pub fn new(roots: Roots) -> Self {
        Self::with_resolver(roots, Arc::new(SystemResolver::default()))
    }

    /// For a machine's tests and an operator's own name service. Its answers are judged like any other's.
    pub fn with_resolver(roots: Roots, resolver: Arc<dyn Resolve>) -> Self {
        Self { tls: TlsConnector::from(Arc::new(client_config(roots))), resolver }
    }

    async fn open(&self, url: &CheckedUrl, private: &[IpNet]) -> Result<Stream, DialError> {
        let host = || url.host().to_string();
        // NB: before anything leaves the machine, the lookup included.
        let name = match url.is_secure() {
            true => Some(server_name(url).map_err(|source| DialError::Tls { host: host(), source })?),
            false => None,
        };
        let addresses =
            self.addresses(url).await.map_err(|source| DialError::Resolve { host: host(), source })?;
        judge(url, &addresses, private)?;
        let plain = connect::connect(&addresses, url.port())
            .await
            .map_err(|source| DialError::Connect { host: host(), source })?;
        let Some(name) = name else { return Ok(Box::new(plain)) };
        let secure = self.tls.connect(name, plain).await;
        Ok(Box::new(secure.map_err(|source| DialError::Tls { host: host(), source })?))
    }

    async fn addresses(&self, url: &CheckedUrl) -> io::Result<Vec<IpAddr>> {
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

impl Dial for Dialer {
    fn dial<'a>(
        &'a self,
        url: &'a CheckedUrl,
        private: &'a [IpNet],
    ) -> BoxFuture<'a, Result<Stream, DialError>> {
        let too_late =
            |_| Err(DialError::Timeout { host: url.host().to_string(), seconds: DEADLINE.as_secs() });
        let dialling = async move {
            tokio::time::timeout(DEADLINE, self.open(url, private)).await.unwrap_or_else(too_late)
        };
        Box::pin(dialling.instrument(tracing::debug_span!("egress.dial", origin = url.origin())))
    }
}

/// All of them: a name with one public and one private address is somebody trying which of them we take.
fn judge(url: &CheckedUrl, addresses: &[IpAddr], private: &[IpNet]) -> Result<(), DialError> {
    addresses.iter().try_for_each(|&address| {
        may_dial(address, private).map_err(|range| DialError::ClosedRange {
            host: url.host().to_string(),
            address,
            range,
        })
    })
}

fn server_name(url: &CheckedUrl) -> io::Result<ServerName<'static>> {
    match url.host() {
        Host::Ipv4(literal) => Ok(ServerName::from(IpAddr::from(literal))),
        Host::Ipv6(literal) => Ok(ServerName::from(IpAddr::from(literal))),
        Host::Domain(name) => ServerName::try_from(name.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error)),
    }
}

fn client_config(roots: Roots) -> ClientConfig {
    // NB: the provider is named, because another crate's features could make the process default a different one.
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("ring has cipher suites for both versions")
        .with_root_certificates(roots.into_store())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Off: a ticket that one tenant got would name it to the far end of the next, and 2,048 tickets of up to 64 KiB
    // are memory that is nobody's. A full handshake costs a fraction of a millisecond.
    config.resumption = rustls::client::Resumption::disabled();
    config
}
