//! Rows 19, 20, 22 of the adversarial cases, by generated input: URLs that mean different things to different readers,
//! rules that say more than they seem to, addresses that lead elsewhere. `PROPTEST_CASES=200000` for a long run.
use fluent_uri::Uri as Rfc3986;
use ipnet::IpNet;
use ports::address::{closed_range, may_dial};
use ports::reach::{CheckedUrl, UrlRule};
use proptest::prelude::*;
use proptest::sample::select;

/// What is found is written down as a test of its own, not as a seed in a file.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

mod nasty {
    //! URLs: mostly whole, with one or more parts that some parser somewhere reads in its own way.
    use super::*;

    pub fn url() -> impl Strategy<Value = String> {
        prop_oneof![3 => structured(), 1 => reachable(), 2 => mutated()]
    }

    pub fn location() -> impl Strategy<Value = String> {
        let relative =
            (select(STARTS), path(), tail()).prop_map(|(start, path, tail)| format!("{start}{path}{tail}"));
        prop_oneof![2 => relative, 2 => url()]
    }

    pub fn path() -> impl Strategy<Value = String> {
        let part = (select(SEPARATORS), segment());
        let rest = prop::collection::vec(part, 0..5);
        (select(PREFIXES), rest).prop_map(|(prefix, rest)| {
            rest.into_iter().fold(prefix.to_owned(), |path, (separator, segment)| path + separator + &segment)
        })
    }

    fn segment() -> impl Strategy<Value = String> {
        let glued = prop::collection::vec(select(PIECES), 0..4).prop_map(|pieces| pieces.concat());
        prop_oneof![2 => select(SEGMENTS).prop_map(str::to_owned), 3 => glued]
    }

    fn tail() -> impl Strategy<Value = String> {
        (select(QUERIES), select(FRAGMENTS)).prop_map(|(query, fragment)| format!("{query}{fragment}"))
    }

    pub fn host() -> impl Strategy<Value = String> {
        let odd_dot = (select(LABELS), select(DOTS), select(LABELS), select(DOTS), select(LABELS))
            .prop_map(|(a, dot, b, other, c)| format!("{a}{dot}{b}{other}{c}"));
        let number = (any::<u32>(), 0..6usize).prop_map(|(bits, form)| ipv4_form(bits, form));
        let long =
            (1..260usize, select(LABELS)).prop_map(|(n, label)| format!("{}.{label}.test", "a".repeat(n)));
        prop_oneof![
            5 => select(HOSTS).prop_map(str::to_owned),
            2 => odd_dot,
            1 => number,
            1 => any::<u128>().prop_map(|bits| format!("[{}]", std::net::Ipv6Addr::from_bits(bits))),
            1 => long,
        ]
    }

    fn ipv4_form(bits: u32, form: usize) -> String {
        let [a, b, c, d] = bits.to_be_bytes();
        match form {
            0 => format!("{bits}"),
            1 => format!("{bits:#x}"),
            2 => format!("0{bits:o}"),
            3 => format!("{a}.{}", bits & 0xff_ffff),
            4 => format!("{a:#x}.0{b:o}.{}", bits & 0xffff),
            _ => format!("[::ffff:{a}.{b}.{c}.{d}]"),
        }
    }

    fn structured() -> impl Strategy<Value = String> {
        let front = (often("https", SCHEMES), often("://", COLONS), often("", USERS));
        let back = (host(), often("", PORTS), path(), tail());
        spoiled((front, back).prop_map(|((scheme, colon, user), (host, port, path, tail))| {
            format!("{scheme}{colon}{user}{host}{port}{path}{tail}")
        }))
    }

    /// Where the rules of this file allow something, so that what they allow is looked at.
    fn reachable() -> impl Strategy<Value = String> {
        (select(REACHABLE), path(), tail()).prop_map(|(origin, path, tail)| format!("{origin}{path}{tail}"))
    }

    fn often(plain: &'static str, odd: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
        prop_oneof![4 => Just(plain), 3 => select(odd)]
    }

    /// Mostly left alone; else letter case, or a character that some remove and some keep.
    fn spoiled(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        let spoil = (0..6u8, any::<prop::sample::Index>(), select(INVISIBLE));
        (text, spoil).prop_map(|(text, (how, at, what))| match how {
            0 => text.to_uppercase(),
            1 | 2 => {
                let chars: Vec<char> = text.chars().collect();
                let (before, after) = chars.split_at(at.index(chars.len() + 1));
                before.iter().chain([&what]).chain(after).collect()
            }
            _ => text,
        })
    }

