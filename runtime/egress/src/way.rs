//! The way out of one instance.
use crate::connect::{connect, in_turn};
use crate::{ClientCertificate, DEADLINE, Dialer, Names, Proxy, Roots, tls};
use futures::future::BoxFuture;
use ipnet::IpNet;
use ports::address::may_dial;
use ports::dial::{Dial, DialError, Io, Stream};
use ports::reach::CheckedUrl;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tracing::Instrument;
use url::Host;

/// What the operator says about one instance's connections. By default: no closed address, the dialer's roots, no
/// certificate, no proxy.
#[derive(Clone, Default)]
pub struct Way {
    /// Closed ranges, or parts of them, that this instance may dial.
    pub private: Vec<IpNet>,
    /// Instead of the dialer's.
    pub roots: Option<Roots>,
    /// The first that names a host is the one for it.
    pub certificates: Vec<ClientCertificate>,
    /// For every connection, those to private addresses included.
    pub proxy: Option<Arc<Proxy>>,
}

/// Kept small: there is one for each of thousands of instances.
pub(crate) struct Out {
    dialer: Dialer,
    private: Box<[IpNet]>,
    tls: Arc<ClientConfig>,
    certified: Box<[(ClientCertificate, Arc<ClientConfig>)]>,
    proxy: Option<Arc<Proxy>>,
    lookups: Arc<Semaphore>,
}

/// Lookups of one way at a time. One that nobody answers goes on for up to half a minute when its dial has long ended, and
/// all ways share the places of the process.
const LOOKUPS: usize = 8;

impl Out {
    pub(crate) fn new(dialer: Dialer, way: Way) -> Self {
        let tls = match &way.roots {
            Some(roots) => Arc::new(tls::config(roots)),
            None => dialer.tls.clone(),
        };
        let certified = way.certificates.into_iter().map(|certificate| {
            let offering = Arc::new(tls::offering(&tls, &certificate));
            (certificate, offering)
        });
        let certified = certified.collect();
        let lookups = Arc::new(Semaphore::new(LOOKUPS));
        Self { dialer, private: way.private.into(), tls, certified, proxy: way.proxy, lookups }
    }

    async fn open(&self, url: &CheckedUrl) -> Result<Stream, DialError> {
        // NB: before anything leaves the machine, the lookup included.
        let name = match url.is_secure() {
            true => Some(tls::server_name(url).map_err(|source| DialError::Tls { host: host(url), source })?),
            false => None,
        };
        match &self.proxy {
            Some(proxy) => self.secure(url, name, self.tunnel(proxy, url).await?).await,
            None => self.secure(url, name, self.connect(url).await?).await,
        }
    }

    async fn connect(&self, url: &CheckedUrl) -> Result<impl Io + use<>, DialError> {
        let addresses = self.judged(url).await?;
        let connected = connect(&addresses, url.port()).await;
        connected.map_err(|source| DialError::Connect { host: host(url), source })
    }

    async fn tunnel(&self, proxy: &Proxy, url: &CheckedUrl) -> Result<impl Io + use<>, DialError> {
        let targets = match (proxy.names(), url.host()) {
            (Names::There, Host::Domain(name)) => vec![format!("{name}:{}", url.port())],
            // As the addresses that were judged: a mapped one is asked for as the IPv4 address it is.
            _ => in_turn(&self.judged(url).await?, url.port()).iter().map(SocketAddr::to_string).collect(),
        };
        proxy.open(&self.dialer, &targets).await.map_err(|refused| DialError::Proxy {
            host: host(url),
            proxy: proxy.address(),
            why: refused.to_string(),
        })
    }

    /// Every address of the host. All must be open: a name with one public and one private address is somebody trying
    /// which of them we take.
    async fn judged(&self, url: &CheckedUrl) -> Result<Vec<IpAddr>, DialError> {
        let found = self.addresses(url).await;
        let addresses = found.map_err(|source| DialError::Resolve { host: host(url), source })?;
        for &address in &addresses {
            may_dial(address, &self.private).map_err(|range| DialError::ClosedRange {
                host: host(url),
                address,
                range,
            })?;
        }
        Ok(addresses)
    }

    async fn addresses(&self, url: &CheckedUrl) -> io::Result<Vec<IpAddr>> {
        if !matches!(url.host(), Host::Domain(_)) {
            return self.dialer.addresses(url).await;
        }
        let place = self.lookups.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (dialer, url) = (self.dialer.clone(), url.clone());
        // A task of its own: it holds its place to the end, whoever waits for it.
        let lookup = tokio::spawn(async move {
            let found = dialer.addresses(&url).await;
            drop(place);
            found
        });
        lookup.await?
    }

    async fn secure(
        &self,
        url: &CheckedUrl,
        name: Option<ServerName<'static>>,
        plain: impl Io + 'static,
    ) -> Result<Stream, DialError> {
        let Some(name) = name else { return Ok(Box::new(plain)) };
        let secure = TlsConnector::from(self.settings(&host(url)).clone()).connect(name, plain).await;
        Ok(Box::new(secure.map_err(|source| DialError::Tls { host: host(url), source })?))
    }

    fn settings(&self, host: &str) -> &Arc<ClientConfig> {
        let mut certified = self.certified.iter();
        let offering = certified.find(|(certificate, _)| certificate.is_for(host));
        offering.map_or(&self.tls, |(_, offering)| offering)
    }
}

impl Dial for Out {
    fn dial<'a>(&'a self, url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>> {
        let too_late = |_| Err(DialError::Timeout { host: host(url), seconds: DEADLINE.as_secs() });
        let dialling =
            async move { tokio::time::timeout(DEADLINE, self.open(url)).await.unwrap_or_else(too_late) };
        Box::pin(dialling.instrument(tracing::debug_span!("egress.dial", origin = url.origin())))
    }
}

fn host(url: &CheckedUrl) -> String {
    url.host().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    #[test]
    fn only_a_way_with_roots_or_certificates_has_tls_settings_of_its_own() {
        let dialer = Dialer::new(Roots::public());
        let plain =
            Out::new(dialer.clone(), Way { private: vec!["::/0".parse().unwrap()], ..Way::default() });
        assert!(Arc::ptr_eq(&plain.tls, &dialer.tls) && plain.certified.is_empty());
        let rooted = Out::new(dialer.clone(), Way { roots: Some(Roots::public()), ..Way::default() });
        assert!(!Arc::ptr_eq(&rooted.tls, &dialer.tls));

        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["us".into()]).unwrap();
        let (certificate, key) = (cert.pem(), signing_key.serialize_pem());
        let ours = ClientCertificate::new(vec!["a.test".into()], certificate.as_bytes(), key.as_bytes());
        let certified = Out::new(dialer.clone(), Way { certificates: vec![ours.unwrap()], ..Way::default() });
        assert!(Arc::ptr_eq(certified.settings("b.a.test"), &dialer.tls));
        assert!(!certified.settings("b.a.test").client_auth_cert_resolver.has_certs());
        assert!(certified.settings("a.test").client_auth_cert_resolver.has_certs());
    }
}
