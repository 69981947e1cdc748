//! What a guest asks for, checked once into something that cannot be wrong.
use super::error::{FetchError, Sent, TooLarge};
use super::invalid::*;
use super::limits::Limits;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use ports::reach::CheckedUrl;
use ports::secret::{At, Fill};
use std::time::Duration;

/// As the guest wrote it. No `Debug`: headers and bodies belong in no log.
#[derive(Clone)]
pub struct Request {
    /// Upper case. Not CONNECT, not TRACE.
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub fills: Vec<Fill>,
    /// For everything: the wait for a turn, dialling, every redirect, the whole body. 100 ms to 120 s.
    pub timeout: Duration,
    /// Of the body as it comes, 1 to [`Limits::response_body_bytes`].
    pub max_response_bytes: usize,
    /// How many redirects to follow, 0 to 5. The one after that is given as an answer.
    pub redirects: u8,
}

impl Request {
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    pub const DEFAULT_RESPONSE_BYTES: usize = 1 << 20;

    /// No headers, no body, no secrets, no redirects; default time-out and size.
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            fills: Vec::new(),
            timeout: Self::DEFAULT_TIMEOUT,
            max_response_bytes: Self::DEFAULT_RESPONSE_BYTES,
            redirects: 0,
        }
    }
}

/// One request to one destination, as the guest means it: no secret is in it.
#[derive(Clone)]
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: CheckedUrl,
    /// A redirect put a filled secret into the path or query.
    pub(super) url_is_secret: bool,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) fills: Vec<Fill>,
}

pub(super) struct Checked {
    pub(super) hop: Hop,
    pub(super) timeout: Duration,
    pub(super) max_response_bytes: usize,
    pub(super) redirects: u8,
}

impl Checked {
    pub(super) fn new(request: Request, limits: &Limits) -> Result<Self, FetchError> {
        let Request { method, url, headers, body, fills, timeout, max_response_bytes, redirects } = request;
        let body = Bytes::from(body.unwrap_or_default());
        if body.len() > limits.request_body_bytes {
            let limit = limits.request_body_bytes;
            return Err(FetchError::TooLarge { what: TooLarge::RequestBody, limit, sent: Sent::No });
        }
        if !TIMEOUTS.contains(&timeout) {
            return Err(Invalid::Timeout.into());
        }
        if !(1..=limits.response_body_bytes).contains(&max_response_bytes) {
            return Err(Invalid::ResponseBytes { max: limits.response_body_bytes }.into());
        }
        if redirects > MAX_REDIRECTS {
            return Err(Invalid::Redirects(redirects).into());
        }
        let hop = Hop {
            method: checked_method(&method)?,
            url: checked_url(&url)?,
            url_is_secret: false,
            headers: checked_headers(&headers)?,
            body,
            fills: checked_fills(fills)?,
        };
        // A far end that says back what it was told would say the secret in pieces, none of which is the secret.
        if !hop.fills.is_empty() && hop.headers.contains_key(header::RANGE) {
            return Err(Invalid::RangeWithFills.into());
        }
        Ok(Self { hop, timeout, max_response_bytes, redirects })
    }
}

/// Upper case only: the rules of a grant are upper case, and a server that reads `connect` as CONNECT must not get it.
fn checked_method(method: &str) -> Result<Method, Invalid> {
    if !(1..=MAX_METHOD_CHARS).contains(&method.len()) || !method.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Invalid::Method);
    }
    // CONNECT makes a tunnel past every rule; TRACE sends the filled headers back.
    if matches!(method, "CONNECT" | "TRACE") {
        return Err(Invalid::ForbiddenMethod(method.into()));
    }
    Method::from_bytes(method.as_bytes()).map_err(|_| Invalid::Method)
}

fn checked_url(url: &str) -> Result<CheckedUrl, Invalid> {
    let url = CheckedUrl::parse(url)?;
    match url.is_websocket() {
        true => Err(Invalid::Scheme(url.scheme().into())),
        false => Ok(url),
    }
}

fn checked_headers(headers: &[(String, String)]) -> Result<HeaderMap, Invalid> {
    if headers.len() > MAX_HEADERS {
        return Err(Invalid::HeaderCount { count: headers.len() });
    }
    let bytes = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        return Err(Invalid::HeaderBytes { bytes });
    }
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = checked_header_name(name)?;
        let value = HeaderValue::from_str(value).map_err(|_| Invalid::HeaderValue(name.to_string()))?;
        map.append(name, value);
    }
    Ok(map)
}

const OURS: [&str; 15] = [
    "host",
    // A compressed answer can't be searched for secrets.
    "accept-encoding",
    // Some servers take these for the method or the path, which were judged as they stand in the request's line.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
    "connection",
    "transfer-encoding",
    "content-length",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "expect",
];

fn checked_header_name(name: &str) -> Result<HeaderName, Invalid> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Invalid::HeaderName(named(name)))?;
    // Framing, routing and the connection are ours: a guest that sets them can smuggle a second request, reach another
    // virtual host than the one that was judged, or end the reuse.
    let ours = OURS.contains(&parsed.as_str()) || parsed.as_str().starts_with("proxy-");
    match ours {
        true => Err(Invalid::ForbiddenHeader(named(name))),
        false => Ok(parsed),
    }
}

