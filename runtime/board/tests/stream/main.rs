//! The event stream over real sockets.
mod hostile;
mod limits;
mod reader;
mod refused;
mod seen;

use board::{Board, Limits, Most, Seat, Stream};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ports::secret::Secret;
use reader::{LONG, Reader};
use serde_json::Value;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TOKEN: &str = "a-token-of-this-test";
const MOST: Most = Most { keys: 1000, bytes: 64 << 20 };

struct House {
    board: Board,
    stream: Stream,
}

async fn house(limits: Limits) -> House {
    let board = Board::new();
    let listening =
        Stream::listen("127.0.0.1:0".parse().unwrap(), Secret::new(TOKEN.into()), board.clone(), limits);
    House { stream: listening.await.unwrap(), board }
}

impl House {
    fn seat(&self, id: &str) -> Seat {
        self.board.seat(&id.parse().unwrap(), MOST)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.stream.address()).await.unwrap()
    }

    /// None when the other side hung up.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Option<Response<Incoming>> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.connect().await)).await.ok()?;
        tokio::spawn(connection);
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap());
        timeout(LONG, answer).await.expect("an answer in time").ok()
    }

    async fn try_get(&self, path: &str) -> Option<Response<Incoming>> {
        let token = format!("Bearer {TOKEN}");
        self.ask(Method::GET, path, &[("host", "localhost"), ("authorization", &token)]).await
    }

    async fn get(&self, path: &str) -> Response<Incoming> {
        self.try_get(path).await.expect("an answer")
    }

    /// As soon as there is a place.
    async fn get_when_free(&self, path: &str) -> Response<Incoming> {
        let began = Instant::now();
        loop {
            match self.try_get(path).await {
                Some(answer) if answer.status() == 200 => return answer,
                _ => assert!(began.elapsed() < LONG, "no place becomes free"),
            }
        }
    }

    async fn watch(&self, path: &str) -> Reader {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200);
        Reader::new(answer.into_body())
    }

    async fn state(&self, path: &str) -> Value {
        serde_json::from_slice(&body(self.get(path).await).await).unwrap()
    }

    /// Sends the text as it is; all that comes until the other side closes.
    async fn raw(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        rest(stream).await
    }
}

async fn body(answer: Response<Incoming>) -> Bytes {
    timeout(LONG, answer.into_body().collect()).await.expect("a body in time").unwrap().to_bytes()
}

async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // An end by reset is an end.
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("closed in time");
    String::from_utf8(all).unwrap()
}
