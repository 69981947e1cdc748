//! Who asked for whom, and who they said they were.

use std::sync::Arc;

use http::Request;
use platforms::fort::{Ca, Fort, Identity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

use crate::client::ask;

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

async fn connect(
    fort: &Fort,
    ca: &Ca,
    name: &str,
    me: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> anyhow::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.pem().as_bytes())?)?;
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_root_certificates(roots);
    let client = match me {
        None => client.with_no_client_auth(),
        Some(me) => client.with_client_auth_cert(
            vec![CertificateDer::from_pem_slice(me.certificate_pem.as_bytes())?],
            PrivateKeyDer::from_pem_slice(me.key_pem.as_bytes())?,
        )?,
    };
    let tcp = TcpStream::connect(fort.address()).await?;
    let name = ServerName::try_from(name.to_owned())?;
    Ok(TlsConnector::from(Arc::new(client)).connect(name, tcp).await?)
}

fn request() -> anyhow::Result<Request<&'static [u8]>> {
    Ok(Request::get("/").header("host", "somebody.else").body(&b""[..])?)
}

#[tokio::test]
async fn the_name_is_recorded_whatever_host_says() -> anyhow::Result<()> {
    let ca = Ca::new();
    let fort = Fort::start(Some(&ca), &["api.example.com", "b.example.com"]).await?;
    for name in ["api.example.com", "b.example.com"] {
        ask(connect(&fort, &ca, name, None, BOTH).await?, request()?).await?;
    }
    let requests = fort.requests();
    let names: Vec<_> = requests.iter().map(|request| request.sni.as_deref()).collect();
    assert_eq!(names, [Some("api.example.com"), Some("b.example.com")]);
    assert_eq!(requests[0].header("host"), Some("somebody.else"));
    assert_eq!(requests[0].client_certificate, None);
    let bytes = fort.record(|record| record.connections()[0].bytes.clone());
    assert_eq!(bytes, requests[0].head, "decrypted");
    Ok(())
}

#[tokio::test]
async fn an_address_has_a_certificate_and_no_sni() -> anyhow::Result<()> {
    let ca = Ca::new();
    let fort = Fort::start(Some(&ca), &["127.0.0.1"]).await?;
    ask(connect(&fort, &ca, "127.0.0.1", None, BOTH).await?, request()?).await?;
    assert_eq!(fort.requests()[0].sni, None);
    Ok(())
}

#[tokio::test]
async fn a_client_certificate_of_anybody_is_recorded() -> anyhow::Result<()> {
    let (ca, stranger) = (Ca::new(), Ca::new());
    let fort = Fort::start(Some(&ca), &["a.example"]).await?;
    for (signer, versions) in [(&ca, BOTH), (&stranger, &BOTH[1..])] {
        let me = signer.client("connector 7")?;
        ask(connect(&fort, &ca, "a.example", Some(&me), versions).await?, request()?).await?;
    }
    let requests = fort.requests();
    let subjects: Vec<_> = requests.iter().map(|request| request.client_certificate.as_deref()).collect();
    assert_eq!(subjects, [Some("CN=connector 7"); 2]);
    Ok(())
}

#[tokio::test]
async fn who_does_not_trust_us_is_counted_and_named() -> anyhow::Result<()> {
    let (ca, other) = (Ca::new(), Ca::new());
    let fort = Fort::start(Some(&ca), &["a.example"]).await?;
    assert!(connect(&fort, &other, "a.example", None, BOTH).await.is_err());
    assert!(connect(&fort, &ca, "b.example", None, BOTH).await.is_err(), "another name");
    fort.until("both to fail", |record| record.faults().len() == 2).await;
    assert_eq!(fort.connections(), 2);
    let names = fort.record(|record| {
        let names = record.connections().iter().map(|connection| connection.sni.clone());
        names.collect::<Vec<_>>()
    });
    assert_eq!(names, [Some("a.example".to_owned()), Some("b.example".to_owned())]);
    assert!(fort.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_said_in_plain_to_a_tls_port_is_heard() -> anyhow::Result<()> {
    let ca = Ca::new();
    let fort = Fort::start(Some(&ca), &["a.example"]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    line.write_all(b"GET /?key=in-plain HTTP/1.1\r\nHost: a.example\r\n\r\n").await?;
    // An alert or a reset, whichever is first.
    let _ = line.read_to_end(&mut Vec::new()).await;
    fort.until("the failure", |record| record.faults().len() == 1).await;
    assert!(fort.all_bytes().windows(8).any(|found| found == b"in-plain"));
    assert!(fort.requests().is_empty());
    Ok(())
}
