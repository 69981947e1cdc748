//! How we speak TLS, to far ends and to proxies alike.
use crate::{ClientCertificate, Roots};
use ports::reach::CheckedUrl;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::sign::SingleCertAndKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use url::Host;

/// NB: named here, because another crate's features could make the process default a different one.
pub(crate) static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));

/// Offers no certificate to anybody.
pub(crate) fn config(roots: &Roots) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("ring has cipher suites for both versions")
        .with_root_certificates(roots.store())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Off: a ticket that one tenant got would name it to the far end of the next, and 2,048 tickets of up to 64 KiB
    // are memory that is nobody's. A full handshake costs a fraction of a millisecond.
    config.resumption = Resumption::disabled();
    config
}

/// The same settings, and the certificate for a far end that asks for one.
pub(crate) fn offering(config: &ClientConfig, certificate: &ClientCertificate) -> ClientConfig {
    let mut config = config.clone();
    config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certificate.key()));
    config
}

pub(crate) fn server_name(url: &CheckedUrl) -> io::Result<ServerName<'static>> {
    match url.host() {
        Host::Ipv4(literal) => Ok(ServerName::from(IpAddr::from(literal))),
        Host::Ipv6(literal) => Ok(ServerName::from(IpAddr::from(literal))),
        Host::Domain(name) => ServerName::try_from(name.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error)),
    }
}