    /// Seeds with bytes changed, put in, taken out, and with the end of another seed.
    pub fn mutated() -> impl Strategy<Value = String> {
        let change = (any::<prop::sample::Index>(), 0..5u8, prop_oneof![select(BYTES), any::<u8>()]);
        let changes = prop::collection::vec(change, 0..6);
        (select(SEEDS), select(SEEDS), changes).prop_map(|(seed, other, changes)| {
            let mut bytes = seed.as_bytes().to_vec();
            for (at, how, byte) in changes {
                let at = at.index(bytes.len() + 1);
                match how {
                    0 if at < bytes.len() => bytes[at] = byte,
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    2 => {
                        let end = other.as_bytes();
                        bytes.truncate(at);
                        bytes.extend_from_slice(&end[at.min(end.len())..]);
                    }
                    _ => bytes.insert(at, byte),
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }

    #[rustfmt::skip]
    const SCHEMES: &[&str] = &[
        "http", "ws", "wss", "HTTPS", "Wss", "ftp", "file", "javascript", "data", "blob:https",
        "view-source:https", "https:https", "ht%74ps", "https ", "unix", "http+unix", "", "1https",
        "ｈttps",
    ];
    const COLONS: &[&str] =
        &[":/", ":", ":///", ":\\\\", ":/\\", ":\\/", "://\t", ":////", " ://", ":\n//", "：//", "%3a//"];
    #[rustfmt::skip]
    const USERS: &[&str] = &[
        "user@", "user:pw@", "api.example.test@", "@", ":@", "a%40b@", "api.example.test%2f@",
        "api.example.test\\@", "@@", "api.example.test:443@", "api.example.test#@", "api.example.test?@",
        "api.example.test/@", "%00@",
    ];
    #[rustfmt::skip]
    const HOSTS: &[&str] = &[
        "api.example.test", "API.Example.TEST", "example.test", "evilexample.test", "a.b.example.test",
        "-.example.test", ".example.test", "example.test.", "api.example.test.",
        "api.example.test.evil.test", "evilapi.example.test", "api.example.test%2eevil.test",
        "api.example.test%00.evil.test", "api.example.test%252eevil.test", "ａｐｉ.example.test",
        "api。example。test", "api．example｡test", "api%E3%80%82example.test", "bücher.test",
        "xn--bcher-kva.test", "xn--a", "xn--", "xn--xn---epa", "аpi.example.test",
        "api.example.test\u{ad}", "faß.test", "ﬁ.example.test", "①.example.test", "127.0.0.1", "0x7f.1",
        "0177.1", "2130706433", "127.1", "127.0.0.1.", "127.0.0.01", "127.0.0.1.nip.io",
        "127-0-0-1.nip.io", "0", "0x", "0x.0", "1.2.3.4.5", "256.0.0.1", "4294967296", "１２７.0.0.1", "a.1",
        "a.0x1", "1e3", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25eth0]",
        "[fe80::1%eth0]", "[::1%25]", "[::]", "[::1", "::1", "[v1.a]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[0:0:0:0:0:0:0:1]", "localhost", "LOCALHOST.", "", "*", "*.example.test",
        "api_x.example.test", "a..b.test", "a b.test", "a%20b.test", "a^b.test", "a|b", "a<b", "[", "]",
        "api.example.test]", "api.example.test%", "api.example.test%5c.evil.test",
        "api.example.test%23.evil.test", "api.example.test;evil.test", "api.example.test,evil.test",
        "api.example.test&evil.test", "api.example.test\\evil.test",
    ];
    #[rustfmt::skip]
    const LABELS: &[&str] = &[
        "api", "example", "test", "Test", "", "-", "_", "xn--", "ｔest", "t\u{200d}", "1", "0x1", "evil",
        "%61", "é", "ẞ",
    ];
    const DOTS: &[&str] =
        &[".", "。", "．", "｡", "%2e", "%2E", "%252e", "..", "․", "%E3%80%82", "@", "\\", "#", "?", ":", "/"];
    #[rustfmt::skip]
    const PORTS: &[&str] = &[
        ":", ":0", ":443", ":80", ":0443", ":65535", ":65536", ":99999", ":8443", ":+443", ":-1", ":4 4",
        ":４４３", ":443:80", ":0x1bb", ":00000000000000000000443", ":443@evil.test", ":443\\@evil.test",
        ":443#@evil.test", ":a", ":%34",
    ];
    #[rustfmt::skip]
    const PREFIXES: &[&str] = &[
        "", "/", "/v1", "/v1/", "/v1/pre", "/v1/models", "/v1/x/messages", "//v1", "/./v1", "/x/../v1",
        "\\v1", "/V1", "/v1/..", "/%76%31", "/v1%2f", "/v1;x", "/v1/.", "/v%31", "/v1?", "/v1#",
        "/v1/%2e%2e",
    ];
    #[rustfmt::skip]
    const SEPARATORS: &[&str] = &[
        "/", "/", "/", "//", "\\", "/\\", "%2f", "%2F", "%5c", "%252f", "%25252f", "%255c", "%c0%af",
        "%ef%bc%8f", "／", "∕", "/./", "/../", ";/", "?", "#",
    ];
    #[rustfmt::skip]
    const SEGMENTS: &[&str] = &[
        "models", "messages", "a", "", ".", "..", "...", "%2e", "%2e%2e", ".%2E", "%252e%252e",
        "%25252e%25252e", "%2525252e%2525252e", "..;", ".;", ";", "..;x=y", "..%3b", "..%253b", "%2e%2e;",
        "..%20", "..%09", "..%00", "..%0a", "%00", "%0d%0aX:y", "..\\", "..%5c", "..%255c..",
        "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "．．", "%ff", "a;b", "a%3bb", "a%2fb", "a%3fb", "a%23b",
        "a%253fb", "100%25", "%", "%2", "%zz", "%%32%65", "%2%65", "%25%32%65", "ü", "{a}", "a|b", "a\"b",
        "a<b>", "a^b`c", "a'b", "[x]", "~", "*", "a*", "@", "a:b", "%40", "\u{202e}x", "..%c2%a0",
        "..%e2%80%8b",
    ];
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "a", ".", ".", "%2e", "%2E", "%25", "25", "2e", "2f", "%", ";", "%3b", "%253b", "%252f", "%2f",
        "%5c", "\\", "\t", "\n", "\r", " ", "%20", "%09", "%00", "%3f", "%23", "?x", "%c0", "%ae",
        "%ef%bc%8e", "．", "é", "v1", "..", "/", "%255c",
    ];
    #[rustfmt::skip]
    const QUERIES: &[&str] = &[
        "", "", "?", "?a=b", "?a=/../b", "??", "?a#b", "?%0d%0a", "?'\"<>`{}|^\\", "?é", "?a=b&c=d;e",
        "?\u{fffd}",
    ];
    const FRAGMENTS: &[&str] = &["", "", "", "#", "#x", "#/../x", "#@evil.test/"];
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "", "", "/", "//evil.test", "\\\\evil.test", "/\\evil.test", "///evil.test", "https:", "http:",
        "https:/", "wss:", "javascript:", "file:", "data:", "?", "#", "..", "../../..", ";",
        "//user@api.example.test", "\t//evil.test", "mailto:", "https:evil.test",
        "blob:https://api.example.test", "//api.example.test:0", "ws:/\\evil.test",
    ];
    #[rustfmt::skip]
    const REACHABLE: &[&str] = &[
        "https://api.example.test", "wss://api.example.test", "https://a.b.example.test",
        "https://api.example.test:8443", "http://127.0.0.1:8080", "http://[::1]:8080",
        "https://API.example.test:443", "https:\\\\api.example.test", "http://0x7f.1:8080",
        "https://api%2eexample.test",
    ];
    #[rustfmt::skip]
    const INVISIBLE: &[char] = &[
        '\t', '\n', '\r', ' ', '\0', '\u{b}', '\u{1f}', '\u{7f}', '\u{85}', '\u{a0}', '\u{ad}', '\u{200b}',
        '\u{200d}', '\u{202e}', '\u{2028}', '\u{3000}', '\u{feff}', '\u{fffd}', '\\', '/', '@', '#', '?',
        ':', '%', ';', '.', '[', ']',
    ];
    const BYTES: &[u8] = b"/\\:@#?%;.[]&=+*0123456789abcdefx \t\r\n\0\x7f\xc0\xae\xef\xbc\x8e\xff";

    /// The corpus: what parsers were fooled by (Orange Tsai 2017, the WHATWG and curl test suites, server advisories).
    pub const SEEDS: &[&str] = &[
        "https://api.example.test/v1/models",
        "https://api.example.test/v1/a/b?q=1",
        "wss://api.example.test/v1/x/messages",
        "https://api.example.test:8443/v1/",
        "https://a.b.example.test/v1/pre/x",
        "http://127.0.0.1:8080/v1/x",
        "http://[::1]:8080/v1/x",
        "https://api.example.test@evil.test/v1/",
        "https://api.example.test\\@evil.test/v1/",
        "https://evil.test#@api.example.test/v1/",
        "https://evil.test?@api.example.test/v1/",
        "https://evil.test\\.api.example.test/v1/",
        "https://api.example.test:443@evil.test:443/v1/",
        "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/",
        "http://127.0.0.1:11211:80/",
        "http://foo@127.0.0.1 @evil.test/",
        "https://api.example.test/v1/..;/admin",
        "https://api.example.test/v1/%2e%2e%2fadmin",
        "https://api.example.test/v1/%252e%252e%252fadmin",
        "https://api.example.test/v1/..%5cadmin",
        "https://api.example.test/v1/%c0%ae%c0%ae/admin",
        "https://api.example.test/v1//../../admin",
        "https://api.example.test/v1/;/../admin",
        "https://api.example.test/v1/%3b%2f..%2fadmin",
        "https://api。example。test/v1/",
        "https://ａｐｉ.example.test/v1/",
        "https://xn--pi-8lc.example.test/v1/",
        "https://0x7f000001/v1/",
        "https://[::ffff:127.0.0.1]/v1/",
        "https://[fe80::1%25lo]/v1/",
        "https://127.0.0.1.nip.io/v1/",
        "https:api.example.test/v1/",
        "https:///api.example.test/v1/",
        "ht\ttps://api.exa\nmple.test/v1/\r",
        "blob:https://api.example.test/v1/",
        "file://api.example.test/v1/",
    ];
}

mod readers {
    //! Others who read a URL that we checked: they must all read what we read.
    use super::*;

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn nobody_reads_a_checked_url_otherwise(text in nasty::url()) {
            if let Ok(url) = CheckedUrl::parse(&text) {
                agree(&url)?;
            }
        }

