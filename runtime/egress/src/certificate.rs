//! Who we are to far ends that want to know it in the TLS handshake.
use crate::tls::PROVIDER;
use ports::reach::CheckedUrl;
use std::fmt;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, InconsistentKeys};

/// A certificate chain and its key, for the hosts that it was given for and for no other that asks.
#[derive(Clone)]
pub struct ClientCertificate {
    hosts: Arc<[String]>,
    key: Arc<CertifiedKey>,
}

/// Only where it is offered.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// NB: a broken PEM file is said to be broken, but its parser's error is not kept: it quotes the line, and that of a key
/// whose line ends were lost is the whole key.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("no host named that the certificate is for")]
    NoHost,
    #[error(
        "{host:?} is not the name or address of one host, as in api.example.com, 192.0.2.1 or [2001:db8::1]"
    )]
    Host { host: String },
    #[error("write the host {host:?} as {canonical:?}")]
    Unusual { host: String, canonical: String },
    #[error("the {what} is not in a PEM file: {why}")]
    Pem { what: &'static str, why: &'static str },
    #[error("no certificate found (looked for -----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    #[error("no private key found (looked for -----BEGIN PRIVATE KEY-----, also RSA or EC, not encrypted)")]
    NoKey,
    #[error("{found} private keys found where one is needed")]
    SeveralKeys { found: usize },
    #[error("the private key does not fit the first certificate")]
    Mismatch,
    #[error("certificate or private key cannot be used: {0}")]
    Unusable(#[source] rustls::Error),
}

impl ClientCertificate {
    /// `certificate_pem`: the leaf first, then what leads to an authority that the far end knows. `key_pem`: one key,
    /// not encrypted. Other sections are skipped, so both may be the same file.
    ///
    /// # Errors
    /// [`CertificateError`], naming what is wrong and no part of the key.
    pub fn new(hosts: Vec<String>, certificate_pem: &[u8], key_pem: &[u8]) -> Result<Self, CertificateError> {
        if hosts.is_empty() {
            return Err(CertificateError::NoHost);
        }
        hosts.iter().try_for_each(|host| check_host(host))?;
        let chain: Vec<CertificateDer<'static>> = sections("certificate", certificate_pem)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let mut keys: Vec<PrivateKeyDer<'static>> = sections("private key", key_pem)?;
        let key = match (keys.len(), keys.pop()) {
            (1, Some(key)) => key,
            (0, _) => return Err(CertificateError::NoKey),
            (found, _) => return Err(CertificateError::SeveralKeys { found }),
        };
        match CertifiedKey::from_der(chain, key, &PROVIDER) {
            Ok(key) => Ok(Self { hosts: hosts.into(), key: Arc::new(key) }),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(CertificateError::Mismatch)
            }
            Err(source) => Err(CertificateError::Unusable(source)),
        }
    }

    /// `host` as [`CheckedUrl::host`] prints it.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        self.hosts.iter().any(|named| named == host)
    }

    pub(crate) fn key(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }
}

/// By the one URL parser, so that a host is named here as it is dialled.
fn check_host(host: &str) -> Result<(), CertificateError> {
    let no_host = || CertificateError::Host { host: host.to_owned() };
    let url = CheckedUrl::parse(&format!("https://{host}/")).map_err(|_| no_host())?;
    match url.host().to_string() {
        canonical if canonical == host => Ok(()),
        // What makes a URL of something else: a path, a port.
        _ if host.contains(['/', '\\', '?', '*']) || url.authority() != url.host().to_string() => {
            Err(no_host())
        }
        canonical => Err(CertificateError::Unusual { host: host.to_owned(), canonical }),
    }
}

