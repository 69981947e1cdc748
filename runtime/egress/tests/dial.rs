//! Rows 19 to 23 of the adversarial cases, over loopback.
use egress::{Dialer, Resolve, Roots};
use futures::future::BoxFuture;
use ipnet::IpNet;
use ports::dial::{Dial, DialError, Stream};
use ports::reach::CheckedUrl;
use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One answer per lookup, in this order; a lookup more is an error.
struct Answers(Mutex<VecDeque<Vec<IpAddr>>>);

impl Resolve for Answers {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let next = self.0.lock().unwrap().pop_front();
        Box::pin(async { next.ok_or_else(|| io::Error::other("asked once too often")) })
    }
}

fn answering(answers: &[&[&str]]) -> Dialer {
    let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let answers = Answers(Mutex::new(answers.iter().map(parse).collect()));
    Dialer::with_resolver(Roots::public(), Arc::new(answers))
}

fn system() -> Dialer {
    Dialer::new(Roots::public())
}

fn nets(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn dial(dialer: &Dialer, url: &str, granted: &[&str]) -> Result<Stream, DialError> {
    dialer.dial(&CheckedUrl::parse(url).unwrap(), &nets(granted)).await
}

/// The whole chain, as an operator sees it.
fn said(result: Result<Stream, DialError>) -> String {
    let error = result.err().expect("should have been refused");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!(": {source}");
        cause = source.source();
    }
    text
}

fn refused(result: Result<Stream, DialError>) -> (String, &'static str) {
    match result {
        Err(DialError::ClosedRange { address, range, .. }) => (address.to_string(), range),
        other => panic!("not refused: {:?}", other.err()),
    }
}

/// Says "hello" to whoever connects.
async fn far_end(address: &str) -> u16 {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"hello").await;
        }
    });
    port
}

async fn heard(stream: Result<Stream, DialError>) -> String {
    let mut text = String::new();
    stream.unwrap().read_to_string(&mut text).await.unwrap();
    text
}

mod ranges {
    use super::*;

    #[tokio::test]
    async fn loopback_is_closed_by_name_and_by_every_spelling() {
        for (host, address, range) in [
            ("127.0.0.1", "127.0.0.1", "loopback"),
            ("[::1]", "::1", "loopback"),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", "loopback"),
            ("[::ffff:7f00:1]", "::ffff:127.0.0.1", "loopback"),
            ("0x7f.1", "127.0.0.1", "loopback"),
            ("2130706433", "127.0.0.1", "loopback"),
            ("0177.0.0.1", "127.0.0.1", "loopback"),
            ("127。0。0。1", "127.0.0.1", "loopback"),
            ("0", "0.0.0.0", "unspecified"),
            ("169.254.169.254", "169.254.169.254", "cloud metadata"),
            ("[fd00:ec2::254]", "fd00:ec2::254", "cloud metadata"),
            ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1", "NAT64"),
        ] {
            let result = dial(&system(), &format!("http://{host}:9/"), &[]).await;
            assert_eq!(refused(result), (address.into(), range), "{host}");
        }
        let by_name = dial(&system(), "http://localhost:9/", &[]).await;
        assert_eq!(refused(by_name).1, "loopback");
    }

    #[tokio::test]
    async fn a_grant_opens_loopback_by_name_and_by_every_spelling() {
        let port = far_end("127.0.0.1").await;
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "localhost"] {
            let url = format!("http://{host}:{port}/");
            assert_eq!(heard(dial(&system(), &url, &["127.0.0.0/8", "::1/128"]).await).await, "hello");
        }
    }

    #[tokio::test]
    async fn a_grant_of_one_family_is_not_one_of_the_other() {
        let result = dial(&system(), "http://[::1]:9/", &["127.0.0.0/8"]).await;
        assert_eq!(refused(result), ("::1".into(), "loopback"));
        let result = dial(&system(), "http://[::ffff:127.0.0.1]:9/", &["::/0"]).await;
        assert_eq!(refused(result).1, "loopback");
    }
}

