//! TLS that takes any client and writes down who it says it is.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use tokio_rustls::server::TlsStream;

use super::ca::Identity;
use super::holder;
use super::shared::Shared;
use super::tap::Tap;

/// Kept of a handshake, to be shown if it fails. A ClientHello has at most 2 KiB, and what is not TLS fails at once.
const MAX_HANDSHAKE_BYTES: usize = 64 << 10;

pub(super) fn settings(who: &Identity) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_slice_iter(who.certificate_pem.as_bytes());
    let chain = chain.collect::<Result<_, _>>().context("failed to read the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(who.key_pem.as_bytes()).context("failed to read the key")?;
    let provider = Arc::new(ring::default_provider());
    let settings = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .context("failed to choose TLS versions")?
        .with_client_cert_verifier(Arc::new(Anybody(provider)))
        .with_single_cert(chain, key)
        .context("failed to use the certificate")?;
    Ok(Arc::new(settings))
}

pub(super) async fn shake_hands(
    line: TcpStream,
    settings: Arc<ServerConfig>,
    shared: &Shared,
    number: usize,
) -> io::Result<TlsStream<Tap>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&heard);
    let line = Tap::new(line, move |bytes: &[u8]| {
        let mut heard = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_HANDSHAKE_BYTES.saturating_sub(heard.len());
        heard.extend(&bytes[..bytes.len().min(room)]);
    });
    let shaken = shake(line, settings, shared, number).await;
    if shaken.is_err() {
        let heard = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
        shared.note(|record| record.connections[number].bytes = heard);
    }
    shaken
}

async fn shake(
    line: Tap,
    settings: Arc<ServerConfig>,
    shared: &Shared,
    number: usize,
) -> io::Result<TlsStream<Tap>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), line).await?;
    let sni = start.client_hello().server_name().map(str::to_owned);
    // NB: before the rest, which fails when the client does not like our certificate.
    shared.note(|record| record.connections[number].sni = sni);
    let stream = start.into_stream(settings).await?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    if let Some(certificate) = certificate {
        let subject = holder::subject(certificate);
        shared.note(|record| record.connections[number].client_certificate = Some(subject));
    }
    Ok(stream)
}

/// Asks for a certificate and takes any, or none; whoever shows one must have its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None, so that the client shows what it has.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