fn sections<T: PemObject>(what: &'static str, text: &[u8]) -> Result<Vec<T>, CertificateError> {
    let broken = |error: PemError| CertificateError::Pem {
        what,
        why: match error {
            PemError::MissingSectionEnd { .. } => "a section has no -----END line",
            PemError::IllegalSectionStart { .. } => "a -----BEGIN line is not alone on its line",
            PemError::Base64Decode(_) => "a section is not base64",
            _ => "it cannot be read",
        },
    };
    T::pem_slice_iter(text).collect::<Result<_, _>>().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};

    const HOST: &str = "api.example.test";

    fn said(hosts: &[&str], certificate: &str, key: &str) -> String {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        match ClientCertificate::new(hosts, certificate.as_bytes(), key.as_bytes()) {
            Ok(taken) => format!("{taken:?}"),
            Err(error) => {
                let text = format!("{error} {error:?}");
                let secret = key.lines().nth(1).unwrap_or("no key");
                assert!(!text.contains(secret), "{text}");
                error.to_string()
            }
        }
    }

    fn own() -> (String, String) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec![HOST.into()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    #[test]
    fn it_says_what_is_wrong() {
        let (certificate, key) = own();
        let another = KeyPair::generate().unwrap().serialize_pem();
        for (certificate, key, text) in [
            ("", key.as_str(), "no certificate found"),
            (&key, &key, "no certificate found"),
            (&certificate, "", "no private key found"),
            (&certificate, &certificate, "no private key found"),
            (&certificate, &key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "no private key found"),
            (&certificate, &format!("{key}{another}"), "2 private keys found"),
            (&certificate, &another, "the private key does not fit the first certificate"),
            (&certificate, &key.replace("-----END", "-----EN"), "the private key is not in a PEM file"),
            (&certificate, &key.replace('\n', " "), "the private key is not in a PEM file"),
            (&certificate[..100], &key, "the certificate is not in a PEM file"),
            (&certificate.replace("MII", "MI-"), &key, "the certificate is not in a PEM file"),
            (&certificate.replace("MII", "AII"), &key, "certificate or private key cannot be used"),
        ] {
            let said = said(&[HOST], certificate, key);
            assert!(said.starts_with(text), "{said}");
        }
    }

    #[test]
    fn its_debug_and_both_in_one_file() {
        let (certificate, key) = own();
        let both = format!("{key}{certificate}");
        assert_eq!(said(&[HOST], &both, &both), "ClientCertificate { hosts: [\"api.example.test\"], .. }");
    }

    #[test]
    fn hosts_are_exact_and_written_as_they_are_dialled() {
        let (certificate, key) = own();
        for host in ["a.test", "localhost", "127.0.0.1", "[::1]", "xn--bcher-kva.test"] {
            assert!(said(&[host], &certificate, &key).starts_with("ClientCertificate"), "{host}");
        }
        for (host, text) in [
            ("API.example.test", "write the host \"API.example.test\" as \"api.example.test\""),
            ("bücher.test", "write the host \"bücher.test\" as \"xn--bcher-kva.test\""),
            ("0x7f.1", "write the host \"0x7f.1\" as \"127.0.0.1\""),
            ("[0:0::1]", "write the host \"[0:0::1]\" as \"[::1]\""),
            ("*.example.test", "\"*.example.test\" is not the name"),
            ("*", "\"*\" is not the name"),
            ("", "\"\" is not the name"),
            ("::1", "\"::1\" is not the name"),
            ("a.test:8443", "\"a.test:8443\" is not the name"),
            ("a.test/x", "\"a.test/x\" is not the name"),
            ("a@b.test", "\"a@b.test\" is not the name"),
            ("a.test.", "\"a.test.\" is not the name"),
            ("a.test?x", "\"a.test?x\" is not the name"),
            ("a.test\\x", "\"a.test\\\\x\" is not the name"),
        ] {
            let said = said(&["b.test", host], &certificate, &key);
            assert!(said.starts_with(text), "{host}: {said}");
        }
        assert_eq!(said(&[], &certificate, &key), "no host named that the certificate is for");
    }
}
