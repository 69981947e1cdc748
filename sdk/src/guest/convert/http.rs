use super::all;
use crate::guest::bindings::http::connector::runtime::http as wit;
use crate::http::{Error, Request, Response, Sent};
use crate::types::millis;

impl From<Request> for wit::Request {
    fn from(request: Request) -> Self {
        Self {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
            fills: all(request.fills),
            timeout_ms: request.timeout.map(millis),
            max_response_bytes: request.max_response_bytes,
            redirects: request.redirects,
        }
    }
}

impl From<wit::Response> for Response {
    fn from(response: wit::Response) -> Self {
        Self { status: response.status, headers: response.headers, body: response.body, url: response.url }
    }
}

impl From<wit::Sent> for Sent {
    fn from(sent: wit::Sent) -> Self {
        match sent {
            wit::Sent::No => Self::No,
            wit::Sent::Maybe => Self::Maybe,
        }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(what) => Self::Denied(what),
            wit::Error::Invalid(what) => Self::Invalid(what),
            wit::Error::TooLarge((what, sent)) => Self::TooLarge(what, sent.into()),
            wit::Error::Quota((what, sent)) => Self::Quota(what, sent.into()),
            wit::Error::Timeout(sent) => Self::Timeout(sent.into()),
            wit::Error::Unreachable(why) => Self::Unreachable(why),
            wit::Error::Broken((why, sent)) => Self::Broken(why, sent.into()),
        }
    }
}
