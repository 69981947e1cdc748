//! What one request gets.

use serde_json::Value;

use super::echo::Echo;

#[derive(Debug, Clone)]
pub enum Answer {
    /// A status and a JSON body.
    Json(u16, Value),
    /// The whole response, byte for byte; then the connection ends.
    Raw(Vec<u8>),
    /// `location` is sent as it is, valid or not.
    Redirect { status: u16, location: String },
    /// Whatever the request carried.
    Echo(Echo),
    /// Not a byte, until the client leaves.
    Silence,
    /// The connection ends before a byte is said.
    Close,
}

/// A response before it is bytes.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// The text after the status.
    pub(super) reason: Vec<u8>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    /// With its length.
    Whole(Vec<u8>),
    /// With its length, in several writes.
    Pieces(Vec<Vec<u8>>),
    Chunked {
        chunks: Vec<Vec<u8>>,
        trailers: Vec<(String, Vec<u8>)>,
    },
}

impl Response {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            reason: b"As Told".to_vec(),
            headers: vec![("Content-Type".into(), content_type.into())],
            body: Body::Whole(body.into()),
        }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, "text/plain", "").header("Location", location)
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// What to write, piece by piece. `bodiless`: the answer to HEAD (RFC 9110 9.3.2).
    pub(super) fn pieces(self, bodiless: bool) -> Vec<Vec<u8>> {
        // RFC 9110 6.4.1: these have no content, whatever was scripted.
        let never = matches!(self.status, 100..=199 | 204 | 304);
        let mut head = [format!("HTTP/1.1 {} ", self.status).as_bytes(), &self.reason, b"\r\n"].concat();
        lines(&mut head, &self.headers);
        match &self.body {
            _ if never => {}
            Body::Chunked { .. } => head.extend(b"Transfer-Encoding: chunked\r\n"),
            Body::Whole(body) => head.extend(length(body.len())),
            Body::Pieces(pieces) => head.extend(length(pieces.iter().map(Vec::len).sum())),
        }
        head.extend(b"\r\n");
        match self.body {
            _ if never || bodiless => vec![head],
            // In one write: two would be a round trip apart for a client that delays its acknowledgements.
            Body::Whole(body) => vec![[head, body].concat()],
            Body::Pieces(pieces) => [head].into_iter().chain(pieces).collect(),
            Body::Chunked { chunks, trailers } => {
                let chunk =
                    |bytes: Vec<u8>| [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat();
                let mut last = b"0\r\n".to_vec();
                lines(&mut last, &trailers);
                last.extend(b"\r\n");
                // An empty chunk would be the last one.
                let chunks = chunks.into_iter().filter(|bytes| !bytes.is_empty()).map(chunk);
                [head].into_iter().chain(chunks).chain([last]).collect()
            }
        }
    }
}

fn length(bytes: usize) -> Vec<u8> {
    format!("Content-Length: {bytes}\r\n").into_bytes()
}

fn lines(to: &mut Vec<u8>, headers: &[(String, Vec<u8>)]) {
    for (name, value) in headers {
        to.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
}
