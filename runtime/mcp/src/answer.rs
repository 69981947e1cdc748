//! Answers over HTTP: what they have in common, and those that are only a status and a sentence.
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use std::convert::Infallible;

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

pub(crate) fn with(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    of_body(status, kind, Full::new(body.into()).boxed_unsync())
}

pub(crate) fn of_body(
    status: StatusCode,
    kind: &'static str,
    body: UnsyncBoxBody<Bytes, Infallible>,
) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

pub(crate) fn json(status: StatusCode, message: &ServerJsonRpcMessage) -> Answer {
    match serde_json::to_vec(message) {
        Ok(body) => with(status, "application/json", body),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the answer cannot be written as JSON"),
    }
}

pub(crate) fn error(status: StatusCode, error: ErrorData, id: Option<RequestId>) -> Answer {
    json(status, &ServerJsonRpcMessage::error(error, id))
}

/// What is wrong with a request as such, so that no id is answered to.
pub(crate) fn invalid(status: StatusCode, why: impl Into<String>) -> Answer {
    error(status, ErrorData::invalid_request(why.into(), None), None)
}

pub(crate) fn plain(status: StatusCode, why: &'static str) -> Answer {
    with(status, "text/plain; charset=utf-8", why)
}

pub(crate) fn accepted() -> Answer {
    let mut answer = of_body(StatusCode::ACCEPTED, "text/plain", Empty::new().boxed_unsync());
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

pub(crate) fn unauthorized() -> Answer {
    let mut answer = plain(StatusCode::UNAUTHORIZED, "send this endpoint's token: Authorization: Bearer …\n");
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

pub(crate) fn full(why: &'static str) -> Answer {
    let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, why);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}
