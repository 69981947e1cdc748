//! The answers.
use super::events::{document, events};
use super::gate::{self, Page};
use super::query;
use crate::Board;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CACHE_CONTROL, CONTENT_TYPE, HeaderValue, ORIGIN, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Request, Response, StatusCode};
use ports::secret::Secret;
use std::convert::Infallible;
use std::time::Duration;

pub type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

pub struct Desk {
    pub board: Board,
    pub token: Secret,
    pub silence: Duration,
}

impl Desk {
    pub fn answer(&self, request: Request<Incoming>) -> Answer {
        let page = match gate::page(request.method(), request.uri(), request.headers(), &self.token) {
            Ok(page) => page,
            Err(status) => return plain(status, &status.to_string()),
        };
        let mut answer = match query::filter(request.uri().query().unwrap_or_default()) {
            _ if page == Page::Preflight => plain(StatusCode::NO_CONTENT, ""),
            Err(why) => plain(StatusCode::BAD_REQUEST, &why),
            Ok(which) if page == Page::State => {
                flowing("application/json", document(self.board.picture(&which)))
            }
            Ok(which) => flowing("text/event-stream", events(self.board.watch(which), self.silence)),
        };
        let headers = answer.headers_mut();
        if page == Page::Preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization"));
        }
        // The gate lets only origins of this machine through.
        if let Some(origin) = request.headers().get(ORIGIN) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        headers.insert(VARY, HeaderValue::from_static("origin"));
        answer
    }
}

/// For whom there is no place.
pub fn full() -> Answer {
    plain(StatusCode::SERVICE_UNAVAILABLE, "too many are connected; try again when one is gone")
}

fn plain(status: StatusCode, text: &str) -> Answer {
    let text = if text.is_empty() { Bytes::new() } else { format!("{text}\n").into() };
    let mut answer = answer(status, "text/plain; charset=utf-8", Full::new(text).boxed_unsync());
    let (name, value) = match status {
        StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => (ALLOW, "GET, HEAD"),
        StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, "1"),
        _ => return answer,
    };
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
    answer
}

fn flowing(kind: &'static str, parts: impl Stream<Item = Bytes> + Send + 'static) -> Answer {
    let frames = parts.map(|part| Ok(Frame::data(part)));
    answer(StatusCode::OK, kind, StreamBody::new(frames).boxed_unsync())
}

fn answer(status: StatusCode, kind: &'static str, body: UnsyncBoxBody<Bytes, Infallible>) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
