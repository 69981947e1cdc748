//! As much of HTTP/1.1 as a request needs, and one connection's bytes both ways.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::record::Request;
use super::reply::Reply;

const MAX_HEAD_BYTES: u64 = 64 << 10;
const MAX_BODY_BYTES: usize = 16 << 20;

pub(super) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(super) fn new(tcp: TcpStream) -> Self {
        // Only a delay is lost if this fails.
        let _ = tcp.set_nodelay(true);
        Self(BufReader::new(tcp))
    }

    /// The next request; none when the client has left between two.
    pub(super) async fn request(&mut self) -> io::Result<Option<Request>> {
        let Some(first) = self.line().await? else { return Ok(None) };
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(path), Some("HTTP/1.1")) =
            (words.next(), words.next(), words.next().as_deref())
        else {
            return Err(invalid("no request line"));
        };
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid("a header without a colon"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Request { number: 0, method, path, headers, body: serde_json::Value::Null };
        let length = request.header("content-length").map_or(Ok(0), str::parse);
        let length: usize = length.map_err(|_| invalid("content-length"))?;
        if length > MAX_BODY_BYTES || request.header("transfer-encoding").is_some() {
            return Err(invalid("a body that is too large or comes in chunks"));
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        request.body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Some(request))
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = (&mut self.0).take(MAX_HEAD_BYTES).read_line(&mut line).await?;
        if read == 0 {
            return Ok(None);
        }
        let line = line.strip_suffix("\r\n").ok_or_else(|| invalid("a line without its end"))?;
        Ok(Some(line.to_owned()))
    }

    /// On return the peer's kernel has it, if there is room there: loopback is that simple.
    pub(super) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.get_mut().write_all(bytes.as_ref()).await
    }

    pub(super) async fn reply(&mut self, reply: &Reply) -> io::Result<()> {
        let headers: String =
            reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let Reply { status, content_type, body, .. } = reply;
        let head = format!(
            "HTTP/1.1 {status} Told So\r\n{headers}content-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.write([head.as_bytes(), body].concat()).await
    }

    /// Of a body in chunks.
    pub(super) async fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()).await
    }

    /// Until the client leaves; what else it says is dropped.
    pub(super) async fn left(&mut self) {
        while let Ok(more @ [_, ..]) = self.0.fill_buf().await {
            let count = more.len();
            self.0.consume(count);
        }
    }

    /// Ends with a reset instead of politely.
    pub(super) fn reset(self) {
        // Without it the peer merely sees an end, which is a failure too.
        let _ = self.0.get_ref().set_zero_linger();
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