        #[test]
        fn a_location_is_checked_like_any_other(base in select(BASES), location in nasty::location()) {
            if let Ok(url) = CheckedUrl::parse(base).unwrap().join(&location) {
                agree(&url)?;
            }
        }

        #[test]
        fn a_query_pair_changes_only_the_query(text in nasty::url(), key in any::<String>(), value in any::<String>()) {
            if let Ok(url) = CheckedUrl::parse(&text)
                && let Ok(longer) = url.clone().with_query_pair(&key, &value)
            {
                agree(&longer)?;
                prop_assert_eq!((longer.origin(), longer.path()), (url.origin(), url.path()));
            }
        }
    }

    const BASES: &[&str] = &[
        "https://api.example.test/v1/x",
        "http://127.0.0.1:8080/a/b/c?d",
        "wss://api.example.test",
        "ws://[::1]:1/x/",
    ];

    fn agree(url: &CheckedUrl) -> Result<(), TestCaseError> {
        let text = url.as_str();
        let again = CheckedUrl::parse(text);
        prop_assert!(again.as_ref() == Ok(url), "{text:?} again: {again:?}");
        prop_assert!(matches!(url.scheme(), "http" | "https" | "ws" | "wss"), "{text:?}");
        prop_assert!(text.bytes().all(|b| (0x21..0x7f).contains(&b)), "{text:?} is written as it is");

        let read = naive(text);
        let host = url.host().to_string();
        let port = url.port();
        prop_assert_eq!((read.scheme, read.host), (url.scheme(), host.as_str()));
        prop_assert_eq!(read.port, port);
        prop_assert_eq!(read.path, url.path());

        let sent: http::Uri =
            text.parse().map_err(|e| TestCaseError::fail(format!("hyper sends no {text:?}: {e}")))?;
        prop_assert_eq!(sent.scheme_str(), Some(url.scheme()));
        prop_assert_eq!(sent.host(), Some(host.as_str()));
        prop_assert_eq!(sent.port_u16().unwrap_or(default_port(url.scheme())), port);
        prop_assert_eq!(sent.path(), url.path());
        prop_assert_eq!(sent.query(), url.as_url().query());
        prop_assert_eq!(sent.authority().map(|a| a.as_str().to_owned()), Some(url.authority()));

        // A WHATWG path may hold a few characters and stray '%' that RFC 3986 has no place for; letters stand for them.
        let (origin, tail) = text.split_at(text.find("://").unwrap() + 3);
        let (authority, tail) = tail.split_at(tail.find('/').unwrap());
        let strict = format!("{origin}{authority}{}", lettered(tail));
        let strict =
            Rfc3986::parse(strict.as_str()).map_err(|e| TestCaseError::fail(format!("{strict:?}: {e}")))?;
        let authority = strict.authority().ok_or_else(|| TestCaseError::fail("no authority"))?;
        prop_assert_eq!((strict.scheme().as_str(), authority.host()), (url.scheme(), host.as_str()));
        prop_assert!(authority.userinfo().is_none() && strict.fragment().is_none());
        prop_assert_eq!(authority.port_to_u16(), Ok(url.as_url().port()));
        prop_assert_eq!(strict.path().as_str(), lettered(url.path()));
        Ok(())
    }

