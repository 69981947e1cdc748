//! The common ways to write a value: what a far end that sends a secret back may have made of it.
use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use std::fmt::Write;
use zeroize::Zeroizing;

/// Text to look for, and how many characters on each side are partly made of it.
pub(super) struct Needle {
    pub text: Zeroizing<String>,
    pub before: usize,
    pub after: usize,
}

impl Needle {
    pub fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// The value as it is, as we write it into a query or a JSON text, and as others write that into JSON again; each of them raw, percent-encoded as forms,
/// `encodeURIComponent`, RFC 3986, paths and queries do it, as a JSON string, in HTML, in hex, and in base64 and base64url,
/// wherever it stands in what was encoded. Some are the same.
pub(super) fn forms(value: &str, depth: Depth) -> Vec<Needle> {
    let mut needles = Vec::new();
    encoded(value, &mut needles);
    // All forms of a long text that is all escapes would take a hundred times its room. It goes into headers or nowhere.
    if depth == Depth::Whole && value.len() <= LONG_BYTES {
        let in_query = percent(value, b"*-._ ").replace(' ', "+");
        let twice = in_json(&in_json(value));
        let written = [in_query, twice].into_iter().chain(json_forms(value));
        written.for_each(|text| encoded(&text, &mut needles));
    }
    needles
}

/// How far to look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    Whole,
    /// For a former value: without what others write into JSON again.
    Brief,
}

const LONG_BYTES: usize = 1 << 10;

fn encoded(value: &str, needles: &mut Vec<Needle>) {
    let mut add =
        |text: String, before, after| needles.push(Needle { text: Zeroizing::new(text), before, after });
    add(value.to_owned(), 0, 0);
    add(in_json(value), 0, 0);
    percent_forms(value).into_iter().for_each(|text| add(text, 0, 0));
    if value.len() <= LONG_BYTES {
        let others = json_forms(value).into_iter().chain(unicode_forms(value));
        others.chain(html_forms(value)).chain(hex_forms(value)).for_each(|text| add(text, 0, 0));
    }
    for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
        for shift in 0..3 {
            let mut bytes = Zeroizing::new(vec![0; shift]);
            bytes.extend_from_slice(value.as_bytes());
            let text = Zeroizing::new(engine.encode(&*bytes));
            // Characters of six bits: those that no neighbour has a part in.
            let (begin, end) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
            let whole = text.get(begin..end).unwrap_or_default();
            let after = usize::from(bytes.len() % 3 > 0);
            // `Basic` in a query or in JSON.
            let (escaped, slashes) = (percent(whole, b"-_"), whole.replace('/', "\\/"));
            for text in [lower_escapes(&escaped), escaped, slashes, whole.to_owned()] {
                add(text, usize::from(shift > 0), after);
            }
        }
    }
}

fn percent_forms(value: &str) -> Vec<String> {
    let mut url = url::Url::parse("http://h/").expect("a URL");
    url.set_path(value);
    url.set_query(Some(value));
    let form = percent(value, b"*-._ ");
    let mut forms = vec![
        form.replace(' ', "+"),
        form.replace(' ', "%20"),
        percent(value, b"-_.!~*'()"),
        percent(value, b"-._~"),
        url.path().strip_prefix('/').unwrap_or_default().to_owned(),
        url.query().unwrap_or_default().to_owned(),
    ];
    let lower: Vec<String> = forms.iter().map(|form| lower_escapes(form)).collect();
    forms.extend(lower);
    forms
}

fn percent(value: &str, kept: &[u8]) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut out, byte| {
        match byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            true => out.push(char::from(byte)),
            false => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

/// `%2F` as `%2f`.
fn lower_escapes(form: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        left = if c == '%' { 2 } else { i32::max(left - 1, -1) };
        if left >= 0 { c.to_ascii_lowercase() } else { c }
    };
    form.chars().map(lower).collect()
}

/// Between its quotes.
fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn json_forms(value: &str) -> Vec<String> {
    let json = in_json(value);
    let ascii = |upper: bool| {
        json.chars().fold(String::new(), |mut out, c| {
            match c.is_ascii() {
                true => out.push(c),
                false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    let _ = if upper { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
                }),
            }
            out
        })
    };
    let slashes = json.replace('/', "\\/");
    let ascii_slashes = ascii(false).replace('/', "\\/");
    vec![slashes, ascii(false), ascii(true), ascii_slashes, json]
}

/// Every character as an escape.
fn unicode_forms(value: &str) -> [String; 2] {
    let all = |upper: bool| {
        value.encode_utf16().fold(String::new(), |mut out, unit| {
            let _ = if upper { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
            out
        })
    };
    [all(false), all(true)]
}

fn html_forms(value: &str) -> Vec<String> {
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    [("&quot;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "&apos;"), ("&#34;", "&#39;"), ("\"", "'")]
        .map(|(double, single)| html.replace('"', double).replace('\'', single))
        .into()
}

fn hex_forms(value: &str) -> [String; 2] {
    let hex = value.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let upper = hex.to_ascii_uppercase();
    [hex, upper]
}
