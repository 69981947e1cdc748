//! Where an instance may reach: URLs that were checked, and the operator's allow-list of them.
use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// A URL with one of the schemes `http`, `https`, `ws`, `wss`, a host, no user name, no password, no fragment.
/// Parsed once, by the WHATWG rules; nobody parses it again.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CheckedUrl(Url);

/// Only the origin: a query or path can carry a secret.
impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedUrl({}…)", self.origin())
    }
}

/// Longest URL in bytes. Common servers refuse request lines over 8 KiB.
pub const MAX_URL_BYTES: usize = 8 << 10;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("a URL of {bytes} bytes is over the limit of {MAX_URL_BYTES}")]
    TooLong { bytes: usize },
    #[error("a URL has no spaces and no control characters; encode them")]
    Character,
    #[error("not a URL: {0}")]
    Unparsable(#[from] url::ParseError),
    #[error("the scheme {0:?} is none of http, https, ws, wss")]
    Scheme(String),
    #[error("a URL must not carry a user name or password; use a secret")]
    Userinfo,
    #[error("a URL must not carry a fragment (#…)")]
    Fragment,
    #[error(
        "the host {0:?} is not a name of letters, digits, '-', '_' and '.', of at most 253 bytes, without empty labels"
    )]
    Host(String),
    #[error("port 0 cannot be reached")]
    Port,
}

impl CheckedUrl {
    /// # Errors
    /// [`UrlError`], each naming what to change.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlError::TooLong { bytes: text.len() });
        }
        // WHATWG parsing drops tabs and line ends silently; whoever writes them is up to something or has a bug.
        if text.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return Err(UrlError::Character);
        }
        Self::check(Url::parse(text)?)
    }

    /// Against this URL, as a `Location` header is read; checked again like any other.
    pub fn join(&self, location: &str) -> Result<Self, UrlError> {
        if location.len() > MAX_URL_BYTES {
            return Err(UrlError::TooLong { bytes: location.len() });
        }
        // What parsing drops silently would make another text of the one that was looked at.
        if location.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(UrlError::Character);
        }
        let mut url = self.0.join(location)?;
        url.set_fragment(None);
        Self::check(url)
    }

    fn check(url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return Err(UrlError::Scheme(url.scheme().into()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Userinfo);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        if url.port() == Some(0) {
            return Err(UrlError::Port);
        }
        if let Some(Host::Domain(name)) = url.host()
            && !is_host_name(name)
        {
            return Err(UrlError::Host(name.chars().take(253).collect()));
        }
        // Escaping can treble it.
        match url.as_str().len() {
            bytes if bytes > MAX_URL_BYTES => Err(UrlError::TooLong { bytes }),
            _ => Ok(Self(url)),
        }
    }

    pub fn as_url(&self) -> &Url {
        &self.0
    }
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }
    /// `https` or `wss`.
    pub fn is_secure(&self) -> bool {
        matches!(self.scheme(), "https" | "wss")
    }
    pub fn is_websocket(&self) -> bool {
        matches!(self.scheme(), "ws" | "wss")
    }
    pub fn host(&self) -> Host<&str> {
        self.0.host().expect("checked: these schemes always have a host")
    }
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().expect("checked: these schemes have a default port")
    }
    /// `host` or `host:port`, as in the `Host` header: the port only where it is not the scheme's default.
    pub fn authority(&self) -> String {
        match self.0.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_string(),
        }
    }
    pub fn path(&self) -> &str {
        self.0.path()
    }
    /// Scheme, host and port: what may be said of a URL in a log or an error. Paths and queries can carry secrets.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority())
    }
    /// With one more query pair.
    ///
    /// # Errors
    /// [`UrlError::TooLong`]; its text holds no part of the URL.
    pub fn with_query_pair(mut self, key: &str, value: &str) -> Result<Self, UrlError> {
        self.0.query_pairs_mut().append_pair(key, value);
        Self::check(self.0)
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// One line of an allow-list: `[METHOD[,METHOD…] ]scheme://host[:port][/path]`.
///
/// - no method: every method; methods are for `http` and `https` only;
/// - host: exact, or one leading wildcard label (`*.example.com`: any subdomain, not `example.com` itself);
/// - no port: the scheme's default;
/// - path: exact; a `*` segment stands for one segment, a trailing `*` for the rest; no path: everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRule {
    methods: Vec<String>,
    scheme: String,
    host: HostRule,
    port: u16,
    path: Vec<PathPart>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostRule {
    Exact(String),
    /// With its leading dot.
    Suffix(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PathPart {
    Exact(String),
    One,
    /// The rest, beginning with this.
    Rest(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error(
        "{text:?}: write [METHOD[,METHOD] ]scheme://host[:port][/path], for example \"GET https://api.example.com/v1/*\""
    )]
    Shape { text: String },
    #[error("{text:?}: {source}")]
    Url { text: String, source: UrlError },
    #[error(
        "{text:?}: a host is exact or has one leading wildcard label with two labels behind it, like *.example.com"
    )]
    Wildcard { text: String },
    #[error("{text:?}: a rule has no query")]
    Query { text: String },
    #[error("{text:?}: methods are for http and https; a websocket rule has none")]
    Method { text: String },
    #[error(
        "{text:?}: in a path, '*' is a whole segment or the end of the last one, and '.', '..', ';' or an escape is not allowed"
    )]
    Path { text: String },
    #[error("{text:?}: write it as {canonical:?}, which is what it means")]
    Unusual { text: String, canonical: String },
}