    fn lettered(part: &str) -> String {
        let mut out = String::new();
        for (at, c) in part.char_indices() {
            let escape = || part[at + 1..].bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
            let odd = matches!(c, '[' | ']' | '|' | '^' | '\\' | '{' | '}' | '`' | '"' | '<' | '>');
            out.push(if odd || c == '%' && !escape() { 'x' } else { c });
        }
        out
    }
}

struct Read<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
    path: &'a str,
}

/// By cutting, as somebody would who knows no specification.
fn naive(text: &str) -> Read<'_> {
    let (scheme, rest) = text.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let path = path.split(['?', '#']).next().unwrap();
    let host_ends = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[host_ends..].find(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(host_ends + colon);
            (host, port[1..].parse().unwrap())
        }
        None => (authority, default_port(scheme)),
    };
    Read { scheme, host, port, path }
}

fn default_port(scheme: &str) -> u16 {
    if matches!(scheme, "https" | "wss") { 443 } else { 80 }
}

mod rules {
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
        case("https://api.example.test/v1/models", Some("GET"), ("https", API, 443), |path| {
            path == "/v1/models"
        }),
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
            prop_assert!(
                (case.path)(&path),
                "{} allows {text:?}, which a server reads as {path:?}",
                case.rule
            );
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
        (prop_oneof![3 => Just(None), 1 => methods().prop_map(Some)], pattern).prop_map(
            |(methods, pattern)| match methods {
                Some(methods) => format!("{methods} {pattern}"),
                None => pattern,
            },
        )
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
        "", "/", "/*", "/v1/*", "/v1/*/x", "/v1/a*", "/v1/*a", "/v1/**", "/*/*", "/v1/a*/b", "/v1/*?",
        "/*;x", "/*%2f", "/v1/*/", "/../*", "/./*", "\\*", "/%2a", "/v1//*", "/*#x",
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
}

