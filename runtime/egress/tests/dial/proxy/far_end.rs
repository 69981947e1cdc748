//! A forward proxy, written from RFC 9110, section 9.3.6, and RFC 9112, section 3.2.3: the target of a CONNECT is
//! `host:port` and nothing else, `Host` says the same, and after any 2xx answer's head the connection is the tunnel's.
use crate::support::*;
use egress::{Names, Proxy, Way};
use ports::reach::CheckedUrl;
use ports::secret::Secret;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[derive(Clone)]
pub enum Answer {
    /// These bytes in one write, then whatever the far end at this address says.
    Tunnel(&'static str, SocketAddr),
    /// These bytes, and not another word.
    Say(&'static str),
    /// These bytes, then this again and again, a second apart.
    Drip(&'static str, &'static str),
    /// These bytes, then the end.
    Close(&'static str),
}

/// What it heard, head by head.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    pub fn heads(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The target of each CONNECT.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split(' ').nth(1).unwrap().to_owned();
        self.heads().iter().map(target).collect()
    }
}

pub struct Forward {
    pub port: u16,
    pub heard: Heard,
    pub ended: tokio::sync::mpsc::UnboundedReceiver<()>,
}

impl Forward {
    pub async fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::over(None, answer).await
    }

    pub async fn over(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answer) = (Heard::default(), Arc::new(answer));
        let (end, ended) = tokio::sync::mpsc::unbounded_channel();
        let hearing = heard.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (heard, answer, tls, end) = (hearing.clone(), answer.clone(), tls.clone(), end.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => match tls.accept(socket).await {
                            Ok(stream) => serve(stream, heard, |head| answer(head)).await,
                            Err(_) => return,
                        },
                        None => serve(socket, heard, |head| answer(head)).await,
                    }
                    let _ = end.send(());
                });
            }
        });
        Self { port, heard, ended }
    }

    pub fn way(&self, names: Names, credentials: Option<(&str, &str)>) -> Way {
        self.way_by(&format!("http://127.0.0.1:{}", self.port), names, credentials)
    }

    pub fn way_by(&self, url: &str, names: Names, credentials: Option<(&str, &str)>) -> Way {
        let credentials =
            credentials.map(|(user, password)| (user.to_owned(), Secret::new(password.to_owned())));
        let proxy = Proxy::new(&CheckedUrl::parse(url).unwrap(), credentials, names).unwrap();
        Way { proxy: Some(Arc::new(proxy)), ..granted(&[]) }
    }
}

/// Until the client goes away.
async fn serve(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    heard: Heard,
    answer: impl Fn(&str) -> Answer,
) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(char::from(byte));
    }
    heard.0.lock().unwrap().push(head.clone());
    check(&head);
    match answer(&head) {
        Answer::Tunnel(first, address) => {
            let mut far = TcpStream::connect(address).await.unwrap();
            client.write_all(first.as_bytes()).await.unwrap();
            let _ = copy_bidirectional(&mut client, &mut far).await;
        }
        Answer::Say(text) => {
            let _ = client.write_all(text.as_bytes()).await;
            let _ = client.read_to_end(&mut Vec::new()).await;
        }
        Answer::Drip(text, drop) => {
            let _ = client.write_all(text.as_bytes()).await;
            while client.write_all(drop.as_bytes()).await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
        Answer::Close(text) => {
            let _ = client.write_all(text.as_bytes()).await;
            let _ = client.shutdown().await;
        }
    }
}

fn check(head: &str) {
    let mut lines = head.split("\r\n");
    let request: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let [method, target, version] = request[..] else { panic!("{head}") };
    assert_eq!((method, version), ("CONNECT", "HTTP/1.1"));
    let (host, port) = target.rsplit_once(':').expect("a port is always said");
    assert!(!host.is_empty() && port.parse::<u16>().is_ok() && !target.contains('/'), "{target}");
    let hosts: Vec<&str> = lines
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
        .map(|(_, value)| value)
        .collect();
    assert_eq!(hosts, [target]);
    assert!(
        !head.to_ascii_lowercase().contains("\r\ncontent-length") && !head.contains("ransfer-"),
        "{head}"
    );
}
