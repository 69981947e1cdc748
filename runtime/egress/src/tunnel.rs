//! CONNECT (RFC 9110, section 9.3.6): one request, one answer, and from there on the connection is the far end's.
use bytes::Bytes;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use ports::dial::Stream;
use ports::secret::Secret;
use std::error::Error;
use std::io;
use std::pin::pin;

/// What followed the answer's head at once is read first.
pub(crate) type Tunnel = TokioIo<Upgraded>;

/// Why there is no tunnel, in our words: nothing in it is the proxy's text, which a connector may get to see.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no address found for it: {0}")]
    NoAddress(#[source] io::Error),
    #[error("connection failed: {0}")]
    Away(#[source] io::Error),
    #[error("TLS handshake failed: {0}")]
    Tls(#[source] io::Error),
    #[error("it answered 407: the operator's credentials for it are missing or wrong")]
    Credentials,
    #[error("it answered {0}")]
    Status(u16),
    #[error("it did not answer in time")]
    Silent,
    #[error("it did not answer in HTTP: {}", chain(.0))]
    Broken(#[source] hyper::Error),
    #[error("there is no address to ask for")]
    Nothing,
    #[error("the request cannot be written: {0}")]
    Request(#[from] http::Error),
}

/// The head of an answer, in bytes; the least that hyper allows. Those of common proxies have a few hundred.
const MAX_HEAD_BYTES: usize = 8 << 10;
const MAX_HEADERS: usize = 64;

/// `target` is `host:port`. Nothing is left running: while the answer is awaited, this future drives the connection
/// itself, and dropping it closes the connection.
pub(crate) async fn open(
    stream: Stream,
    target: &str,
    authorization: Option<&Secret>,
) -> Result<Tunnel, Refused> {
    let request = request(target, authorization)?;
    let mut settings = http1::Builder::new();
    settings.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let (mut sender, connection) = settings.handshake(TokioIo::new(stream)).await.map_err(Refused::Broken)?;
    let mut asking = pin!(async {
        let answer = sender.send_request(request).await.map_err(Refused::Broken)?;
        match answer.status() {
            status if status.is_success() => hyper::upgrade::on(answer).await.map_err(Refused::Broken),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Refused::Credentials),
            status => Err(Refused::Status(status.as_u16())),
        }
    });
    let upgraded = tokio::select! {
        asked = &mut asking => asked,
        // It ends when it hands the stream over, or in an error, which `asking` gets to know.
        _ = connection.with_upgrades() => asking.await,
    };
    Ok(TokioIo::new(upgraded?))
}

fn request(target: &str, authorization: Option<&Secret>) -> Result<Request<Empty<Bytes>>, http::Error> {
    let mut request = Request::builder().method(Method::CONNECT).uri(target).header(HOST, target);
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(authorization.expose())?;
        value.set_sensitive(true);
        request = request.header(PROXY_AUTHORIZATION, value);
    }
    request.body(Empty::new())
}

/// hyper says what it was doing; its source says what happened.
fn chain(error: &hyper::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
