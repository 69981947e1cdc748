//! An answer that is no stream: a status, headers and a body, all at once.

use serde_json::{Value, json};

/// `Reply::status(429).retry_after("2")`.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// With the error body that the API documents for this status.
    pub fn status(status: u16) -> Self {
        let (message, kind, code) = match status {
            400 | 413 | 422 => ("The request is not valid.", "invalid_request_error", None),
            401 => ("Incorrect API key provided.", "invalid_request_error", Some("invalid_api_key")),
            403 => (
                "Country, region, or territory not supported",
                "request_forbidden",
                Some("unsupported_country_region_territory"),
            ),
            404 => ("The model does not exist.", "invalid_request_error", Some("model_not_found")),
            429 => ("Rate limit reached for requests.", "requests", Some("rate_limit_exceeded")),
            503 => ("The engine is currently overloaded, please try again later.", "server_error", None),
            _ => ("The server had an error while processing your request.", "server_error", None),
        };
        Self::empty(status).error(message, kind, code)
    }

    /// 429, because nothing was paid: waiting alone does not mend it.
    pub fn quota() -> Self {
        let message = "You exceeded your current quota, please check your plan and billing details.";
        Self::empty(429).error(message, "insufficient_quota", Some("insufficient_quota"))
    }

    /// Without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), content_type: "application/json".into(), body: Vec::new() }
    }

    /// With another error body.
    pub fn error(self, message: &str, kind: &str, code: Option<&str>) -> Self {
        self.json(&error_body(message, kind, code))
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Anything at all, such as a proxy's page.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { content_type: content_type.into(), body: body.into(), ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Seconds or an HTTP date, as it is.
    pub fn retry_after(self, value: &str) -> Self {
        self.header("retry-after", value)
    }

    /// Milliseconds.
    pub fn retry_after_ms(self, value: &str) -> Self {
        self.header("retry-after-ms", value)
    }
}

pub(super) fn error_body(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}