mod names {
    use super::*;

    #[tokio::test]
    async fn one_closed_address_among_open_ones_refuses_the_name() {
        for answer in [
            &["93.184.216.34", "10.0.0.5"],
            &["10.0.0.5", "93.184.216.34"],
            &["2600::1", "10.0.0.5"],
            &["127.0.0.1", "10.0.0.5"],
        ] {
            let dialer = answering(&[answer]);
            let result = dial(&dialer, "http://name.test/", &["127.0.0.0/8"]).await;
            assert_eq!(refused(result), ("10.0.0.5".into(), "private"), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_rebound_name_is_dialled_at_the_judged_address_and_refused_the_next_time() {
        let port = far_end("127.0.0.1").await;
        let url = format!("http://name.test:{port}/");
        let dialer = answering(&[&["127.0.0.1"], &["127.0.0.2"]]);
        assert_eq!(heard(dial(&dialer, &url, &["127.0.0.1/32"]).await).await, "hello");
        let result = dial(&dialer, &url, &["127.0.0.1/32"]).await;
        assert_eq!(refused(result), ("127.0.0.2".into(), "loopback"));
        assert!(said(dial(&dialer, &url, &[]).await).contains("once too often"), "one lookup per dial");
    }

    #[tokio::test]
    async fn a_literal_asks_nobody() {
        let port = far_end("127.0.0.1").await;
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(heard(dial(&answering(&[]), &url, &["127.0.0.1/32"]).await).await, "hello");
    }

    #[tokio::test]
    async fn a_dead_address_gives_way_to_the_next() {
        let port = far_end("127.0.0.2").await;
        let dialer = answering(&[&["127.0.0.3", "127.0.0.2"]]);
        let stream = dial(&dialer, &format!("http://name.test:{port}/"), &["127.0.0.0/8"]).await;
        assert_eq!(heard(stream).await, "hello");
    }
}

mod errors {
    use super::*;

    #[tokio::test]
    async fn they_read_well() {
        let closed = dial(&answering(&[&["10.0.0.5"]]), "http://name.test/", &[]).await;
        assert_eq!(
            said(closed),
            "name.test is at 10.0.0.5, in a range that is closed unless the operator grants it (private)"
        );
        let nothing = dial(&answering(&[&[]]), "http://name.test/", &[]).await;
        assert_eq!(said(nothing), "no address found for name.test: the name has no address");
        let nobody = dial(&answering(&[&["127.0.0.1"]]), "http://name.test:1/", &["127.0.0.1/32"]).await;
        let text = said(nobody);
        assert!(
            text.starts_with("connection to name.test failed: 127.0.0.1:1: Connection refused"),
            "{text}"
        );
    }
}

mod time {
    use super::*;
    use std::future::pending;

    #[tokio::test]
    async fn a_far_end_silent_in_the_handshake_runs_into_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let dialling = tokio::spawn(async move { dial(&system(), &url, &["127.0.0.0/8"]).await });
        let (mut silent, _) = listener.accept().await.unwrap();
        silent.read_u8().await.unwrap();
        // NB: only now, the kernel's part being done; nothing is left to happen but the clock.
        tokio::time::pause();
        assert_eq!(said(dialling.await.unwrap()), "no connection to 127.0.0.1 within 10 s");
    }

    #[tokio::test(start_paused = true)]
    async fn so_does_a_silent_name_server() {
        struct Silent;
        impl Resolve for Silent {
            fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
                Box::pin(pending())
            }
        }
        let dialer = Dialer::with_resolver(Roots::public(), Arc::new(Silent));
        let result = dial(&dialer, "wss://name.test/", &[]).await;
        assert_eq!(said(result), "no connection to name.test within 10 s");
    }

    #[tokio::test]
    async fn a_dropped_dial_closes_what_it_opened() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let dialling = tokio::spawn(async move { dial(&system(), &url, &["127.0.0.0/8"]).await });
        let (mut far, _) = listener.accept().await.unwrap();
        far.read_u8().await.unwrap();
        dialling.abort();
        let mut rest = Vec::new();
        far.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest[0], 3, "nothing but the rest of the ClientHello came: {rest:?}");
    }
}