fn checked_fills(mut fills: Vec<Fill>) -> Result<Vec<Fill>, Invalid> {
    if fills.len() > MAX_FILLS {
        return Err(Invalid::FillCount { count: fills.len() });
    }
    for fill in &mut fills {
        if let At::Header(name) = &mut fill.at {
            *name = checked_header_name(name)?.as_str().to_owned();
        }
    }
    for (at, fill) in fills.iter().enumerate() {
        if fills[..at].iter().any(|other| other.at == fill.at) {
            return Err(Invalid::FilledTwice { at: fill.at.to_string() });
        }
    }
    Ok(fills)
}

fn named(name: &str) -> String {
    name.chars().take(MAX_NAMED_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::reach::UrlError;
    use ports::secret::Form;

    fn refused(change: impl FnOnce(&mut Request)) -> Invalid {
        let mut request = Request::new("GET", "https://api.test/a");
        change(&mut request);
        match Checked::new(request, &Limits::default()).map(|_| ()) {
            Err(FetchError::Invalid(invalid)) => invalid,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn line_ends_are_refused_in_method_url_header_name_and_value() {
        for bad in ["GET\r\n", "GET /x HTTP/1.1\r\nA:", "G T", "get", "", "GÉT", &"A".repeat(21)] {
            assert_eq!(refused(|r| r.method = bad.into()), Invalid::Method, "{bad:?}");
        }
        for bad in
            ["https://api.test/a\r\nHost: b", "https://api.test/\ta", " https://api.test/", "https://a\0b/"]
        {
            assert_eq!(refused(|r| r.url = bad.into()), Invalid::Url(UrlError::Character), "{bad:?}");
        }
        for bad in ["a\r\nb", "a b", "a:", "", "a\0", "é"] {
            let said = refused(|r| r.headers = vec![(bad.into(), "v".into())]);
            assert_eq!(said, Invalid::HeaderName(bad.into()), "{bad:?}");
        }
        for bad in ["a\r\nB: c", "a\nb", "a\rb", "a\0b", "\u{7f}"] {
            let said = refused(|r| r.headers = vec![("x-a".into(), bad.into())]);
            assert_eq!(said, Invalid::HeaderValue("x-a".into()), "{bad:?}");
        }
    }

    #[test]
    fn headers_that_are_the_hosts_are_refused_by_name_in_any_case_and_as_a_fill() {
        for name in [
            "Host",
            "CONNECTION",
            "Transfer-Encoding",
            "content-length",
            "Upgrade",
            "TE",
            "Trailer",
            "Proxy-Authorization",
            "proxy-connection",
            "Keep-Alive",
            "Expect",
        ] {
            let said = refused(|r| r.headers = vec![(name.into(), "1".into())]);
            assert_eq!(said, Invalid::ForbiddenHeader(name.into()));
            let fill = Fill { secret: "s".into(), at: At::Header(name.into()), form: Form::Raw };
            assert_eq!(refused(|r| r.fills = vec![fill]), Invalid::ForbiddenHeader(name.into()));
        }
    }

    #[test]
    fn connect_and_trace_are_refused() {
        for method in ["CONNECT", "TRACE"] {
            assert_eq!(refused(|r| r.method = method.into()), Invalid::ForbiddenMethod(method.into()));
        }
    }

    #[test]
    fn only_http_urls_without_tricks_pass() {
        for bad in
            ["wss://api.test/", "file:///etc/passwd", "https://u:p@api.test/", "https://api.test/#x", "/a"]
        {
            refused(|r| r.url = bad.into());
        }
    }

    #[test]
    fn what_is_over_a_limit_is_refused() {
        let line = |bytes| vec![("a".to_owned(), "x".repeat(bytes))];
        let fill = Fill { secret: "s".into(), at: At::Query("k".into()), form: Form::Raw };
        assert_eq!(refused(|r| r.headers = line(32 << 10)), Invalid::HeaderBytes { bytes: (32 << 10) + 1 });
        assert_eq!(refused(|r| r.headers = vec![line(1)[0].clone(); 65]), Invalid::HeaderCount { count: 65 });
        assert_eq!(refused(|r| r.fills = vec![fill.clone(); 17]), Invalid::FillCount { count: 17 });
        assert_eq!(refused(|r| r.redirects = 6), Invalid::Redirects(6));
        let header = |name: &str| Fill { at: At::Header(name.into()), ..fill.clone() };
        let said = refused(|r| r.fills = vec![header("X-A"), header("x-a")]);
        assert_eq!(said, Invalid::FilledTwice { at: "header x-a".into() });
        for timeout in [Duration::from_millis(99), Duration::from_millis(120_001), Duration::MAX] {
            assert_eq!(refused(|r| r.timeout = timeout), Invalid::Timeout);
        }
        for bytes in [0, (16 << 20) + 1] {
            assert_eq!(refused(|r| r.max_response_bytes = bytes), Invalid::ResponseBytes { max: 16 << 20 });
        }
        let request =
            Request { body: Some(vec![0; (4 << 20) + 1]), ..Request::new("POST", "https://api.test/") };
        let said = Checked::new(request, &Limits::default()).map(|_| ()).unwrap_err();
        assert!(matches!(said, FetchError::TooLarge { what: TooLarge::RequestBody, sent: Sent::No, .. }));
    }
}
