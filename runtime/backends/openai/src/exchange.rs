//! One request and the bytes of its answer, over a connection of their own.
use crate::options::Timeouts;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use ports::agent::Failed;
use ports::dial::{Dial, Stream};
use ports::reach::CheckedUrl;
use ports::secret::Secret;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;
use zeroize::Zeroizing;

/// Larger heads are refused by hyper.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Of a body that is no answer. Longer ones are cut: a reason stands at the beginning or nowhere.
const MAX_SHORT_BYTES: usize = 64 << 10;

const AGENT: &str = concat!("connector-runtime/", env!("CARGO_PKG_VERSION"));

pub(crate) struct Exchange {
    dial: Arc<dyn Dial>,
    url: CheckedUrl,
    timeouts: Timeouts,
}

impl Exchange {
    pub(crate) fn new(dial: Arc<dyn Dial>, url: CheckedUrl, timeouts: Timeouts) -> Self {
        Self { dial, url, timeouts }
    }

    /// Whatever the status is. Redirects are not followed: the key would go along.
    pub(crate) async fn post(
        &self,
        key: Option<&Secret>,
        body: Bytes,
    ) -> Result<(response::Parts, Body), Failed> {
        let Timeouts { connect, first_byte, idle } = self.timeouts;
        let dialling = timeout(connect, self.dial.dial(&self.url)).await;
        let stream = dialling
            .map_err(|_| unavailable(format!("no connection within {connect:?}")))?
            .map_err(|error| unavailable(told(&error)))?;
        let deadline = Instant::now() + first_byte;
        let begun = timeout_at(deadline, begin(stream, self.request(key, body))).await;
        let (answer, driver) = begun.map_err(|_| silent(first_byte))?.map_err(|error| {
            unavailable(format!("the connection broke before the answer: {}", told(&error)))
        })?;
        let (head, incoming) = answer.into_parts();
        Ok((head, Body { incoming, first: Some((deadline, first_byte)), idle, _driver: driver }))
    }

    fn request(&self, key: Option<&Secret>, body: Bytes) -> Request<Full<Bytes>> {
        let url = self.url.as_url();
        let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(target)
            .header(HOST, self.url.authority())
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .header(CONNECTION, "close");
        if let Some(key) = key {
            let bearer = Zeroizing::new(format!("Bearer {}", key.expose()));
            let mut value = HeaderValue::from_str(&bearer).expect("checked: a key fits into a header");
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(Full::new(body)).expect("a checked URL makes a target and a host")
    }
}

/// The head of the answer, and the task that moves the connection's bytes.
async fn begin(
    stream: Stream,
    request: Request<Full<Bytes>>,
) -> hyper::Result<(Response<Incoming>, AbortOnDropHandle<()>)> {
    let mut http = http1::Builder::new();
    let (mut sender, connection) = http.max_buf_size(MAX_HEAD_BYTES).handshake(TokioIo::new(stream)).await?;
    // Its error comes out of the request or of the body too.
    let driving = async move { drop(connection.await) };
    let driver = AbortOnDropHandle::new(tokio::spawn(driving.in_current_span()));
    Ok((sender.send_request(request).await?, driver))
}

/// Of an answer. Dropping it closes the connection.
pub(crate) struct Body {
    incoming: Incoming,
    /// Until the first byte came.
    first: Option<(Instant, Duration)>,
    idle: Duration,
    _driver: AbortOnDropHandle<()>,
}

impl Body {
    /// The next bytes; none at its proper end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failed> {
        let (deadline, allowed) = self.first.unwrap_or_else(|| (Instant::now() + self.idle, self.idle));
        let next = async {
            // Trailers are bounded by hyper and told to nobody.
            while let Some(frame) = self.incoming.frame().await {
                match frame.map(|frame| frame.into_data()) {
                    Ok(Ok(data)) if !data.is_empty() => return Ok(Some(data)),
                    Ok(_) => {}
                    Err(error) => {
                        return Err(unavailable(format!("the answer broke off: {}", told(&error))));
                    }
                }
            }
            Ok(None)
        };
        let next = timeout_at(deadline, next).await.map_err(|_| silent(allowed))?;
        self.first = None;
        next
    }

    /// All of it if it is short and comes soon, else its beginning.
    pub(crate) async fn short(&mut self) -> Vec<u8> {
        let (mut short, soon) = (Vec::new(), Instant::now() + self.idle);
        while let Ok(Ok(Some(bytes))) = timeout_at(soon, self.next()).await {
            let room = MAX_SHORT_BYTES - short.len();
            short.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if short.len() == MAX_SHORT_BYTES {
                break;
            }
        }
        short
    }
}

fn silent(allowed: Duration) -> Failed {
    unavailable(format!("nothing came for {allowed:?}"))
}

fn unavailable(why: String) -> Failed {
    Failed::Unavailable { why, retry_after: None }
}

/// With its causes. Those of dialling and of hyper name hosts, addresses and states, never content.
fn told(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
