//! Whom we believe about a far end's name.
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::{self, RootCertStore};

/// Mozilla's roots, compiled in, and the operator's. The machine's own list is not read, so that a connector is
/// answered the same on every machine. A clone shares the list.
#[derive(Clone)]
pub struct Roots(Arc<RootCertStore>);

#[derive(Debug, thiserror::Error)]
pub enum RootError {
    #[error("not a PEM file: {0}")]
    Pem(#[source] pem::Error),
    #[error("no certificate found (looked for -----BEGIN CERTIFICATE-----)")]
    Empty,
    #[error("certificate {number} cannot serve as a root: {source}")]
    Unusable {
        number: usize,
        #[source]
        source: rustls::Error,
    },
}

impl Roots {
    pub fn public() -> Self {
        Self(Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()))
    }

    /// And every certificate of a PEM text: an authority's, or a server's own self-signed one, which is believed where
    /// it does not call itself an authority (as `openssl req -x509` has it do: taken here, refused in the handshake).
    ///
    /// # Errors
    /// [`RootError`], with the number of the certificate in the text.
    pub fn with_pem(mut self, text: &[u8]) -> Result<Self, RootError> {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(text) {
            found += 1;
            Arc::make_mut(&mut self.0)
                .add(certificate.map_err(RootError::Pem)?)
                .map_err(|source| RootError::Unusable { number: found, source })?;
        }
        match found {
            0 => Err(RootError::Empty),
            _ => Ok(self),
        }
    }

    pub(crate) fn store(&self) -> Arc<RootCertStore> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_file_says_what_is_wrong_with_it() {
        let said = |text: &str| match Roots::public().with_pem(text.as_bytes()) {
            Ok(_) => "taken".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(said("").starts_with("no certificate found"), "{}", said(""));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(said(garbage).starts_with("certificate 1 cannot serve as a root"), "{}", said(garbage));
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        assert!(said(cut).starts_with("not a PEM file"), "{}", said(cut));
    }
}
