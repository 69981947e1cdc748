//! A request's head, taken apart without tidying it. Pure.

use super::wire::Fault;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    /// Whether it is HTTP/1.0.
    pub(super) old: bool,
    pub(super) headers: Vec<(String, String)>,
}

/// How long the body is (RFC 9112 6.3).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Length {
    Known(usize),
    Chunked,
}

impl Head {
    /// `head`: up to and with the empty line.
    pub(super) fn parse(head: &[u8]) -> Result<Self, Fault> {
        let head = head.strip_suffix(b"\r\n\r\n").ok_or(Fault::Broken("a head without its end"))?;
        let mut lines = split(head).into_iter();
        let first = lines.next().unwrap_or_default();
        let words: Vec<&[u8]> = first.split(|&byte| byte == b' ').collect();
        let [method, target, version] = words[..] else {
            return Err(Fault::Broken("a request line that is not three words"));
        };
        if !is_token(method) || target.is_empty() || !target.iter().all(u8::is_ascii_graphic) {
            return Err(Fault::Broken("a method or target with odd characters"));
        }
        let old = match version {
            b"HTTP/1.1" => false,
            b"HTTP/1.0" => true,
            _ => return Err(Fault::Broken("another version than HTTP/1.1")),
        };
        let headers = lines.map(header).collect::<Result<_, _>>()?;
        Ok(Self { method: text(method), target: text(target), old, headers })
    }

    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether the list in this header has the word.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        self.all(name)
            .iter()
            .flat_map(|value| value.split(','))
            .any(|one| one.trim().eq_ignore_ascii_case(word))
    }

    /// RFC 9112 3.2: one Host, and only one.
    pub(super) fn check_host(&self) -> Result<(), Fault> {
        match self.all("host").len() {
            1 => Ok(()),
            0 if self.old => Ok(()),
            0 => Err(Fault::Broken("no Host")),
            _ => Err(Fault::Broken("more than one Host")),
        }
    }

    /// Refuses what two parsers may see differently (RFC 9112 11.2).
    pub(super) fn length(&self) -> Result<Length, Fault> {
        let lengths = self.all("content-length");
        match (&self.all("transfer-encoding")[..], &lengths[..]) {
            ([], []) => Ok(Length::Known(0)),
            ([], [one]) if one.bytes().all(|byte| byte.is_ascii_digit()) => {
                one.parse().map(Length::Known).map_err(|_| Fault::Broken("an odd Content-Length"))
            }
            ([], _) => Err(Fault::Broken("an odd Content-Length")),
            ([one], []) if one.eq_ignore_ascii_case("chunked") => Ok(Length::Chunked),
            (_, []) => Err(Fault::Broken("an unknown Transfer-Encoding")),
            _ => Err(Fault::Broken("Transfer-Encoding and Content-Length")),
        }
    }
}

/// At each CRLF; a lone CR or LF stays in its line, where nothing allows it.
fn split(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}

/// RFC 9112 5: nothing between name and colon, no folded lines.
pub(super) fn header(line: &[u8]) -> Result<(String, String), Fault> {
    let colon = line.iter().position(|&byte| byte == b':');
    let (name, value) = line.split_at(colon.ok_or(Fault::Broken("a header without a colon"))?);
    let value = &value[1..];
    if !is_token(name) {
        return Err(Fault::Broken("a header name with odd characters"));
    }
    if value.iter().any(|&byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
        return Err(Fault::Broken("a header value with control characters"));
    }
    Ok((text(name), text(value).trim_matches([' ', '\t']).to_owned()))
}

/// RFC 9110 5.6.2.
fn is_token(word: &[u8]) -> bool {
    let tchar = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !word.is_empty() && word.iter().all(tchar)
}

/// Only values can be anything else than ASCII; the raw head has them as they came.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
