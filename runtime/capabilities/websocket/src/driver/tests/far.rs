//! The far end: a server on a loopback port, or at the other end of a pipe in memory.
use super::*;
use futures::future::BoxFuture;
use futures::{FutureExt, SinkExt, StreamExt};
use ports::dial::{DialError, Stream};
use ports::reach::UrlRule;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

pub(super) enum Far {
    Loopback(TcpListener),
    Pipes { dialled: tokio::sync::Mutex<mpsc::UnboundedReceiver<Stream>>, dial: Arc<Pipes> },
}

/// One accepted connection, as the platform sees it.
pub(super) struct Peer {
    pub(super) socket: WebSocketStream<Stream>,
    pub(super) request: Request,
}

impl Far {
    pub(super) async fn loopback() -> Self {
        Self::Loopback(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// Sound with a paused clock: everything happens inside the runtime.
    pub(super) fn pipes() -> Self {
        let (sender, dialled) = mpsc::unbounded_channel();
        Self::Pipes { dialled: dialled.into(), dial: Arc::new(Pipes { sender }) }
    }

    fn authority(&self) -> String {
        match self {
            Self::Loopback(listener) => listener.local_addr().unwrap().to_string(),
            Self::Pipes { .. } => "far.test".into(),
        }
    }

    pub(super) fn url(&self, path: &str) -> CheckedUrl {
        url(&format!("ws://{}{path}", self.authority()))
    }

    pub(super) fn rule(&self) -> UrlRule {
        format!("ws://{}/ws", self.authority()).parse().unwrap()
    }

    pub(super) fn dial(&self) -> Arc<dyn Dial> {
        match self {
            Self::Loopback(_) => Arc::new(Plain),
            Self::Pipes { dial, .. } => dial.clone(),
        }
    }

    /// The next connection before its upgrade.
    pub(super) async fn stream(&self) -> Stream {
        match self {
            Self::Loopback(listener) => Box::new(patient(listener.accept()).await.unwrap().0),
            Self::Pipes { dialled, .. } => patient(dialled.lock().await.recv()).await.unwrap(),
        }
    }

    pub(super) async fn accept(&self) -> Peer {
        upgrade(self.stream().await).await
    }

    pub(super) async fn refuse(&self, status: u16) {
        let mut stream = self.stream().await;
        read_head(&mut stream).await;
        let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        let _ = stream.read(&mut [0]).await;
    }
}

#[allow(clippy::result_large_err)]
pub(super) async fn upgrade(stream: Stream) -> Peer {
    let mut request = None;
    let callback = |asked: &Request, mut answer: Response| -> Result<Response, ErrorResponse> {
        if let Some(offered) = asked.headers().get("sec-websocket-protocol") {
            let first = offered.to_str().unwrap().split(',').next().unwrap();
            answer.headers_mut().insert("sec-websocket-protocol", first.parse().unwrap());
        }
        request = Some(asked.clone());
        Ok(answer)
    };
    let socket = patient(accept_hdr_async(stream, callback)).await.unwrap();
    Peer { socket, request: request.unwrap() }
}

pub(super) async fn read_head(stream: &mut Stream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(patient(stream.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

impl Peer {
    pub(super) async fn say(&mut self, text: &str) {
        patient(self.socket.send(Message::text(text))).await.unwrap();
    }

    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        patient(self.socket.next()).await
    }

    /// What has come already.
    pub(super) fn came(&mut self) -> Option<Message> {
        self.socket.next().now_or_never()?.transpose().unwrap()
    }

    pub(super) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The code of the close frame; whatever lies before it is skipped.
    pub(super) async fn close_code(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Past the library, which would write nothing wrong.
    pub(super) async fn raw(&mut self, bytes: &[u8]) {
        patient(self.socket.get_mut().write_all(bytes)).await.unwrap();
    }
}

struct Plain;

impl Dial for Plain {
    fn dial<'a>(&'a self, url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>> {
        Box::pin(async move {
            let stream = TcpStream::connect((url.host().to_string(), url.port())).await;
            let stream =
                stream.map_err(|source| DialError::Connect { host: url.host().to_string(), source })?;
            stream.set_nodelay(true).unwrap();
            Ok(Box::new(stream) as Stream)
        })
    }
}

pub(super) struct Pipes {
    sender: mpsc::UnboundedSender<Stream>,
}

impl Dial for Pipes {
    fn dial<'a>(&'a self, _url: &'a CheckedUrl) -> BoxFuture<'a, Result<Stream, DialError>> {
        let (near, far) = tokio::io::duplex(16 << 10);
        self.sender.send(Box::new(far)).unwrap();
        Box::pin(async move { Ok(Box::new(near) as Stream) })
    }
}