mod addresses {
    //! Closed ranges against lists that were written down anew.
    use super::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    /// The IANA special-purpose address registries (IPv4 and IPv6, as of 2025): every entry that is not globally
    /// reachable, and those that are but lead to no ordinary far end (relays, translation, AS112, assignments).
    const REGISTRIES: &str = "
        0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
        192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.88.99.0/24
        192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
        255.255.255.255/32
        ::1/128 ::/128 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128
        2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16
        3fff::/20 5f00::/16 fc00::/7 fe80::/10
        224.0.0.0/4 ff00::/8 fec0::/10 ::/96 ::ffff:0:0:0/96 1000::/4 4000::/3 8000::/1
        169.254.169.254/32 169.254.170.2/32 100.100.100.200/32 168.63.129.16/32 fd00:ec2::254/128 fd20:ce::254/128";

    fn registries() -> Vec<IpNet> {
        REGISTRIES.split_whitespace().map(|net| net.parse().unwrap()).collect()
    }

    fn within(net: IpNet, bits: u128) -> IpAddr {
        match net {
            IpNet::V4(net) => {
                Ipv4Addr::from_bits(net.network().to_bits() | bits as u32 & net.hostmask().to_bits()).into()
            }
            IpNet::V6(net) => {
                Ipv6Addr::from_bits(net.network().to_bits() | bits & net.hostmask().to_bits()).into()
            }
        }
    }

    fn v6(head: [u16; 6], v4: Ipv4Addr) -> IpAddr {
        let [a, b, c, d, e, f] = head;
        let low = v4.to_bits();
        Ipv6Addr::new(a, b, c, d, e, f, (low >> 16) as u16, low as u16).into()
    }

    fn special_v4() -> impl Strategy<Value = Ipv4Addr> {
        let nets: Vec<IpNet> = registries().into_iter().filter(|net| matches!(net, IpNet::V4(_))).collect();
        (select(nets), any::<u32>()).prop_map(|(net, bits)| match within(net, bits.into()) {
            IpAddr::V4(v4) => v4,
            IpAddr::V6(_) => unreachable!(),
        })
    }

