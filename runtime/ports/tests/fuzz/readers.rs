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
