//! Saying which requests are meant, for faults and for looking back.

use std::fmt;

use axum::http::Method;

/// Where the WebSocket is; everything else is REST.
pub(super) const SOCKET_PATH: &str = "/v1/ws";

/// Which requests: `Requests::post("/v1/channels").ending("/messages").next(2)`.
#[derive(Debug, Clone)]
pub struct Requests {
    upgrades: bool,
    method: Option<Method>,
    prefix: String,
    ending: String,
    /// How many more; none: until told otherwise.
    pub(super) left: Option<u32>,
}

impl Requests {
    /// Every REST request, until told otherwise.
    pub fn any() -> Self {
        Self { upgrades: false, method: None, prefix: String::new(), ending: String::new(), left: None }
    }

    /// Every `GET` of a path that begins like this.
    pub fn get(prefix: &str) -> Self {
        Self { method: Some(Method::GET), prefix: prefix.to_owned(), ..Self::any() }
    }

    /// Every `POST` to a path that begins like this.
    pub fn post(prefix: &str) -> Self {
        Self { method: Some(Method::POST), prefix: prefix.to_owned(), ..Self::any() }
    }

    /// Every WebSocket upgrade, and no REST request.
    pub fn upgrades() -> Self {
        Self { upgrades: true, ..Self::any() }
    }

    /// Only those whose path ends like this, too.
    pub fn ending(self, ending: &str) -> Self {
        Self { ending: ending.to_owned(), ..self }
    }

    /// Only the next so many.
    pub fn next(self, count: u32) -> Self {
        Self { left: Some(count), ..self }
    }

    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        self.upgrades == (path == SOCKET_PATH)
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && path.starts_with(&self.prefix)
            && path.ends_with(&self.ending)
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.upgrades {
            return write!(f, "an upgrade");
        }
        write!(f, "{} {}*{}", self.method.as_ref().map_or("any", Method::as_str), self.prefix, self.ending)
    }
}