impl FromStr for UrlRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let own = || text.to_owned();
        let (methods, pattern) = match text.split_once(' ') {
            Some((methods, pattern)) => (methods.split(',').map(str::to_owned).collect(), pattern),
            None => (Vec::new(), text),
        };
        if methods.iter().any(|m: &String| m.is_empty() || !m.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(RuleError::Shape { text: own() });
        }
        let (scheme, rest) = pattern.split_once("://").ok_or_else(|| RuleError::Shape { text: own() })?;
        if rest.bytes().any(|b| b.is_ascii_control() || b == b'\\' || b == b' ') {
            return Err(RuleError::Shape { text: own() });
        }
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        let wildcard = authority.starts_with("*.");
        let host = authority.strip_prefix("*.").unwrap_or(authority);
        if host.contains('*') {
            return Err(RuleError::Wildcard { text: own() });
        }
        if pattern.contains('?') {
            return Err(RuleError::Query { text: own() });
        }
        let url = CheckedUrl::parse(&format!("{scheme}://{host}/{}", path.unwrap_or_default()));
        let url = url.map_err(|source| RuleError::Url { text: own(), source })?;
        // NB: "https:evil.test://…" parses too, with all that looks like a host in its path.
        if !scheme.eq_ignore_ascii_case(url.scheme()) {
            return Err(RuleError::Shape { text: own() });
        }
        if url.is_websocket() && !methods.is_empty() {
            return Err(RuleError::Method { text: own() });
        }
        let path = match path {
            Some(path) if format!("/{path}") != url.path() => return Err(RuleError::Path { text: own() }),
            Some(_) => path_parts(url.path()).ok_or_else(|| RuleError::Path { text: own() })?,
            None => vec![PathPart::Rest(String::new())],
        };
        let canonical = url.authority();
        // Letter case, a default port and international names are the only other ways to say the same.
        let plain = host.is_ascii() || host.contains('%');
        let spelled = host.to_ascii_lowercase();
        if plain && spelled != canonical && spelled != format!("{}:{}", url.host(), url.port()) {
            return Err(RuleError::Unusual { text: own(), canonical });
        }
        let host = match (wildcard, url.host()) {
            (true, Host::Domain(name)) if name.contains('.') => HostRule::Suffix(format!(".{name}")),
            (true, _) => return Err(RuleError::Wildcard { text: own() }),
            (false, host) => HostRule::Exact(host.to_string()),
        };
        Ok(Self { methods, scheme: url.scheme().into(), host, port: url.port(), path, text: own() })
    }
}

