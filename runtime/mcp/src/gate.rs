//! Who is heard at all. A page in a browser on this machine can send requests here, under a name of its own that it had
//! point to us (DNS rebinding) or from its own origin; the names it used tell.
use http::{HeaderMap, StatusCode, Uri, header};
use ports::loopback::{is_here, is_origin_here};
use sha2::{Digest, Sha256};

/// # Errors
/// 403: by another name than one of this machine, or for somebody from elsewhere.
pub(crate) fn from_here(uri: &Uri, headers: &HeaderMap) -> Result<(), StatusCode> {
    let host = only(headers, header::HOST).ok_or(StatusCode::FORBIDDEN)?;
    let here = is_here(host) && uri.authority().is_none_or(|named| is_here(named.as_str()));
    let origins = headers.get_all(header::ORIGIN).iter();
    let ours = origins.into_iter().all(|origin| origin.to_str().is_ok_and(is_origin_here));
    if here && ours { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
}

/// The token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What is kept of a token. Compared instead of it: how far two of them agree tells nothing of the tokens.
#[derive(Clone, Copy)]
pub(crate) struct Print([u8; 32]);

impl Print {
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Takes the same time whatever the outcome.
    pub fn is(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        std::hint::black_box(pairs.fold(0, |differing, (ours, theirs)| differing | (ours ^ theirs))) == 0
    }
}

fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(header::HeaderName, &str)], uri: &str) -> Result<(), StatusCode> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        from_here(&uri.parse().unwrap(), &map)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for here in ["localhost", "LocalHost:1", "127.0.0.1:9090", "127.8.7.6", "[::1]", "[::1]:80"] {
            assert_eq!(asked(&[(header::HOST, here)], "/mcp/a"), Ok(()), "{here}");
        }
        for elsewhere in [
            "evil.example",
            "localhost.evil.example",
            "localhost.",
            "0.0.0.0",
            "[::2]",
            "me@localhost",
            "localhost:x",
            "",
        ] {
            assert!(asked(&[(header::HOST, elsewhere)], "/mcp/a").is_err(), "{elsewhere}");
        }
        assert!(asked(&[], "/mcp/a").is_err());
        assert!(asked(&[(header::HOST, "localhost"), (header::HOST, "localhost")], "/mcp/a").is_err());
        assert!(asked(&[(header::HOST, "localhost")], "http://evil.example/mcp/a").is_err());
    }

    #[test]
    fn a_page_from_elsewhere_is_refused() {
        let of = |origin| asked(&[(header::HOST, "localhost"), (header::ORIGIN, origin)], "/mcp/a");
        for ours in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1"] {
            assert_eq!(of(ours), Ok(()), "{ours}");
        }
        for theirs in [
            "null",
            "",
            "https://evil.example",
            "http://localhost.evil.example",
            "localhost",
            "file://",
            "http://",
        ] {
            assert!(of(theirs).is_err(), "{theirs}");
        }
    }

    #[test]
    fn a_token_is_told_from_every_other() {
        let print = Print::of("token");
        assert!(print.is(&Print::of("token")));
        for other in ["", "toke", "token ", "Token", "tokenn"] {
            assert!(!print.is(&Print::of(other)), "{other}");
        }
    }
}
