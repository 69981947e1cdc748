//! The operator's ways out: a forward proxy, and client certificates.
use crate::reach::{Lay, NAME, Siege};
use crate::setup::Result;
use platforms::fort::{Ca, Fort};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A forward proxy as RFC 9110 (9.3.6) has it. It knows one name and writes down the head of each request.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, heads) = (listener.local_addr()?, Arc::new(Mutex::new(Vec::new())));
        let kept = heads.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(tunnel(client, kept.clone()));
            }
        });
        Ok(Self { address, heads })
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(|it| it.into_inner()).clone()
    }
}

async fn tunnel(mut client: TcpStream, heads: Arc<Mutex<Vec<String>>>) -> anyhow::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    heads.lock().unwrap_or_else(|it| it.into_inner()).push(head.clone());
    let target = head.split(' ').nth(1).unwrap_or_default().replace(NAME, "127.0.0.1");
    if !head.to_lowercase().contains("proxy-authorization: basic bwu6cdrpbnrlcm5ldc1wyxnz") {
        client.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 9\r\n\r\nwho-are-u").await?;
        return Ok(());
    }
    let mut far = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut far).await?;
    Ok(())
}

async fn siege(proxy: &Proxy, names: &str, password: &str, account: &str) -> anyhow::Result<Siege> {
    let egress = format!(
        "proxy = {{ url = \"http://{}\", user = \"me\", password = {{ file = \"password\" }}, names = \"{names}\" }}\n",
        proxy.address
    );
    let files = vec![("password".to_owned(), password.to_owned())];
    Siege::of(Lay { egress, files, account: account.into(), ..Lay::default() }).await
}

const PASSWORD: &str = "p4internet-pass";

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_told_the_judged_address_or_the_name_as_the_operator_wants() -> Result {
    for names in ["here", "there"] {
        let proxy = Proxy::start().await?;
        let siege = siege(&proxy, names, PASSWORD, "").await?;
        let said = siege.fetch(&json!({ "url": siege.url("/v1/x") })).await?;
        assert_eq!(said["status"], 200, "{said}");
        let wish = json!({ "name": "s", "url": siege.socket("/v1/ws") });
        assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
        siege.fort.until("the socket", |record| record.requests().iter().any(|it| it.is_upgrade)).await;
        let host = if names == "here" { "127.0.0.1" } else { NAME };
        let expected = format!("CONNECT {host}:{} HTTP/1.1\r\n", siege.fort.port());
        let heads = proxy.heads();
        assert!(heads.len() == 2 && heads.iter().all(|head| head.starts_with(&expected)), "{heads:?}");
        // Closed is closed, through a proxy too.
        for url in ["https://127.0.0.2/v1/x", "https://[::1]/v1/x"] {
            assert!(siege.fetch(&json!({ "url": url })).await?["error"].is_string());
        }
        assert_eq!(proxy.heads().len(), 2);
        siege.check();
        let log = siege.runtime.stop().await?.log;
        assert!(!log.contains(PASSWORD), "{log}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_is_told_to_the_operator_and_not_to_the_guest() -> Result {
    let proxy = Proxy::start().await?;
    let siege = siege(&proxy, "here", "wr0ng-password", "").await?;
    let said = siege.fetch(&json!({ "url": siege.url("/v1/x") })).await?.to_string();
    assert!(said.contains("proxy opens no connection"), "{said}");
    assert!(!said.contains(&proxy.address.to_string()) && !said.contains(" 407"), "{said}");
    let log = siege.runtime.stop().await?.log;
    assert!(
        log.contains("407") && log.contains(&proxy.address.to_string()) && !log.contains("who-are-u"),
        "{log}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_go_without_the_proxy() -> Result {
    let proxy = Proxy::start().await?;
    let siege = siege(&proxy, "here", PASSWORD, "egress.proxy = false\n").await?;
    assert_eq!(siege.fetch(&json!({ "url": siege.url("/v1/x") })).await?["status"], 200);
    assert_eq!(proxy.heads(), [""; 0]);
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_shown_to_its_host_and_to_nobody_else() -> Result {
    let ca = Ca::new();
    let client = ca.client("the-operator")?;
    // Its own authority is believed for this account; it asks for a certificate, as everybody does.
    let other = Fort::start(Some(&ca), &["b.test"]).await?;
    let lay = Lay {
        account: "egress.roots = [\"b-ca.pem\"]\n".into(),
        urls: vec![format!("https://b.test:{}/*", other.port())],
        names: vec!["b.test".into()],
        files: vec![
            ("b-ca.pem".into(), ca.pem()),
            ("client.pem".into(), client.certificate_pem),
            ("client.key".into(), client.key_pem),
        ],
        tables: format!(
            "[[connectors.spy.accounts.default.egress.certificates]]\nhosts = [\"{NAME}\"]\n\
             certificate = \"client.pem\"\nkey = {{ file = \"client.key\" }}\n"
        ),
        ..Lay::default()
    };
    let siege = Siege::of(lay).await?;
    for url in [siege.url("/v1/x"), format!("https://b.test:{}/v1/x", other.port())] {
        let said = siege.fetch(&json!({ "url": url })).await?;
        assert_eq!(said["status"], 200, "{said}");
    }
    assert_eq!(siege.fort.requests()[0].client_certificate.as_deref(), Some("CN=the-operator"));
    assert_eq!(other.requests()[0].client_certificate, None);
    siege.runtime.stop().await?;
    Ok(())
}
