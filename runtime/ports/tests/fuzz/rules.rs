//! What a rule allows lies where it says, for every server that may be behind it.
use super::*;

/// A rule, the method asked with, and what must be true of scheme, host, port and of each reading of the path.
struct Case {
    rule: &'static str,
    method: Option<&'static str>,
    origin: (&'static str, Test, u16),
    path: Test,
}

type Test = fn(&str) -> bool;

const API: Test = |host| host == "api.example.test";
const SUB: Test = |host| {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    };
    host.strip_suffix(".example.test").is_some_and(|sub| sub.split('.').all(label))
};
const UNDER: Test = |path| path.starts_with("/v1/");
const MESSAGES: Test = |path| {
    let segments: Vec<&str> = path.split('/').collect();
    matches!(segments[..], ["", "v1", one, "messages"] if !one.is_empty())
};

const V4: Test = |host| host == "127.0.0.1";
const V6: Test = |host| host == "[::1]";

const CASES: &[Case] = &[
    case("https://api.example.test/v1/*", Some("GET"), ("https", API, 443), UNDER),
    case("wss://api.example.test/v1/*", None, ("wss", API, 443), UNDER),
    case("https://*.example.test/v1/*", Some("GET"), ("https", SUB, 443), UNDER),
    case("wss://*.example.test/v1/*", None, ("wss", SUB, 443), UNDER),
    case("GET https://api.example.test:8443/v1/*", Some("GET"), ("https", API, 8443), UNDER),
    case("https://api.example.test/v1/models", Some("GET"), ("https", API, 443), |path| path == "/v1/models"),
    case("https://api.example.test/v1/*/messages", Some("POST"), ("https", API, 443), MESSAGES),
    case("https://api.example.test/v1/pre*", Some("GET"), ("https", API, 443), |path| {
        path.starts_with("/v1/pre")
    }),
    case("http://127.0.0.1:8080/v1/*", Some("GET"), ("http", V4, 8080), UNDER),
    case("http://[::1]:8080/v1/*", Some("GET"), ("http", V6, 8080), UNDER),
    case("https://api.example.test", Some("GET"), ("https", API, 443), |path| path.starts_with('/')),
];

const fn case(
    rule: &'static str,
    method: Option<&'static str>,
    origin: (&'static str, Test, u16),
    path: Test,
) -> Case {
    Case { rule, method, origin, path }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_a_rule_allows_lies_where_it_says_in_every_reading(text in nasty::url()) {
        if let Ok(url) = CheckedUrl::parse(&text) {
            CASES.iter().try_for_each(|case| lies_there(case, &url))?;
        }
    }

    #[test]
    fn so_does_what_a_location_leads_to(location in nasty::location()) {
        if let Ok(url) = CheckedUrl::parse("https://api.example.test/v1/x").unwrap().join(&location) {
            CASES.iter().try_for_each(|case| lies_there(case, &url))?;
        }
    }

    #[test]
    fn a_rule_reads_back_as_itself_and_its_stars_are_where_they_may_be(text in rule()) {
        if let Ok(rule) = text.parse::<UrlRule>() {
            prop_assert_eq!(rule.to_string(), text.as_str());
            prop_assert_eq!(rule.to_string().parse::<UrlRule>(), Ok(rule));
            prop_assert!(stars_are_in_place(&text), "{text:?}");
        }
    }

    #[test]
    fn a_rule_allows_what_it_reads_like(text in rule()) {
        let pattern = text.rsplit(' ').next().unwrap();
        let scheme = pattern.split(':').next().unwrap();
        // NB: what stands before "://" is looked at below.
        if let Ok(rule) = text.parse::<UrlRule>()
            && pattern.get(scheme.len()..).is_some_and(|rest| rest.starts_with("://"))
        {
            let method = text.split([',', ' ']).next().filter(|method| *method != pattern);
            let filled = pattern.replace("://*.", "://sub.").replace('*', "x");
            let url = CheckedUrl::parse(&filled);
            prop_assert!(url.is_ok_and(|url| rule.allows(method, &url)), "{text:?} does not allow {filled:?}");
        }
    }

    /// Found here: `https:evil.test://*.b%75.test` is taken, and means `https://*.evil.test`.
    #[test]
    fn nothing_but_a_scheme_stands_before_the_host_of_a_rule(text in rule()) {
        if text.parse::<UrlRule>().is_ok() {
            let pattern = text.split_once(' ').map_or(text.as_str(), |(_, pattern)| pattern);
            let scheme = pattern.split_once("://").unwrap().0.to_ascii_lowercase();
            prop_assert!(matches!(scheme.as_str(), "http" | "https" | "ws" | "wss"), "{text:?}");
        }
    }

    #[test]
    fn a_method_is_allowed_only_where_it_is_named(named in methods(), asked in methods()) {
        let url = CheckedUrl::parse("https://api.example.test/").unwrap();
        if let Ok(rule) = format!("{named} https://api.example.test").parse::<UrlRule>() {
            let expected = named.split(',').any(|name| name == asked);
            prop_assert_eq!(rule.allows(Some(&asked), &url), expected);
            prop_assert!(!rule.allows(None, &url));
        }
    }
}

/// The fuzz is worth nothing when nothing is allowed.
#[test]
fn each_rule_allows_something() {
    for case in CASES {
        let rule: UrlRule = case.rule.parse().unwrap();
        let pattern = case.rule.rsplit(' ').next().unwrap().replace("://*.", "://sub.");
        let url = CheckedUrl::parse(&pattern.replace('*', "x")).unwrap();
        assert!(rule.allows(case.method, &url), "{}", case.rule);
        lies_there(case, &url).unwrap();
    }
}

/// The readings are worth nothing when they see through nothing.
#[test]
fn each_reading_is_needed() {
    for outside in [
        "/v1/../a",
        "/v1/%2e%2e/a",
        "/v1/%252e%252e/a",
        "/v1/..%2fa",
        "/v1/..%5ca",
        "/v1/..;/a",
        "/v1/..%3b/a",
        "/v1/%252e.%253bx/a",
        "/v1//../../a",
        "/v1/..%3f/a",
        "/v1/..%23",
    ] {
        assert!(readings(outside).iter().any(|path| !UNDER(path)), "{outside}");
    }
}

fn lies_there(case: &Case, url: &CheckedUrl) -> Result<(), TestCaseError> {
    let rule: UrlRule = case.rule.parse().unwrap();
    if !rule.allows(case.method, url) {
        return Ok(());
    }
    let text = url.as_str();
    let (read, (scheme, host, port)) = (naive(text), case.origin);
    prop_assert!(
        read.scheme == scheme && host(read.host) && read.port == port,
        "{} allows {text:?}",
        case.rule
    );
    for path in readings(read.path) {
        prop_assert!((case.path)(&path), "{} allows {text:?}, which a server reads as {path:?}", case.rule);
    }
    Ok(())
}

/// What servers make of a path before they look it up: decoded not at all, once, twice or thrice; what follows
/// `;`, '?' or '#' cut off before or after that; backslashes as slashes; empty segments dropped; dots resolved.
fn readings(path: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (times, choices) in (0..4).flat_map(|times| (0..32u8).map(move |choices| (times, choices))) {
        let does = |choice: u8| choices >> choice & 1 == 1;
        let mut read = path.to_owned();
        if does(0) {
            read = without_params(&read);
        }
        (0..times).for_each(|_| read = decoded(&read));
        if does(1) {
            read = read.split(['?', '#', '\0']).next().unwrap_or_default().to_owned();
        }
        if does(2) {
            read = read.replace('\\', "/");
        }
        if does(3) {
            read = without_params(&read);
        }
        if does(4) {
            read = merged(&read);
        }
        all.push(without_dots(&read));
    }
    all
}

fn without_params(path: &str) -> String {
    let cut: Vec<&str> =
        path.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).collect();
    cut.join("/")
}

