//! Errors as the gateway words them.

use serde_json::{Value, json};

/// The `error` of an answer. Clients branch on the codes and never on the message.
#[derive(Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    details: Option<Value>,
    retry_after_ms: Option<u64>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retry_after_ms: None }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("INVALID_REQUEST", message)
    }

    pub(super) fn unavailable(message: &str, retry_after_ms: u64) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::new("UNAVAILABLE", message) }
    }

    pub(super) fn details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(super) fn missing_scope(scope: &str) -> Self {
        Self::new("FORBIDDEN", format!("missing scope: {scope}")).details(json!({
            "code": "MISSING_SCOPE", "missingScope": scope, "requiredScopes": [scope],
        }))
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn error(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(details) = &self.details {
            error["details"] = details.clone();
        }
        if let Some(after) = self.retry_after_ms {
            error["retryable"] = json!(true);
            error["retryAfterMs"] = json!(after);
        }
        error
    }

    pub(super) fn answer(&self, id: &str) -> Value {
        json!({ "type": "res", "id": id, "ok": false, "error": self.error() })
    }
}
