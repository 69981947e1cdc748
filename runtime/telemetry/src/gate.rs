//! What is answered at all. A page in a browser on this machine can send requests here under a name of its own that it
//! had point to us (DNS rebinding); the name it used tells.
use hyper::{HeaderMap, Method, StatusCode, Uri, header};
use ports::loopback::is_here;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Metrics,
    Health,
}

/// # Errors
/// 403: by another name than one of this machine. 404, 405: nothing there, or nothing to be done with it.
pub fn page(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Page, StatusCode> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(StatusCode::FORBIDDEN) };
    let named = uri.authority().is_some_and(|named| !is_here(named.as_str()));
    if named || !host.to_str().is_ok_and(is_here) {
        return Err(StatusCode::FORBIDDEN);
    }
    let page = match uri.path() {
        "/metrics" => Page::Metrics,
        "/healthz" => Page::Health,
        _ => return Err(StatusCode::NOT_FOUND),
    };
    if method == Method::GET { Ok(page) } else { Err(StatusCode::METHOD_NOT_ALLOWED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, uri: &str, hosts: &[&str]) -> Result<Page, StatusCode> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        page(&method, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for here in ["localhost", "LocalHost:1", "127.0.0.1:9090", "127.8.7.6", "[::1]", "[::1]:80"] {
            assert_eq!(asked(Method::GET, "/metrics", &[here]), Ok(Page::Metrics), "{here}");
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
            assert_eq!(
                asked(Method::GET, "/metrics", &[elsewhere]),
                Err(StatusCode::FORBIDDEN),
                "{elsewhere}"
            );
        }
        assert_eq!(asked(Method::GET, "/metrics", &[]), Err(StatusCode::FORBIDDEN));
        assert_eq!(asked(Method::GET, "/metrics", &["localhost", "localhost"]), Err(StatusCode::FORBIDDEN));
        let proxied = asked(Method::GET, "http://evil.example/metrics", &["localhost"]);
        assert_eq!(proxied, Err(StatusCode::FORBIDDEN));
    }

    #[test]
    fn two_pages_can_be_read_and_nothing_else_is_there() {
        let here = &["localhost"];
        assert_eq!(asked(Method::GET, "/healthz?x", here), Ok(Page::Health));
        for path in ["/", "/metrics/", "/Metrics", "/../metrics", "//metrics", "/healthz/../metrics"] {
            assert_eq!(asked(Method::GET, path, here), Err(StatusCode::NOT_FOUND), "{path}");
        }
        for method in
            [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::HEAD, Method::TRACE]
        {
            assert_eq!(asked(method.clone(), "/metrics", here), Err(StatusCode::METHOD_NOT_ALLOWED));
        }
    }
}