/// Invalid UTF-8 as U+FFFD; overlong dots and slashes as what they would be to a lax decoder.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        let byte = escaped.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += chunk.valid();
        text += match chunk.invalid() {
            [] => "",
            _ => "\u{fffd}",
        };
    }
    text
}

fn merged(path: &str) -> String {
    let kept: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let end = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// RFC 3986, section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        match *segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
        if last && matches!(*segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

fn methods() -> impl Strategy<Value = String> {
    let method = select(&["GET", "POST", "get", "", "GE T", "*", "DELETE", "GETX", "GÉT"][..]);
    prop::collection::vec(method, 1..4).prop_map(|methods| methods.join(","))
}

/// URLs with stars in them, and methods before some.
fn rule() -> impl Strategy<Value = String> {
    let plain = (select(STARTS), nasty::host(), select(STARRED))
        .prop_map(|(scheme, host, path)| format!("{scheme}{host}{path}"));
    let wild = (select(&["*", "*.", "a*.", "*.*.", "", "."][..]), nasty::host(), nasty::path())
        .prop_map(|(star, host, path)| format!("https://{star}{host}{path}"));
    let starred = (nasty::url(), any::<prop::sample::Index>(), 0..3usize).prop_map(|(url, at, stars)| {
        let chars: Vec<char> = url.chars().collect();
        let (before, after) = chars.split_at(at.index(chars.len() + 1));
        format!(
            "{}{}{}",
            before.iter().collect::<String>(),
            "*".repeat(stars),
            after.iter().collect::<String>()
        )
    });
    let pattern = prop_oneof![3 => plain, 2 => wild, 3 => starred];
    (prop_oneof![3 => Just(None), 1 => methods().prop_map(Some)], pattern).prop_map(|(methods, pattern)| {
        match methods {
            Some(methods) => format!("{methods} {pattern}"),
            None => pattern,
        }
    })
}

const STARTS: &[&str] = &[
    "https://",
    "https://",
    "wss://",
    "http://",
    "HTTPS://",
    " https://",
    "ht\ttps://",
    "https:evil.test://",
    "https:evil.test\\://",
    "https:/evil.test/://",
    "https:evil.test://*.",
    "https:https://",
    "https:://",
];
const STARRED: &[&str] = &[
    "", "/", "/*", "/v1/*", "/v1/*/x", "/v1/a*", "/v1/*a", "/v1/**", "/*/*", "/v1/a*/b", "/v1/*?", "/*;x",
    "/*%2f", "/v1/*/", "/../*", "/./*", "\\*", "/%2a", "/v1//*", "/*#x",
];

fn stars_are_in_place(rule: &str) -> bool {
    let pattern = rule.rsplit(' ').next().unwrap();
    let (scheme, rest) = pattern.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let segments: Vec<&str> = path.split('/').collect();
    let (last, inner) = segments.split_last().unwrap();
    !scheme.contains('*')
        && !rule[..rule.len() - pattern.len()].contains('*')
        && !host.strip_prefix("*.").unwrap_or(host).contains('*')
        && inner.iter().all(|segment| *segment == "*" || !segment.contains('*'))
        && !last.strip_suffix('*').unwrap_or(last).contains('*')
}
