//! A far end that sends a secret back: what was filled into a request is taken out of its answer.
//!
//! The exact value, the text as it was written (so also `Basic …`), and both as URLs and JSON would write them.
//! Beyond that the granted host is trusted: an answer that is compressed, or that spells the value backwards, passes.
use ports::secret::Secret;

/// A shorter value would be found by chance in ordinary text (the vault's own redaction draws the same line).
const MIN_WATCHED: usize = 6;
pub(super) const REDACTED: &str = "[redacted]";

#[derive(Default)]
pub(super) struct Echo {
    /// Longest first, so that a value is not found inside another one's form.
    watched: Vec<Secret>,
}

impl Echo {
    pub(super) fn watch(&mut self, filled: &Secret) {
        let text = filled.expose();
        // `Bearer` and `Basic` alone say nothing; what follows them does.
        let text = text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("Basic ")).unwrap_or(text);
        for form in forms(text) {
            if form.len() >= MIN_WATCHED && !self.watched.iter().any(|known| known.expose() == form) {
                self.watched.push(Secret::new(form));
            }
        }
        self.watched.sort_by_key(|known| std::cmp::Reverse(known.expose().len()));
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.watched.iter().any(|known| text.contains(known.expose()))
    }

    /// One pass, whatever the number of values: a far end may send 16 MiB.
    pub(super) fn scrub(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut begins = [false; 256];
        self.watched.iter().for_each(|known| begins[usize::from(known.expose().as_bytes()[0])] = true);
        let found = |rest: &[u8]| {
            self.watched.iter().map(|known| known.expose().as_bytes()).find(|known| rest.starts_with(known))
        };
        let (mut out, mut copied, mut at) = (Vec::new(), 0, 0);
        while at < bytes.len() {
            match begins[usize::from(bytes[at])].then(|| found(&bytes[at..])).flatten() {
                Some(known) => {
                    out.extend_from_slice(&bytes[copied..at]);
                    out.extend_from_slice(REDACTED.as_bytes());
                    at += known.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        if copied == 0 {
            return bytes;
        }
        out.extend_from_slice(&bytes[copied..]);
        out
    }
}

/// As a form, a URL's path, its query and a JSON string would write it.
fn forms(text: &str) -> [String; 7] {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let quoted = serde_json::Value::from(text).to_string();
    let json = &quoted[1..quoted.len() - 1];
    let mut url = url::Url::parse("http://h/").expect("a URL");
    url.set_path(text);
    url.set_query(Some(text));
    [
        text.to_owned(),
        form.replace('+', "%20"),
        form,
        url.path().strip_prefix('/').unwrap_or_default().to_owned(),
        url.query().unwrap_or_default().to_owned(),
        json.replace('/', "\\/"),
        json.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(values: &[&str]) -> Echo {
        let mut echo = Echo::default();
        values.iter().for_each(|value| echo.watch(&Secret::new((*value).to_owned())));
        echo
    }

    #[test]
    fn a_value_is_taken_out_raw_and_as_query_and_json_write_it() {
        let echo = echo(&["Bearer pa ss/\"word"]);
        for text in [
            "pa ss/\"word",
            "pa+ss%2F%22word",
            "pa%20ss%2F%22word",
            "pa%20ss/%22word",
            "pa ss/\\\"word",
            "pa ss\\/\\\"word",
        ] {
            let body = format!("\u{1}{text}{text}, {text}").into_bytes();
            let said = String::from_utf8(echo.scrub(body)).unwrap();
            assert_eq!(said, "\u{1}[redacted][redacted], [redacted]", "{text}");
            assert!(echo.is_in(text));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let echo = echo(&["Bearer aaaaab", "x"]);
        for text in ["Bearer", "", "aaaab", "x", "aaaa", "aaaacaaaac"] {
            assert_eq!(echo.scrub(text.as_bytes().to_vec()), text.as_bytes());
        }
        assert_eq!(echo.scrub(b"aaaaaaaabb".to_vec()), b"aaa[redacted]b");
    }
}