    fn any_net() -> impl Strategy<Value = IpNet> {
        let drawn = (select(registries()), any::<u128>(), 0..=128u8);
        drawn.prop_map(|(net, bits, prefix)| {
            IpNet::new(within(net, bits), prefix % (net.max_prefix_len() + 1)).unwrap()
        })
    }

    #[test]
    fn every_registered_range_is_closed_from_end_to_end() {
        for net in registries() {
            for at in [net.network(), net.broadcast()] {
                assert!(closed_range(at).is_some(), "{net}: {at}");
            }
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn every_address_of_a_registered_range_is_closed(net in select(registries()), bits in any::<u128>()) {
            prop_assert!(may_dial(within(net, bits), &[]).is_err());
        }

        #[test]
        fn what_is_in_no_registry_is_open(v4 in any::<u32>(), v6 in any::<u128>()) {
            for at in [IpAddr::from(Ipv4Addr::from_bits(v4)), Ipv6Addr::from_bits(v6 & !(7 << 125) | 1 << 125).into()] {
                let registered = registries().iter().any(|net| net.contains(&at));
                prop_assert_eq!(closed_range(at).is_some(), registered, "{}", at);
            }
        }

        #[test]
        fn what_the_standard_library_calls_special_is_closed(v4 in special_v4(), bits in any::<u128>()) {
            let at = Ipv4Addr::from_bits(bits as u32);
            for at in [v4, at] {
                let special = at.is_private() || at.is_loopback() || at.is_link_local() || at.is_multicast()
                    || at.is_broadcast() || at.is_documentation() || at.is_unspecified();
                prop_assert!(!special || may_dial(at.into(), &[]).is_err(), "{}", at);
            }
            let at = Ipv6Addr::from_bits(bits);
            let special = at.is_loopback() || at.is_unspecified() || at.is_multicast() || at.is_unique_local()
                || at.is_unicast_link_local();
            prop_assert!(!special || may_dial(at.into(), &[]).is_err(), "{}", at);
        }

        /// Mapped: the same address. IPv4-compatible, translated (SIIT, NAT64), 6to4 and Teredo: closed whatever they
        /// lead to. NB: ISATAP (`::5efe:a.b.c.d` behind any prefix, RFC 5214) has a tunnel only on a host that was set up
        /// as an ISATAP client, and an interface id like any other elsewhere: under a global prefix it cannot be told.
        #[test]
        fn an_ipv4_address_inside_an_ipv6_one_opens_nothing(v4 in special_v4(), host in any::<u16>(), grants in prop::collection::vec(any_net(), 0..4)) {
            let [high, low] = [(v4.to_bits() >> 16) as u16, v4.to_bits() as u16];
            let mapped = v6([0, 0, 0, 0, 0, 0xffff], v4);
            prop_assert_eq!(closed_range(mapped), closed_range(v4.into()));
            prop_assert_eq!(may_dial(mapped, &grants), may_dial(v4.into(), &grants));
            let leads_there = [
                v6([0; 6], v4),
                v6([0x64, 0xff9b, 0, 0, 0, 0], v4),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, host).into(),
            ];
            // Any prefix of 64:ff9b:1::/48 may be the network's own, so where it leads is not known: closed.
            let closed = [
                v6([0, 0, 0, 0, 0xffff, 0], v4),
                v6([0x64, 0xff9b, 1, host, 0, 0], v4),
                Ipv6Addr::new(0x2001, 0, high, low, 0, host, !high, !low).into(),
                v6([0xfe80, 0, 0, 0, 0, 0x5efe], v4),
                v6([0xfe80, 0, 0, 0, 0x200, 0x5efe], v4),
            ];
            for at in leads_there.into_iter().chain(closed) {
                prop_assert!(may_dial(at, &[]).is_err(), "{}", at);
            }
            for at in leads_there.into_iter().filter(|at| *at != IpAddr::from(Ipv6Addr::LOCALHOST) && *at != IpAddr::from(Ipv6Addr::UNSPECIFIED)) {
                prop_assert!(may_dial(at, &grants).is_err() || may_dial(v4.into(), &grants).is_ok(), "{} {:?}", at, grants);
            }
            prop_assert_eq!(may_dial(v6([0x2600, 0, 0, 0, 0, 0x5efe], v4), &[]), Ok(()));
        }
    }
}
