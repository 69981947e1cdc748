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
    let long = (1..260usize, select(LABELS)).prop_map(|(n, label)| format!("{}.{label}.test", "a".repeat(n)));
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
