//! Resolvers with known answers, ways with known grants, and far ends that say hello.
use egress::{Dialer, Resolve, Roots, Way};
use futures::future::BoxFuture;
use ipnet::IpNet;
use ports::dial::{DialError, Stream};
use ports::reach::CheckedUrl;
use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1/128"];

/// One answer per lookup, in this order; a lookup more is an error.
pub struct Answers(Mutex<VecDeque<Vec<IpAddr>>>);

impl Answers {
    pub fn new(answers: &[&[&str]]) -> Arc<Self> {
        Arc::new(Self(Mutex::new(answers.iter().map(|answer| addresses(answer)).collect())))
    }

    pub fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Resolve for Answers {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let next = self.0.lock().unwrap().pop_front();
        Box::pin(async { next.ok_or_else(|| io::Error::other("asked once too often")) })
    }
}

pub fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

pub fn answering(answers: &[&[&str]]) -> Dialer {
    Dialer::with_resolver(Roots::public(), Answers::new(answers))
}

pub fn system() -> Dialer {
    Dialer::new(Roots::public())
}

pub fn granted(nets: &[&str]) -> Way {
    let private: Vec<IpNet> = nets.iter().map(|net| net.parse().unwrap()).collect();
    Way { private, ..Way::default() }
}

pub async fn dial(dialer: &Dialer, url: &str, nets: &[&str]) -> Result<Stream, DialError> {
    dial_by(dialer, url, granted(nets)).await
}

pub async fn dial_by(dialer: &Dialer, url: &str, way: Way) -> Result<Stream, DialError> {
    dialer.way(way).dial(&CheckedUrl::parse(url).unwrap()).await
}

/// The whole chain, as an operator sees it.
pub fn said(result: Result<Stream, DialError>) -> String {
    let error = result.err().expect("should have been refused");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!(": {source}");
        cause = source.source();
    }
    text
}

pub fn refused(result: Result<Stream, DialError>) -> (String, &'static str) {
    match result {
        Err(DialError::ClosedRange { address, range, .. }) => (address.to_string(), range),
        other => panic!("not refused: {:?}", other.err()),
    }
}

/// Says "hello" to whoever connects.
pub async fn far_end(address: &str) -> u16 {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"hello").await;
        }
    });
    port
}

pub async fn heard(stream: Result<Stream, DialError>) -> String {
    let mut text = String::new();
    stream.unwrap().read_to_string(&mut text).await.unwrap();
    text
}
