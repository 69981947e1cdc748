//! HTTP requests. Connections are reused within the instance and never shared with another.
//!
//! ```no_run
//! # async fn example() -> Result<(), sdk::http::Error> {
//! use sdk::http::Request;
//!
//! let answer = Request::post("https://api.example/v1/messages")
//!     .bearer("agentToken")
//!     .json(&serde_json::json!({ "text": "hello" }))
//!     .send()
//!     .await?;
//! # Ok(()) }
//! ```

use crate::{Fill, Form, Place, calls};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// One request; built, then sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Upper case; CONNECT and TRACE are refused.
    pub method: String,
    /// `http` or `https`, at most 8 KiB.
    pub url: String,
    /// At most 64, 32 KiB together. Host, Content-Length, Accept-Encoding and hop-by-hop headers are the host's: it
    /// asks for answers that are not compressed.
    pub headers: Vec<(String, String)>,
    /// At most 4 MiB.
    pub body: Option<Vec<u8>>,
    /// A request with fills can't ask for a Range: a secret in parts would not be found in what comes back.
    pub fills: Vec<Fill>,
    /// For everything: dialling, request, the whole body of the answer. None: 30 s. 100 ms to 120 s.
    pub timeout: Option<Duration>,
    /// Largest body of the answer. None: 1 MiB. At most 16 MiB.
    pub max_response_bytes: Option<u32>,
    /// How many redirects to follow, 0 to 5. Each is judged like a request of its own, its fills too: where they may not
    /// go, it is refused. Headers that were filled in stay with their origin, and so does a body.
    pub redirects: u8,
    /// What was wrong when the body was built; `send` answers it.
    broken: Option<String>,
}

impl Request {
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            fills: Vec::new(),
            timeout: None,
            max_response_bytes: None,
            redirects: 0,
            broken: None,
        }
    }

    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// `Authorization: Bearer <secret>`, with the secret of this name.
    pub fn bearer(self, secret: impl Into<String>) -> Self {
        self.fill(Fill::bearer(secret))
    }

    /// `Authorization: Basic …`, with this user and the secret of this name as password.
    pub fn basic(self, user: impl Into<String>, secret: impl Into<String>) -> Self {
        self.fill(Fill::new(secret, Place::header("authorization"), Form::Basic(user.into())))
    }

    pub fn fill(mut self, fill: Fill) -> Self {
        self.fills.push(fill);
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// A JSON body with its content type. What cannot be written as JSON makes `send` answer `Invalid`.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(bytes),
            Err(error) => self.broken = Some(format!("body: {error}")),
        }
        self.header("content-type", "application/json")
    }

    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    pub fn max_response_bytes(mut self, bytes: u32) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    pub fn redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Sends the request and waits for the whole answer; any status is an answer.
    ///
    /// So many at once per instance as the operator's `requests` says (16 by default); up to 64 further ones wait within
    /// their timeout. Request bodies, of those that wait too: 16 MiB together.
    ///
    /// # Errors
    /// All of [`Error`]; [`Error::sent`] says whether it is safe to send again.
    pub async fn send(self) -> Result<Response, Error> {
        match self.broken {
            Some(how) => Err(Error::Invalid(how)),
            None => calls::fetch(self).await,
        }
    }
}

/// What came back.
///
/// Every secret of the instance is cut out of it, in its common encodings, and reads `[redacted]`; one that arrives at a
/// granted place reads `[captured]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Any status is an answer, 500 too.
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    /// Of the last redirect, or the request's.
    pub url: String,
}

impl Response {
    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, in any case, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// # Errors
    /// The body is not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// Whether the far end can have seen the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: it is safe to send it again.
    No,
    /// Perhaps: look before you repeat.
    Maybe,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not granted: the URL, or the place of a secret. Names what to grant. Nothing was sent. (A redirect that is refused
    /// is `Broken`.)
    #[error("not granted: {0}")]
    Denied(String),
    /// The part of the request named is wrong: how. Nothing was sent.
    #[error("invalid {0}")]
    Invalid(String),
    /// Over a limit of this page.
    #[error("too large: {0}")]
    TooLarge(String, Sent),
    /// Too many requests of this instance wait (64), or their bodies together are over 16 MiB: later it will do.
    #[error("over the quota: {0}")]
    Quota(String, Sent),
    /// The timeout passed, or the handler is out of time.
    #[error("out of time")]
    Timeout(Sent),
    /// No connection: name, address, TLS. Nothing was sent.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The connection broke before the answer was whole, or it is compressed unasked and the instance has secrets, which
    /// could not be found in it.
    #[error("connection broke: {0}")]
    Broken(String, Sent),
}

impl Error {
    /// Whether the far end can have seen the request.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Denied(_) | Self::Invalid(_) | Self::Unreachable(_) => Sent::No,
            Self::TooLarge(_, sent) | Self::Quota(_, sent) | Self::Timeout(sent) | Self::Broken(_, sent) => {
                *sent
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_built_in_one_sentence() {
        let request = Request::post("https://a.example/").bearer("token").json("hi").redirects(2);
        assert_eq!(request.body.as_deref(), Some(b"\"hi\"".as_slice()));
        assert_eq!(request.fills, [Fill::bearer("token")]);
        assert_eq!(request.headers, [("content-type".into(), "application/json".into())]);
    }

    #[test]
    fn a_header_is_found_in_any_case() {
        let headers = vec![("Retry-After".to_owned(), b"7".to_vec())];
        let response = Response { status: 429, headers, body: vec![], url: String::new() };
        assert_eq!(response.header("retry-after"), Some("7"));
        assert!(!response.is_success());
    }
}
