//! Far ends: scripts that speak raw bytes, and diallers that lead to them.
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::dial::{Dial, DialError, Stream};
use ports::reach::CheckedUrl;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Host;

/// One connection, as the far end sees it.
pub(super) struct Peer(pub(super) Stream);

impl Peer {
    /// Head and body of the next request, or nothing when the other side has closed.
    pub(super) async fn request(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await.ok()?);
        }
        let head = String::from_utf8(bytes).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.ok()?;
        Some(head + &String::from_utf8(body).unwrap())
    }

    /// What is written when the other side is gone goes nowhere.
    pub(super) async fn say(&mut self, bytes: &str) {
        let _ = self.0.write_all(bytes.as_bytes()).await;
        let _ = self.0.flush().await;
    }

    pub(super) async fn answer(&mut self, status: &str, body: &str) {
        self.say(&format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    }

    pub(super) async fn redirect(&mut self, status: u16, location: &str) {
        self.say(&format!("HTTP/1.1 {status} x\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")).await;
    }

    /// Says every request back, as a body.
    pub(super) async fn echo(mut self) {
        while let Some(request) = self.request().await {
            self.answer("200 OK", &request).await;
        }
    }

    /// Until the other side has closed.
    pub(super) async fn gone(&mut self) {
        let mut bytes = [0; 1024];
        while self.0.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
    }
}

/// A listener on loopback that runs a script per connection.
pub(super) struct Far {
    pub(super) port: u16,
    accepted: Arc<AtomicUsize>,
}

impl Far {
    pub(super) async fn start<F: Future<Output = ()> + Send + 'static>(
        script: impl Fn(Peer) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                tokio::spawn(script(Peer(Box::new(socket))));
            }
        });
        Self { port, accepted }
    }

    pub(super) async fn echo() -> Self {
        Self::start(Peer::echo).await
    }

    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(SeqCst)
    }
}

/// A dialler without TLS and without names: `*.test` is loopback.
pub(super) struct Plain;

impl Dial for Plain {
    fn dial<'a>(&'a self, url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>> {
        async move {
            let host = url.host().to_string();
            let address: IpAddr = match url.host() {
                Host::Ipv4(address) => address.into(),
                _ => [127, 0, 0, 1].into(),
            };
            if !address.is_loopback() {
                return Err(DialError::ClosedRange { host, address, range: "private" });
            }
            match TcpStream::connect((address, url.port())).await {
                Ok(socket) => Ok(Box::new(socket) as Stream),
                Err(source) => Err(DialError::Connect { host, source }),
            }
        }
        .boxed()
    }
}

/// A dialler that is a function.
pub(super) struct Scripted<F>(pub(super) F);

impl<F> Dial for Scripted<F>
where
    F: Fn(&CheckedUrl) -> BoxFuture<'static, Result<Stream, DialError>> + Send + Sync + 'static,
{
    fn dial<'a>(&'a self, url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>> {
        self.0(url)
    }
}

/// A dialler to far ends in memory, for which the clock may be paused.
pub(super) fn in_memory<F: Future<Output = ()> + Send + 'static>(
    script: impl Fn(Peer) -> F + Send + Sync + 'static,
) -> impl Dial {
    Scripted(move |_: &CheckedUrl| {
        let (near, far) = tokio::io::duplex(64 << 10);
        tokio::spawn(script(Peer(Box::new(far))));
        futures::future::ready(Ok(Box::new(near) as Stream)).boxed()
    })
}
