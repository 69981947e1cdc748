//! Row 23: what the process's environment says about proxies and trust is not heard.
use crate::authority::Authority;
use crate::support::*;
use egress::{Dialer, Roots};
use std::env;
use std::fs;
use std::net::TcpListener;
use std::process::Command;
use tokio_rustls::rustls::version::TLS13;

/// NB: in a child process, because setting a variable of this one is unsafe while other tests run.
#[tokio::test]
async fn what_the_environment_says_is_not_heard() {
    let authority = Authority::new();
    let plain = far_end("127.0.0.1").await;
    let secure = authority.far_end("127.0.0.1", &TLS13).await;
    let bait = TcpListener::bind("127.0.0.1:0").unwrap();
    bait.set_nonblocking(true).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (roots, keys) = (folder.path().join("roots.pem"), folder.path().join("keys.log"));
    fs::write(&roots, authority.pem()).unwrap();

    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "environment::as_the_child", "--ignored", "--nocapture"]);
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"] {
        let proxy = format!("http://{}", bait.local_addr().unwrap());
        child.env(variable, &proxy).env(variable.to_lowercase(), &proxy);
    }
    child.env("NO_PROXY", "other.test").env("no_proxy", "other.test");
    child.env("SSL_CERT_FILE", &roots).env("SSL_CERT_DIR", folder.path()).env("SSLKEYLOGFILE", &keys);
    child.env("PLAIN_PORT", plain.to_string()).env("SECURE_PORT", secure.to_string());
    let ended = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();

    let output = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success() && output.contains("1 passed"), "{output}");
    assert!(bait.accept().is_err(), "somebody took the bait");
    assert!(!keys.exists(), "TLS secrets were written");
}

#[tokio::test]
#[ignore = "started by the test above, with its environment"]
async fn as_the_child() {
    let port = |name: &str| env::var(name).unwrap();
    let plain = dial(&system(), &format!("http://127.0.0.1:{}/", port("PLAIN_PORT")), LOOPBACK).await;
    assert_eq!(heard(plain).await, "hello");
    let url = format!("https://127.0.0.1:{}/", port("SECURE_PORT"));
    let text = said(dial(&system(), &url, LOOPBACK).await);
    assert_eq!(text, "TLS handshake with 127.0.0.1 failed: invalid peer certificate: UnknownIssuer");
    // With the same authority by the operator's word there are TLS secrets that could be written.
    let roots = fs::read(env::var("SSL_CERT_FILE").unwrap()).unwrap();
    let dialer = Dialer::new(Roots::public().with_pem(&roots).unwrap());
    assert_eq!(heard(dial(&dialer, &url, LOOPBACK).await).await, "- http/1.1");
}
