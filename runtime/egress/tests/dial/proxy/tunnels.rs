//! What goes through.
use super::far_end::{Answer, Forward};
use crate::authority::{Authority, acceptor, named};
use crate::support::*;
use egress::{Dialer, Names, Roots, Way};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::rustls::server::NoClientAuth;
use tokio_rustls::rustls::version::TLS13;

const OK: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[tokio::test]
async fn every_scheme_goes_through_the_same_tunnel() {
    let authority = Authority::new();
    let (plain, secure) = (far_end("127.0.0.1").await, authority.far_end("name.test", &TLS13).await);
    let proxy = Forward::new(move |head| match head.contains(":443 ") {
        true => Answer::Tunnel(OK, at(secure)),
        false => Answer::Tunnel(OK, at(plain)),
    })
    .await;
    for (scheme, port, text) in [
        ("http", 80, "hello"),
        ("ws", 80, "hello"),
        ("https", 443, "name.test http/1.1"),
        ("wss", 443, "name.test http/1.1"),
    ] {
        let dialer = Dialer::with_resolver(authority.roots(), Answers::new(&[&["93.184.216.34"]]));
        let way = proxy.way(Names::Here, None);
        let stream = dial_by(&dialer, &format!("{scheme}://name.test/a?b"), way).await;
        assert_eq!(heard(stream).await, text, "{scheme}");
        assert_eq!(proxy.heard.targets().last().unwrap(), &format!("93.184.216.34:{port}"));
    }
    assert!(proxy.heard.heads().iter().all(|head| !head.contains("name.test") && !head.contains("/a?b")));
}

#[tokio::test]
async fn bytes_right_behind_the_head_are_the_far_ends() {
    let port = far_end("127.0.0.1").await;
    for head in [
        "HTTP/1.1 200 OK\r\n\r\nfirst ",
        "HTTP/1.0 200 Connection established\r\nProxy-Agent: old\r\n\r\nfirst ",
        // RFC 9110: a client ignores both in a 2xx answer to CONNECT.
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nfirst ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfirst ",
        "HTTP/1.1 201 Fine\r\n\r\nfirst ",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst ",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nfirst ",
    ] {
        let proxy = Forward::new(move |_| Answer::Tunnel(head, at(port))).await;
        let dialer = answering(&[&["93.184.216.34"]]);
        let stream = dial_by(&dialer, "http://name.test/", proxy.way(Names::Here, None)).await;
        assert_eq!(heard(stream).await, "first hello", "{head}");
    }
}

#[tokio::test]
async fn a_tunnel_carries_much_both_ways_and_its_end() {
    let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = echo.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (socket, _) = echo.accept().await.unwrap();
        let (mut read, mut write) = socket.into_split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    });
    let mut proxy = Forward::new(move |_| Answer::Tunnel(OK, at(port))).await;
    let dialer = answering(&[&["93.184.216.34"]]);
    let way = proxy.way(Names::Here, None);
    let (mut read, mut write) = tokio::io::split(dial_by(&dialer, "ws://name.test/", way).await.unwrap());
    let much: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let sent = much.clone();
    let sending = tokio::spawn(async move {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
        write
    });
    let mut back = Vec::new();
    read.read_to_end(&mut back).await.unwrap();
    assert!(back == much, "{} bytes came back", back.len());
    drop((sending.await.unwrap(), read));
    proxy.ended.recv().await.unwrap();
}

/// NB: `ended` says that the proxy saw the connection close; a task of ours that held it would keep it open.
#[tokio::test]
async fn a_dropped_stream_or_dial_leaves_nothing_open_and_no_task() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut proxy = Forward::new(move |_| Answer::Tunnel(OK, at(port))).await;
    let dialer = answering(&[&["93.184.216.34"]]);
    let stream = dial_by(&dialer, "ws://name.test/", proxy.way(Names::Here, None)).await.unwrap();
    let (mut far, _) = silent.accept().await.unwrap();
    drop(stream);
    assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
    drop(far);
    proxy.ended.recv().await.unwrap();

    let mut proxy = Forward::new(|_| Answer::Say("HTTP/1.1 200")).await;
    let way = proxy.way(Names::Here, None);
    let dialling = tokio::spawn(async move {
        dial_by(&answering(&[&["93.184.216.34"]]), "ws://name.test/", way).await.err()
    });
    while proxy.heard.heads().is_empty() {
        tokio::task::yield_now().await;
    }
    dialling.abort();
    proxy.ended.recv().await.unwrap();
}

#[tokio::test]
async fn a_proxy_over_tls_is_believed_by_the_dialers_roots_and_the_far_end_by_the_ways() {
    let [proxys, far_ends] = [Authority::new(), Authority::new()];
    let port = far_ends.far_end("name.test", &TLS13).await;
    let (certificate, key) = proxys.certify(named("proxy.test"));
    let tls = acceptor(certificate, &key, &TLS13, Arc::new(NoClientAuth));
    let proxy = Forward::over(Some(tls), move |_| Answer::Tunnel(OK, at(port))).await;
    // NB: the far end's name is asked first, then the proxy's: at a loopback address that nobody granted.
    let both: &[&[&str]] = &[&["93.184.216.34"], &["127.0.0.1"]];
    let url = format!("https://proxy.test:{}", proxy.port);
    let way = Way { roots: Some(far_ends.roots()), ..proxy.way_by(&url, Names::Here, Some(("us", "pass"))) };
    let dialer = Dialer::with_resolver(proxys.roots(), Answers::new(both));
    let stream = dial_by(&dialer, "https://name.test/", way.clone()).await;
    assert_eq!(heard(stream).await, "name.test http/1.1");
    let dialer = Dialer::with_resolver(Roots::public(), Answers::new(both));
    let text = said(dial_by(&dialer, "https://name.test/", way).await);
    let why = format!(
        "proxy proxy.test:{} opens no connection to name.test: TLS handshake failed: invalid peer certificate: UnknownIssuer",
        proxy.port
    );
    assert_eq!(text, why);
    assert_eq!(proxy.heard.heads().len(), 1, "and it heard no credentials");
}

#[tokio::test]
async fn tls_through_the_tunnel_is_with_the_far_end_and_not_with_the_proxy() {
    let authority = Authority::new();
    let port = authority.far_end("proxy.test", &TLS13).await;
    for names in [Names::Here, Names::There] {
        let proxy = Forward::new(move |_| Answer::Tunnel(OK, at(port))).await;
        let dialer = Dialer::with_resolver(authority.roots(), Answers::new(&[&["93.184.216.34"]]));
        let text = said(dial_by(&dialer, "https://name.test/", proxy.way(names, None)).await);
        let begin = "TLS handshake with name.test failed: invalid peer certificate: certificate not valid";
        assert!(text.starts_with(begin), "{text}");
    }
}