mod tls {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::rustls::{SupportedProtocolVersion, version};

    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }

        fn dialer(&self) -> Dialer {
            let roots = Roots::public().with_pem(self.0.pem().as_bytes()).unwrap();
            let answers = Answers(Mutex::new(VecDeque::from([vec![IpAddr::from([127, 0, 0, 1])]])));
            Dialer::with_resolver(roots, Arc::new(answers))
        }

        /// Sends back the name and protocol that the client asked for.
        async fn far_end(&self, name: &str, version: &'static SupportedProtocolVersion) -> u16 {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            let certificate = params.signed_by(&key, &self.0).unwrap();
            let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.into()],
                    PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
                )
                .unwrap();
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            tokio::spawn(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let Ok(mut stream) = acceptor.accept(socket).await else { continue };
                    let (_, session) = stream.get_ref();
                    let alpn = String::from_utf8_lossy(session.alpn_protocol().unwrap_or_default());
                    let asked = format!("{} {alpn}", session.server_name().unwrap_or("-"));
                    let _ = stream.write_all(asked.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            });
            port
        }
    }

    const GRANTED: &[&str] = &["127.0.0.0/8"];

    #[tokio::test]
    async fn the_name_of_the_url_is_asked_for_and_believed_from_an_own_authority() {
        let authority = Authority::new();
        for version in [&version::TLS12, &version::TLS13] {
            let port = authority.far_end("name.test", version).await;
            for scheme in ["https", "wss"] {
                let stream =
                    dial(&authority.dialer(), &format!("{scheme}://name.test:{port}/"), GRANTED).await;
                assert_eq!(heard(stream).await, "name.test http/1.1");
            }
        }
    }

    #[tokio::test]
    async fn an_address_is_a_name_too() {
        let authority = Authority::new();
        let port = authority.far_end("127.0.0.1", &version::TLS13).await;
        let stream = dial(&authority.dialer(), &format!("https://127.0.0.1:{port}/"), GRANTED).await;
        assert_eq!(heard(stream).await, "- http/1.1");
        let stream = dial(&authority.dialer(), &format!("https://name.test:{port}/"), GRANTED).await;
        assert!(matches!(stream, Err(DialError::Tls { .. })));
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_refused() {
        let authority = Authority::new();
        let port = authority.far_end("other.test", &version::TLS13).await;
        let text = said(dial(&authority.dialer(), &format!("https://name.test:{port}/"), GRANTED).await);
        assert!(text.starts_with("TLS handshake with name.test failed: invalid peer certificate"), "{text}");
        assert!(text.contains("other.test"), "{text}");
    }

    #[tokio::test]
    async fn an_authority_nobody_named_is_refused() {
        let port = Authority::new().far_end("name.test", &version::TLS13).await;
        let url = format!("https://name.test:{port}/");
        let without = said(dial(&answering(&[&["127.0.0.1"]]), &url, GRANTED).await);
        assert_eq!(without, "TLS handshake with name.test failed: invalid peer certificate: UnknownIssuer");
        let another = said(dial(&Authority::new().dialer(), &url, GRANTED).await);
        assert!(another.starts_with("TLS handshake with name.test failed"), "{another}");
    }

    #[tokio::test]
    async fn a_far_end_without_tls_is_refused() {
        let port = far_end("127.0.0.1").await;
        let result = dial(&system(), &format!("https://127.0.0.1:{port}/"), GRANTED).await;
        assert!(said(result).starts_with("TLS handshake with 127.0.0.1 failed"));
    }

    #[tokio::test]
    async fn a_name_that_no_certificate_can_carry_is_refused_before_the_lookup() {
        let result = dial(&answering(&[]), "https://-a.test/", GRANTED).await;
        assert!(said(result).starts_with("TLS handshake with -a.test failed: invalid dns name"));
    }
}
