//! Who is answered at all. A page in a browser on this machine can send requests here, under a name of its own that
//! it had point to us (DNS rebinding) or from an origin that is not of this machine; the headers tell.
use hyper::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use ports::loopback::{is_here, is_origin_here};
use ports::secret::Secret;
use subtle::ConstantTimeEq;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Events,
    State,
    /// A browser asks whether a page of this machine may send its token here.
    Preflight,
}

/// # Errors
/// 403: by another name than one of this machine, or from a page of elsewhere. 404, 405: nothing there, or nothing to
/// be done with it. 401: without the token.
pub fn page(method: &Method, uri: &Uri, headers: &HeaderMap, token: &Secret) -> Result<Page, StatusCode> {
    let host = only(headers, HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_here) || uri.authority().is_some_and(|named| !is_here(named.as_str())) {
        return Err(StatusCode::FORBIDDEN);
    }
    if headers.contains_key(ORIGIN)
        && !only(headers, ORIGIN).is_some_and(|origin| origin.to_str().is_ok_and(is_origin_here))
    {
        return Err(StatusCode::FORBIDDEN);
    }
    let page = match uri.path() {
        "/events" => Page::Events,
        "/state" => Page::State,
        _ => return Err(StatusCode::NOT_FOUND),
    };
    let asks = headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    match *method {
        Method::OPTIONS if asks => Ok(Page::Preflight),
        Method::GET | Method::HEAD if has(headers, token) => Ok(page),
        Method::GET | Method::HEAD => Err(StatusCode::UNAUTHORIZED),
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn has(headers: &HeaderMap, token: &Secret) -> bool {
    let given =
        only(headers, AUTHORIZATION).and_then(|value| value.as_bytes().split_at_checked("bearer ".len()));
    given.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case(b"bearer ") && given.ct_eq(token.expose().as_bytes()).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: (&str, &str) = ("authorization", "Bearer right-token");

    fn asked(method: Method, uri: &str, given: &[(&str, &str)]) -> Result<Page, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let token = Secret::new("right-token".into());
        page(&method, &uri.parse().unwrap(), &headers, &token).map_err(|status| status.as_u16())
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for here in ["localhost", "LocalHost:1", "127.0.0.1:9090", "127.8.7.6", "[::1]", "[::1]:80"] {
            assert_eq!(asked(Method::GET, "/events", &[("host", here), RIGHT]), Ok(Page::Events), "{here}");
            let origin = format!("http://{here}");
            let asked = asked(Method::GET, "/events", &[("host", "localhost"), ("origin", &origin), RIGHT]);
            assert_eq!(asked, Ok(Page::Events), "{origin}");
        }
        for elsewhere in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:9090",
            "localhost.",
            "0.0.0.0",
            "10.0.0.1",
            "[::]",
            "[::2]",
            "::1",
            "me@localhost",
            "localhost@evil.example",
            "localhost:",
            "localhost:x",
            "localhost:99999",
            "127.1",
            "0x7f000001",
            "2130706433",
            "localhost/",
            "",
        ] {
            assert_eq!(asked(Method::GET, "/events", &[("host", elsewhere), RIGHT]), Err(403), "{elsewhere}");
            let origin = format!("http://{elsewhere}");
            let asked = asked(Method::GET, "/events", &[("host", "localhost"), ("origin", &origin), RIGHT]);
            assert_eq!(asked, Err(403), "{origin}");
        }
        for origin in [
            "null",
            "",
            "localhost",
            "file://",
            "ftp://localhost",
            "http:localhost",
            "http://localhost http://x",
        ] {
            let asked = asked(Method::GET, "/events", &[("host", "localhost"), ("origin", origin), RIGHT]);
            assert_eq!(asked, Err(403), "{origin}");
        }
        let host = ("host", "localhost");
        assert_eq!(asked(Method::GET, "/events", &[RIGHT]), Err(403));
        assert_eq!(asked(Method::GET, "/events", &[host, host, RIGHT]), Err(403));
        let origin = ("origin", "http://localhost");
        assert_eq!(asked(Method::GET, "/events", &[host, origin, origin, RIGHT]), Err(403));
        assert_eq!(asked(Method::GET, "http://evil.example/events", &[host, RIGHT]), Err(403));
    }

    #[test]
    fn the_token_is_needed_as_it_is() {
        let host = ("host", "localhost");
        for fine in ["Bearer right-token", "bearer right-token", "BEARER right-token"] {
            assert_eq!(
                asked(Method::GET, "/state", &[host, ("authorization", fine)]),
                Ok(Page::State),
                "{fine}"
            );
        }
        for bad in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer right-toke",
            "Bearer right-tokem",
            "Bearer right-token2",
            "Bearer  right-token",
            "Bearer Right-token",
            "Basic right-token",
            "right-token",
            "Bearer right-token, Bearer right-token",
        ] {
            assert_eq!(asked(Method::GET, "/state", &[host, ("authorization", bad)]), Err(401), "{bad}");
        }
        assert_eq!(asked(Method::GET, "/state", &[host]), Err(401));
        assert_eq!(asked(Method::GET, "/state", &[host, RIGHT, RIGHT]), Err(401));
        assert_eq!(
            asked(Method::GET, "/state?token=right-token", &[host, ("cookie", "token=right-token")]),
            Err(401)
        );
    }

    #[test]
    fn two_pages_can_be_read_and_nothing_else_is_there() {
        let host = ("host", "localhost");
        assert_eq!(asked(Method::HEAD, "/state", &[host, RIGHT]), Ok(Page::State));
        for path in ["/", "/events/", "/Events", "/../state", "//state", "/state/../events"] {
            assert_eq!(asked(Method::GET, path, &[host, RIGHT]), Err(404), "{path}");
        }
        for method in
            [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH, Method::TRACE]
        {
            assert_eq!(asked(method.clone(), "/events", &[host, RIGHT]), Err(405), "{method}");
        }
        let (asks, origin) = (("access-control-request-method", "GET"), ("origin", "http://localhost:3000"));
        assert_eq!(asked(Method::OPTIONS, "/events", &[host, origin, asks]), Ok(Page::Preflight));
        assert_eq!(asked(Method::OPTIONS, "/events", &[host, asks]), Err(405));
        assert_eq!(
            asked(Method::OPTIONS, "/events", &[host, ("origin", "http://evil.example"), asks]),
            Err(403)
        );
    }
}
