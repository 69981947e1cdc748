//! Why the far end says that it failed, made fit for an error and a log.
use ports::secret::Secret;
use serde_json::Value;

/// Longest reason of a far end that is passed on, in characters.
pub(crate) const MAX_REASON_CHARS: usize = 300;

/// What it gave as its reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Complaint {
    message: Option<String>,
    codes: Vec<String>,
}

impl Complaint {
    /// From a body: OpenAI's `{"error": {"message", "type", "code"}}`, or what servers like it say instead. A page of
    /// HTML tells nothing.
    pub(crate) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(body) if !body["error"].is_null() => Self::of(&body["error"]),
            Ok(body) => Self::of(&body),
            Err(_) => Self::default(),
        }
    }

    /// From the `error` member alone.
    pub(crate) fn of(error: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let message = [error, &error["message"], &error["detail"]].into_iter().find_map(text);
        Self { message, codes: [&error["code"], &error["type"]].into_iter().filter_map(text).collect() }
    }

    /// Without the key, without line ends, cut. Some servers say the key back to whoever shows a wrong one.
    pub(crate) fn cleaned(self, key: Option<&Secret>) -> Self {
        let clean = |text: String| {
            // NB: before it is cut, or a half of the key could stay.
            let text = match key {
                Some(key) => text.replace(key.expose(), "[redacted]"),
                None => text,
            };
            let text = text.replace(char::is_control, " ");
            match text.char_indices().nth(MAX_REASON_CHARS) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        };
        Self { message: self.message.map(clean), ..self }
    }

    /// Whether its `code` or its `type` is one of these.
    pub(crate) fn is_one_of(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }

    /// `what`, and the far end's own words if there are any.
    pub(crate) fn after(&self, what: impl std::fmt::Display) -> String {
        match self.message.as_deref().filter(|message| !message.trim().is_empty()) {
            Some(message) => format!("{what} (it says: {message})"),
            None => what.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        Complaint::read(body.as_bytes()).cleaned(Some(&Secret::new("sk-0123456789".into()))).after("no")
    }

    #[test]
    fn the_reason_is_found_where_servers_put_it() {
        for body in [
            r#"{"error":{"message":"why","type":"t","code":null}}"#,
            r#"{"error":"why"}"#,
            r#"{"message":"why"}"#,
            r#"{"detail":"why"}"#,
        ] {
            assert_eq!(said(body), "no (it says: why)");
        }
        for body in ["", "<html>", "[1]", "{}", r#"{"error":{"message":" "}}"#] {
            assert_eq!(said(body), "no");
        }
        let quota = Complaint::read(br#"{"error":{"message":"m","type":"insufficient_quota","code":429}}"#);
        assert!(quota.is_one_of(&["insufficient_quota"]) && quota.is_one_of(&["429"]));
    }

    #[test]
    fn the_key_is_taken_out_even_where_the_cut_would_halve_it() {
        let padded = format!("{}sk-0123456789 tail", "x".repeat(MAX_REASON_CHARS - 5));
        let halved = said(&format!(r#"{{"error":"{padded}"}}"#));
        assert!(!halved.contains("sk-") && halved.ends_with("x[reda…)"), "{halved}");
        assert_eq!(said(r#"{"error":"a\nb sk-0123456789é"}"#), "no (it says: a b [redacted]é)");
    }
}
