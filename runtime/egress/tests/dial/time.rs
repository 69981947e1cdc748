//! The deadline, and what is left of a dial that nobody waits for.
use crate::support::*;
use egress::{Dialer, Resolve, Roots};
use futures::future::BoxFuture;
use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_far_end_silent_in_the_handshake_runs_into_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let dialling = tokio::spawn(async move { dial(&system(), &url, LOOPBACK).await });
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
    let dialling = tokio::spawn(async move { dial(&system(), &url, LOOPBACK).await });
    let (mut far, _) = listener.accept().await.unwrap();
    far.read_u8().await.unwrap();
    dialling.abort();
    let mut rest = Vec::new();
    far.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest[0], 3, "nothing but the rest of the ClientHello came: {rest:?}");
}