/// `None` when a segment could be read in two ways.
fn path_parts(path: &str) -> Option<Vec<PathPart>> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len() - 1;
    let part = |(at, segment): (usize, &&str)| {
        let (begin, star) = segment.strip_suffix('*').map_or((*segment, false), |begin| (begin, true));
        if begin.contains(['*', '%', ';']) {
            return None;
        }
        match star {
            true if at == last => Some(PathPart::Rest(begin.into())),
            true if begin.is_empty() => Some(PathPart::One),
            true => None,
            false => Some(PathPart::Exact(begin.into())),
        }
    };
    segments.iter().enumerate().map(part).collect()
}

/// Whether every server reads this segment as one plain segment: decoded as often as anyone may decode it, cut where
/// some cut it (`;`), it is no step up or down, no separator and no end of the path.
fn is_plain_segment(segment: &str) -> bool {
    let mut bytes = segment.as_bytes().to_vec();
    for _ in 0..MOST_DECODINGS {
        let decoded = percent_decoded(&bytes);
        if decoded == bytes {
            break;
        }
        bytes = decoded;
    }
    let Ok(text) = str::from_utf8(&bytes) else { return false };
    if percent_decoded(&bytes) != bytes
        || text.contains(['/', '\\', '?', '#', '\u{ff0f}', '\u{ff3c}', '\u{ff1f}', '\u{ff03}'])
        || text.contains(char::is_control)
    {
        return false;
    }
    let cut = text.split([';', '\u{ff1b}']).next().unwrap_or_default();
    // Windows reads "..." and ".. ." as steps up, and an old IIS "%u002e" as a dot.
    // So are other widths of them, for a server that folds compatible characters (NFKC).
    let dot =
        |c: char| matches!(c, '.' | '\u{ff0e}' | '\u{fe52}' | '\u{2024}'..='\u{2026}') || c.is_whitespace();
    let only_dots = cut.chars().all(dot);
    let unicode_escape = text.match_indices("%u").any(|(at, _)| {
        let digits = text.as_bytes().get(at + 2..at + 6);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    segment.is_empty() || !only_dots && !unicode_escape
}

const MOST_DECODINGS: usize = 3;

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

impl UrlRule {
    /// The rule as it is dialled, for people to read: scheme and host as [`CheckedUrl`] spells them, so that no letter
    /// can look like another, and no default port. Parsed again it allows the same.
    pub fn canonical(&self) -> String {
        let methods = match self.methods.as_slice() {
            [] => String::new(),
            methods => methods.join(",") + " ",
        };
        let host = match &self.host {
            HostRule::Exact(host) => host.clone(),
            HostRule::Suffix(suffix) => format!("*{suffix}"),
        };
        let is_default =
            matches!((self.scheme.as_str(), self.port), ("http" | "ws", 80) | ("https" | "wss", 443));
        let port = if is_default { String::new() } else { format!(":{}", self.port) };
        // No escape and no other spelling is in a rule's path, so it is as it was written.
        let path = self.text.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        format!("{methods}{}://{host}{port}{}", self.scheme, path.unwrap_or_default())
    }

    /// `method` is `None` for a WebSocket.
    pub fn allows(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        let method = self.methods.is_empty()
            || method.is_some_and(|m| self.methods.iter().any(|allowed| allowed == m));
        self.scheme == url.scheme()
            && self.allows_host(url)
            && self.port == url.port()
            && method
            && self.allows_path(url.path())
    }

    /// Whether a server might take it for what the rule allows: any method, any letter case of the path, escaped or not,
    /// with slashes and parameters that some ignore. For rules that keep something back, never for one that lets through.
    pub fn resembles(&self, url: &CheckedUrl) -> bool {
        let plain = |path: &str| {
            let decoded =
                (0..MOST_DECODINGS).fold(path.as_bytes().to_vec(), |bytes, _| percent_decoded(&bytes));
            let text = String::from_utf8_lossy(&decoded).to_lowercase().replace('\\', "/");
            let cut = |segment: &str| segment.split(';').next().unwrap_or_default().trim().to_owned();
            let mut segments: Vec<String> = Vec::new();
            for segment in text.split('/').map(cut).filter(|it| !it.is_empty() && it != ".") {
                match segment.as_str() {
                    ".." => drop(segments.pop()),
                    _ => segments.push(segment),
                }
            }
            segments
        };
        let segments = plain(url.path());
        let mut left = segments.iter();
        let path = self.path.iter().all(|part| match part {
            PathPart::Rest(_) => true,
            PathPart::One => left.next().is_some(),
            PathPart::Exact(exact) if exact.is_empty() => true,
            PathPart::Exact(exact) => left.next().is_some_and(|it| *it == exact.to_lowercase()),
        });
        let rest = match self.path.last() {
            Some(PathPart::Rest(begin)) => {
                begin.is_empty() || left.next().is_some_and(|it| it.starts_with(&begin.to_lowercase()))
            }
            _ => left.next().is_none(),
        };
        self.scheme == url.scheme() && self.allows_host(url) && self.port == url.port() && path && rest
    }

    fn allows_host(&self, url: &CheckedUrl) -> bool {
        let host = url.host().to_string();
        match &self.host {
            HostRule::Exact(exact) => *exact == host,
            HostRule::Suffix(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
        }
    }

    fn allows_path(&self, path: &str) -> bool {
        if !path.split('/').skip(1).all(is_plain_segment) {
            return false;
        }
        let mut segments = path.split('/').skip(1);
        for part in &self.path {
            match part {
                PathPart::Rest(begin) => {
                    return segments.next().is_some_and(|s| s.starts_with(begin.as_str()));
                }
                PathPart::One if segments.next().is_some_and(|s| !s.is_empty()) => {}
                PathPart::Exact(exact) if segments.next() == Some(exact.as_str()) => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }
}

impl fmt::Display for UrlRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What the operator granted. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub rules: Vec<UrlRule>,
}

impl Reach {
    /// Whether some rule allows it. The addresses behind the name are judged when it is dialled.
    pub fn allows(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        self.rules.iter().any(|rule| rule.allows(method, url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rule: &str, method: Option<&str>, url: &str) -> bool {
        rule.parse::<UrlRule>().unwrap().allows(method, &CheckedUrl::parse(url).unwrap())
    }

    #[test]
    fn a_rule_judges_scheme_host_port_path_and_method() {
        let rule = "GET,POST https://api.example.com/v1/*";
        assert!(allows(rule, Some("GET"), "https://api.example.com/v1/"));
        assert!(allows(rule, Some("POST"), "https://API.example.com:443/v1/a/b?q=1"));
        for (method, url) in [
            ("PUT", "https://api.example.com/v1/a"),
            ("GET", "http://api.example.com/v1/a"),
            ("GET", "https://api.example.com:444/v1/a"),
            ("GET", "https://api.example.com/v1"),
            ("GET", "https://api.example.com/v1/../v2/a"),
            ("GET", "https://api.example.com/v1/%2e%2e/v2/a"),
            ("GET", "https://api.example.com/v1/..%2fv2/a"),
            ("GET", "https://api.example.com/v1\\..\\v2"),
            ("GET", "https://api.example.com/v1/..;/admin"),
            ("GET", "https://api.example.com/v1/.%2e;/admin"),
            ("GET", "https://api.example.com/v1/%2e.;x=1/admin"),
            ("GET", "https://api.example.com/v1/..%3b/admin"),
            ("GET", "https://api.example.com/v1/%252e%252e%252fadmin"),
            ("GET", "https://api.example.com/v1/%25252e%25252e%25252fadmin"),
            ("GET", "https://api.example.com/v1/..%20/admin"),
            ("GET", "https://api.example.com/v1/..%0a/x"),
            ("GET", "https://api.example.com/v1/%c0%ae%c0%ae/admin"),
            ("GET", "https://evilapi.example.com/v1/a"),
            ("GET", "https://api.example.com.evil.test/v1/a"),
        ] {
            assert!(!allows(rule, Some(method), url), "{method} {url}");
        }
        assert!(!allows(rule, None, "https://api.example.com/v1/a"), "no method means a websocket");
    }

    #[test]
    fn a_wildcard_is_whole_labels() {
        assert!(allows("https://*.example.com", Some("GET"), "https://a.b.example.com/x"));
        assert!(!allows("https://*.example.com", Some("GET"), "https://example.com/"));
        assert!(!allows("https://*.example.com", Some("GET"), "https://evilexample.com/"));
        for bad in [
            "https://*.com",
            "https://a.*.example.com",
            "https://*",
            "https://*.127.0.0.1",
            "https://exa*mple.com",
        ] {
            assert!(bad.parse::<UrlRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_star_segment_is_exactly_one() {
        let rule = "POST https://h.test/v1/channels/*/messages";
        assert!(allows(rule, Some("POST"), "https://h.test/v1/channels/abc/messages"));
        for path in [
            "abc/def/messages",
            "/messages",
            "abc/messages/",
            "abc/messagesx",
            "abc%2fdef/messages",
            "..;/messages",
            ".;/messages",
            ";/messages",
            "%20/messages",
            "a%3fb/messages",
            "a%23b/messages",
            "%3b/messages",
        ] {
            assert!(!allows(rule, Some("POST"), &format!("https://h.test/v1/channels/{path}")), "{path}");
        }
    }

    #[test]
    fn urls_with_tricks_are_refused() {
        for bad in [
            "https://user@host.test/",
            "https://user:pw@host.test/",
            "https://host.test/#x",
            "file:///etc/passwd",
            "https://host.test./",
            "https://a..b.test/",
            "gopher://x.test/",
            "//host.test/",
            "https://",
        ] {
            assert!(CheckedUrl::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(CheckedUrl::parse("http://0x7f.1/").unwrap().origin(), "http://127.0.0.1");
        assert_eq!(CheckedUrl::parse("https://host.test:443/a").unwrap().authority(), "host.test");
    }

    #[test]
    fn a_bad_rule_says_what_to_write() {
        for bad in [
            "api.example.com",
            "get https://x.test",
            "GET,, https://x.test",
            "GET wss://x.test",
            "https://x.test/?a",
        ] {
            let said = bad.parse::<UrlRule>().expect_err(bad).to_string();
            assert!(said.contains(bad), "{said}");
        }
        for escaped in
            ["https://%65vil.test/x", "https://api.x.test%2eevil.test/*", "https://b\u{fc}cher%2etest"]
        {
            assert!(matches!(escaped.parse::<UrlRule>(), Err(RuleError::Unusual { .. })), "{escaped}");
        }
        for backslash in ["https://x.test\\\\v1", "https://*.x.test\\\\v1", "https://x.te\tst"] {
            assert!(backslash.parse::<UrlRule>().is_err(), "{backslash}");
        }
        for good in [
            "https://X.test:443/v1",
            "https://bücher.test",
            "http://[::1]:8080/",
            "http://127.0.0.1:1/a/*/b*",
        ] {
            good.parse::<UrlRule>().expect(good);
        }
    }

    #[test]
    fn a_rule_is_shown_as_it_is_dialled() {
        for (written, expected) in [
            ("https://l\u{43e}\u{441}alho:1/v1/*", "https://xn--lalho-jyev:1/v1/*"),
            ("GET,POST https://*.B\u{fc}cher.test", "GET,POST https://*.xn--bcher-kva.test"),
            ("HTTPS://X.test:443/V1/*/x*", "https://x.test/V1/*/x*"),
            ("ws://x.test:443/", "ws://x.test:443/"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("wss://127.0.0.1/a/", "wss://127.0.0.1/a/"),
        ] {
            let rule: UrlRule = written.parse().unwrap();
            assert_eq!(rule.canonical(), expected);
            let again: UrlRule = expected.parse().unwrap();
            assert_eq!(UrlRule { text: String::new(), ..again }, UrlRule { text: String::new(), ..rule });
        }
    }

    #[test]
    fn a_url_shows_only_its_origin_and_stays_within_its_length() {
        let url =
            CheckedUrl::parse("https://h.test/a?b=1").unwrap().with_query_pair("token", "s3cret").unwrap();
        assert_eq!(format!("{url:?}"), "CheckedUrl(https://h.test…)");
        assert!(CheckedUrl::parse(&format!("https://h.test/{}", "ü".repeat(4000))).is_err());
        assert!(url.clone().with_query_pair("k", &"x".repeat(MAX_URL_BYTES)).is_err());
        assert_eq!(url.join("/x#frag").unwrap().as_str(), "https://h.test/x");
    }
}
