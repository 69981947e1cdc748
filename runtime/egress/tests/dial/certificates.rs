//! Who we are: a certificate goes to the hosts that it was given for.
use crate::authority::{Authority, acceptor, named};
use crate::support::*;
use egress::{ClientCertificate, Dialer, Way};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, SupportedProtocolVersion, version};

/// Demands a client's certificate, or only asks for one, and reports what it got: the leaf, or why there was none.
struct Demanding {
    port: u16,
    got: UnboundedReceiver<Result<Option<Vec<u8>>, String>>,
}

impl Demanding {
    async fn new(authority: &Authority, only_asks: bool, version: &'static SupportedProtocolVersion) -> Self {
        let mut clients = RootCertStore::empty();
        clients.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(clients), provider);
        let verifier = match only_asks {
            true => verifier.allow_unauthenticated().build().unwrap(),
            false => verifier.build().unwrap(),
        };
        let mut params = named("a.test");
        for name in ["b.test", "sub.a.test"] {
            params.subject_alt_names.extend(named(name).subject_alt_names);
        }
        let (certificate, key) = authority.certify(params);
        let acceptor = acceptor(certificate, &key, version, verifier);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, got) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let accepted = acceptor.accept(socket).await;
                let _ = tell.send(match accepted {
                    Ok(mut stream) => {
                        let shown = stream.get_ref().1.peer_certificates().map(|chain| chain[0].to_vec());
                        let _ = stream.write_all(b"welcome").await;
                        let _ = stream.shutdown().await;
                        Ok(shown)
                    }
                    Err(error) => Err(error.to_string()),
                });
            }
        });
        Self { port, got }
    }

    /// What this far end saw of a dial to `host`, and what we read from it.
    async fn visit(
        &mut self,
        dialer: &Dialer,
        host: &str,
        way: &Way,
    ) -> (Result<Option<Vec<u8>>, String>, bool) {
        let stream = dial_by(dialer, &format!("https://{host}:{}/", self.port), way.clone()).await;
        let mut text = String::new();
        // NB: in TLS 1.3 our handshake is over before the far end has seen that a certificate is missing.
        let welcome = match stream {
            Ok(mut stream) => stream.read_to_string(&mut text).await.is_ok() && text == "welcome",
            Err(_) => false,
        };
        (self.got.recv().await.unwrap(), welcome)
    }
}

fn ours(authority: &Authority, hosts: &[&str]) -> (ClientCertificate, Vec<u8>) {
    let (certificate, key) = authority.certify_client("us.test");
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    let ours = ClientCertificate::new(hosts, certificate.as_bytes(), key.as_bytes()).unwrap();
    (ours, CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap().to_vec())
}

#[tokio::test]
async fn a_certificate_is_shown_to_its_host_and_to_no_other_that_demands_one() {
    let authority = Authority::new();
    let (certificate, leaf) = ours(&authority, &["a.test", "name.test"]);
    let way = Way { certificates: vec![certificate], ..granted(LOOPBACK) };
    for version in [&version::TLS12, &version::TLS13] {
        let mut far_end = Demanding::new(&authority, false, version).await;
        let seen = far_end.visit(&authority.dialer(), "a.test", &way).await;
        assert_eq!(seen, (Ok(Some(leaf.clone())), true));
        for other in ["b.test", "sub.a.test"] {
            let (seen, welcome) = far_end.visit(&authority.dialer(), other, &way).await;
            let why = seen.unwrap_err();
            assert!(why.contains("sent no certificates") && !welcome, "{other}: {why}");
        }
        let (seen, _) = far_end.visit(&authority.dialer(), "a.test", &granted(LOOPBACK)).await;
        assert!(seen.is_err(), "a way without certificates");
    }
}

#[tokio::test]
async fn a_host_that_only_asks_is_shown_nothing_that_is_not_for_it() {
    let authority = Authority::new();
    let (certificate, leaf) = ours(&authority, &["a.test"]);
    let way = Way { certificates: vec![certificate], ..granted(LOOPBACK) };
    let mut far_end = Demanding::new(&authority, true, &version::TLS13).await;
    assert_eq!(far_end.visit(&authority.dialer(), "b.test", &way).await, (Ok(None), true));
    assert_eq!(far_end.visit(&authority.dialer(), "a.test", &way).await, (Ok(Some(leaf)), true));
}

#[tokio::test]
async fn of_several_certificates_the_first_for_the_host_is_shown() {
    let authority = Authority::new();
    let [(b, b_leaf), (first, first_leaf), (second, _)] =
        [&["b.test"] as &[&str], &["a.test"], &["a.test", "b.test"]].map(|hosts| ours(&authority, hosts));
    let way = Way { certificates: vec![b, first, second], ..granted(LOOPBACK) };
    let mut far_end = Demanding::new(&authority, false, &version::TLS13).await;
    assert_eq!(far_end.visit(&authority.dialer(), "a.test", &way).await.0, Ok(Some(first_leaf)));
    assert_eq!(far_end.visit(&authority.dialer(), "b.test", &way).await.0, Ok(Some(b_leaf)));
}

#[tokio::test]
async fn a_way_with_roots_and_certificates_uses_both() {
    let authority = Authority::new();
    let (certificate, leaf) = ours(&authority, &["a.test"]);
    let roots = Some(authority.roots());
    let way = Way { certificates: vec![certificate], roots, ..granted(LOOPBACK) };
    let mut far_end = Demanding::new(&authority, false, &version::TLS13).await;
    let dialer = answering(&[&["127.0.0.1"]]);
    assert_eq!(far_end.visit(&dialer, "a.test", &way).await, (Ok(Some(leaf)), true));
}
