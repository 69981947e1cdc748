//! The bytes of a request on their way out, and of an answer on its way in.
use super::error::{FetchError, Sent, TooLarge};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::task::{Context, Poll};

pub struct Response {
    pub status: u16,
    /// In the order hyper keeps them, names in lower case. A value need not be text.
    pub headers: Vec<(String, Vec<u8>)>,
    /// As it came: a body with a `Content-Encoding` is not decoded.
    pub body: Vec<u8>,
    /// Of the last hop, without what was filled in; the origin alone if a redirect put a filled secret into it.
    pub url: String,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} headers, {} bytes)", self.status, self.headers.len(), self.body.len())
    }
}

/// Whether something of a request may have left, shared by the caller and the connection's task.
///
/// The account is kept by the body and not by the socket: a socket outlives requests and cannot tell whose bytes it
/// writes, and neither hyper's errors nor its pool say when a request passed from waiting for a connection to being
/// written. But the head says how the body is framed, so no head can be encoded before the body was asked whether and
/// how long it is; and hyper asks it only in the connection's task, right before that. A request that was handed to a
/// connection which turned out closed is given back unasked, and may be sent again.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const ABANDONED: u8 = 2;

impl Progress {
    pub(super) fn sent(&self) -> Sent {
        match self.0.load(SeqCst) {
            BEGUN => Sent::Maybe,
            _ => Sent::No,
        }
    }

    /// The caller has run out of time. [`Sent::No`] is then a promise: should the connection's task on another thread
    /// be about to begin, it finds the request abandoned and writes nothing.
    pub(super) fn abandon(&self) -> Sent {
        match self.0.compare_exchange(WAITING, ABANDONED, SeqCst, SeqCst) {
            Err(BEGUN) => Sent::Maybe,
            _ => Sent::No,
        }
    }

    fn begin(&self) -> bool {
        self.0.compare_exchange(WAITING, BEGUN, SeqCst, SeqCst) != Err(ABANDONED)
    }
}

/// A request's body in one piece.
pub(super) struct Outgoing {
    bytes: Option<Bytes>,
    progress: Progress,
}

impl Outgoing {
    pub(super) fn new(bytes: Bytes, progress: Progress) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), progress }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    /// An abandoned request says that it has a body, of one byte, and then fails to give it: the one way to make hyper
    /// drop a head which it has encoded but not flushed.
    fn is_end_stream(&self) -> bool {
        self.progress.begin() && self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.progress.begin() {
            true => SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            false => SizeHint::with_exact(1),
        }
    }

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.progress.begin() {
            true => Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            false => Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into()))),
        }
    }
}

/// All of an answer's body. When this fails, `incoming` is dropped before its end and hyper closes the connection.
pub(super) async fn read(mut incoming: Incoming, limit: usize, origin: &str) -> Result<Vec<u8>, FetchError> {
    let sent = Sent::Maybe;
    let too_large = || FetchError::TooLarge { what: TooLarge::ResponseBody, limit, sent };
    // Where a length is announced nothing need be read to refuse it. It is not believed for more: memory is taken for
    // what came.
    if incoming.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| FetchError::Broken {
            origin: origin.into(),
            sent,
            source: error.into(),
        })?;
        // Trailers are bounded by hyper and told to nobody.
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > limit - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(data);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncReadExt;

    async fn written(body: &'static [u8], progress: &Progress) -> Vec<u8> {
        let (near, mut far) = tokio::io::duplex(4096);
        let (mut sender, connection) = http1::handshake(TokioIo::new(near)).await.unwrap();
        let request = http::Request::new(Outgoing::new(Bytes::from_static(body), progress.clone()));
        let answer = async move { sender.send_request(request).await.map(|_| ()) };
        let mut bytes = vec![0; 4096];
        let read = async { far.read(&mut bytes).await.unwrap() };
        // `read` ends with the first bytes or with the end of the connection.
        let all = async { tokio::join!(connection, answer) };
        let count = tokio::select! { biased; count = read => count, _ = all => 0 };
        bytes.truncate(count);
        bytes
    }

    #[tokio::test]
    async fn a_request_counts_as_sent_from_its_first_byte() {
        for body in [b"".as_slice(), b"abc"] {
            let progress = Progress::default();
            assert_eq!(progress.sent(), Sent::No);
            assert!(written(body, &progress).await.starts_with(b"GET / "));
            assert_eq!(progress.sent(), Sent::Maybe);
            assert_eq!(progress.abandon(), Sent::Maybe);
        }
    }

    #[tokio::test]
    async fn nothing_of_an_abandoned_request_is_written() {
        for body in [b"".as_slice(), b"abc"] {
            let progress = Progress::default();
            assert_eq!(progress.abandon(), Sent::No);
            assert_eq!(written(body, &progress).await, b"");
            assert_eq!(progress.sent(), Sent::No);
        }
    }
}
