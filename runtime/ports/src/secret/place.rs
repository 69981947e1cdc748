//! Where a secret may go, and where one arrives.
use crate::json_test::JsonTest;
use crate::reach::{CheckedUrl, UrlRule};
use serde_json::Value;
use std::fmt;

/// Where in a request, an answer or a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A header, by its lower-case name.
    Header(String),
    /// A query key. Nothing arrives there.
    Query(String),
    /// An RFC 6901 pointer into a JSON body or frame; what it points at must exist and is replaced.
    Json(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {name}"),
            Self::Query(key) => write!(f, "query key {key}"),
            Self::Json(pointer) => write!(f, "JSON pointer {pointer}"),
        }
    }
}

/// How the value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Raw,
    /// `Bearer <value>`
    Bearer,
    /// `Basic base64(<user>:<value>)`
    Basic {
        user: String,
    },
}

/// A guest's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    pub secret: String,
    pub at: At,
    pub form: Form,
}

/// Where the filled text is about to go.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// `None` for a WebSocket.
    pub method: Option<&'a str>,
    pub url: &'a CheckedUrl,
    /// The frame or body as the guest wrote it, where it is JSON.
    pub json: Option<&'a Value>,
}

/// One place of a secret's grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub url: UrlRule,
    pub at: At,
    /// All must hold in the frame or body.
    pub when: Vec<JsonTest>,
}

impl Place {
    pub(super) fn takes(&self, at: &At, to: Destination<'_>) -> bool {
        self.at == *at && self.url.allows(to.method, to.url) && hold(&self.when, to.json)
    }
}

/// Where a secret arrives: it is kept by the host, and the guest finds [`CAPTURED`](super::CAPTURED) in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// What was asked: the request's URL, or the socket's.
    pub url: UrlRule,
    /// A header or JSON pointer of the answer, or a JSON pointer of a text frame.
    pub at: At,
    /// All must hold in the answer or frame.
    pub when: Vec<JsonTest>,
}

impl Capture {
    /// Where it arrives to be used.
    pub(super) fn is_at(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        self.url.allows(method, url)
    }

    pub(super) fn awaits(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        // NB: what is let through here is shown. Servers answer to more than one spelling of a path.
        self.url.allows(method, url) || self.url.resembles(url)
    }

    pub(super) fn holds(&self, json: Option<&Value>) -> bool {
        hold(&self.when, json)
    }
}

fn hold(tests: &[JsonTest], json: Option<&Value>) -> bool {
    tests.iter().all(|test| json.is_some_and(|json| test.holds(json)))
}
