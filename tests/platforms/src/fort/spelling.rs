//! One value, spelled. Pure.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::echo::Echo;

/// The cut of `Chunked` and `SplitFrames`: any secret is longer than two of them.
const PIECE_BYTES: usize = 5;

/// Of the JSON spellings without the quotes around it.
pub(super) fn spell(echo: &Echo, value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value);
    let spelled = match echo {
        Echo::JsonEscaped => json_minimal(&text),
        Echo::JsonSlashes => json_slashes(&text),
        Echo::JsonUnicode => text.encode_utf16().map(unicode).collect(),
        Echo::Percent => percent(value),
        Echo::PercentLower => encode(value, |byte| unreserved(byte).then(|| char::from(byte)), "%", false),
        Echo::Form => form(value),
        Echo::Base64 => BASE64_STANDARD.encode(value),
        Echo::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(value),
        Echo::Base64OfJson => base64_of_json(&text),
        Echo::HexLower => encode(value, |_| None, "", false),
        Echo::HexUpper => encode(value, |_| None, "", true),
        Echo::Html => html(&text),
        _ => return value.to_vec(),
    };
    spelled.into_bytes()
}

pub(super) fn is_json(echo: &Echo) -> bool {
    matches!(echo, Echo::JsonEscaped | Echo::JsonSlashes | Echo::JsonUnicode)
}

pub(super) fn percent(value: &[u8]) -> String {
    encode(value, |byte| unreserved(byte).then(|| char::from(byte)), "%", true)
}

/// Begins with spaces: what is short or random would be stored as it is otherwise, for all to read [seen].
pub(super) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let spaces = vec![b' '; 4 * plain.len()];
    // Into memory, so it can't fail.
    packed
        .write_all(&spaces)
        .and_then(|()| packed.write_all(plain))
        .and_then(|()| packed.finish())
        .unwrap_or_default()
}

pub(super) fn pieces(whole: &[u8]) -> Vec<Vec<u8>> {
    whole.chunks(PIECE_BYTES).map(<[u8]>::to_vec).collect()
}

/// RFC 3986 2.3.
fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Each byte as `kept` has it, else in hex after `mark`.
fn encode(value: &[u8], kept: impl Fn(u8) -> Option<char>, mark: &str, upper: bool) -> String {
    let mut text = String::new();
    for &byte in value {
        // Writing to a String can't fail.
        let _ = match kept(byte) {
            Some(kept) => write!(text, "{kept}"),
            None if upper => write!(text, "{mark}{byte:02X}"),
            None => write!(text, "{mark}{byte:02x}"),
        };
    }
    text
}

/// WHATWG URL, application/x-www-form-urlencoded serializing.
fn form(value: &[u8]) -> String {
    let kept = |byte: u8| match byte {
        b' ' => Some('+'),
        b'*' | b'-' | b'.' | b'_' => Some(char::from(byte)),
        _ => byte.is_ascii_alphanumeric().then(|| char::from(byte)),
    };
    encode(value, kept, "%", true)
}

fn json_minimal(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn json_slashes(text: &str) -> String {
    let mut slashed = String::new();
    for char in json_minimal(text).replace('/', r"\/").chars() {
        if char.is_ascii() {
            slashed.push(char);
        } else {
            slashed.extend(char.encode_utf16(&mut [0; 2]).iter().map(|&unit| unicode(unit)));
        }
    }
    slashed
}

fn unicode(unit: u16) -> String {
    format!("\\u{unit:04x}")
}

fn base64_of_json(text: &str) -> String {
    let alignments = ["", "x", "xx"].map(|pad| format!(r#"{{"pad":"{pad}","value":{}}}"#, json!(text)));
    let spelled = alignments
        .map(|json| format!("{} {}", BASE64_STANDARD.encode(&json), BASE64_URL_SAFE_NO_PAD.encode(&json)));
    spelled.join(" ")
}

fn html(text: &str) -> String {
    // NB: the ampersand first, or those of the others would be escaped again.
    let entities = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];
    entities.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_stores_nothing_as_it_is() {
        for value in ["key/é+\"<&'>~ %", "Zm9vYmFyYmF6cXV4NTU5MTIzOTg3NDU2MjM0"] {
            let packed = gzip(value.as_bytes());
            let shown = packed.windows(value.len()).any(|found| found == value.as_bytes());
            assert!(!shown, "{value}");
        }
    }
}
