//! Where a redirect leads, and what may come along.
use super::request::Hop;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use ports::secret::{At, Vault};

/// The next hop, or none where the answer is the answer. The caller still asks the reach and fills anew, so that a
/// secret goes along only if the vault grants the new destination.
///
/// # Errors
/// Why the redirect is refused. No text in it comes from `Location`.
pub(super) fn follow(
    hop: &Hop,
    status: StatusCode,
    answer: &HeaderMap,
    vault: &Vault,
) -> Result<Option<Hop>, &'static str> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.get(header::LOCATION) else { return Ok(None) };
    let location = location.to_str().map_err(|_| "the redirect's location is not text")?;
    let url = hop.url.join(location).map_err(|_| "the redirect leads to a URL that is not allowed")?;
    if url.is_websocket() {
        return Err("the redirect leads to a URL that is neither http nor https");
    }
    // As it was sent, and as it would be written.
    let carries = vault.is_in(location) || vault.is_in(url.as_str());
    let mut next = Hop { url, url_is_secret: hop.url_is_secret || carries, ..hop.clone() };

    let becomes_get = match status.as_u16() {
        303 => true,
        301 | 302 => hop.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        if hop.method != Method::HEAD {
            next.method = Method::GET;
        }
        next.body = Bytes::new();
        next.fills.retain(|fill| !matches!(fill.at, At::Json(_)));
        for name in CONTENT {
            next.headers.remove(name);
        }
    }
    if next.url.origin() != hop.url.origin() {
        if !next.body.is_empty() {
            return Err("the redirect would send the body to another origin");
        }
        if carries {
            return Err("the redirect would carry a filled secret to another origin");
        }
        next.headers.remove(header::AUTHORIZATION);
        next.headers.remove(header::COOKIE);
        for fill in &hop.fills {
            if let At::Header(name) = &fill.at {
                next.headers.remove(name);
            }
        }
    }
    Ok(Some(next))
}

/// What describes a body that is gone.
const CONTENT: [header::HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION];

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use ports::reach::CheckedUrl;
    use ports::secret::{Entry, Fill, Form, Secret};
    use std::collections::BTreeMap;

    fn hop(method: &str, body: &'static str) -> Hop {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "cookie", "x-key", "content-type", "accept"] {
            headers.insert(name, HeaderValue::from_static("guest"));
        }
        let fill = |at| Fill { secret: "s".into(), at, form: Form::Raw };
        Hop {
            method: method.parse().unwrap(),
            url: CheckedUrl::parse("https://a.test/one?x=1").unwrap(),
            url_is_secret: false,
            headers,
            body: Bytes::from_static(body.as_bytes()),
            fills: vec![fill(At::Header("x-key".into())), fill(At::Json("/k".into()))],
        }
    }

    fn go(hop: &Hop, status: u16, location: &str) -> Result<Option<Hop>, &'static str> {
        let answer = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_str(location).unwrap())]);
        let value = Some(Secret::new("s3cret-value".into()));
        let vault = Vault::new(BTreeMap::from([("s".into(), Entry { value, ..Entry::default() })]));
        follow(hop, StatusCode::from_u16(status).unwrap(), &answer, &vault)
    }

    fn names(hop: &Hop) -> Vec<&str> {
        let mut names: Vec<_> = hop.headers.keys().map(|name| name.as_str()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_post_becomes_a_get_without_its_body_and_what_describes_it() {
        for status in [301, 302, 303] {
            let next = go(&hop("POST", "{}"), status, "/two#part").unwrap().unwrap();
            assert_eq!((next.method.as_str(), next.body.len()), ("GET", 0));
            assert_eq!(next.url.as_str(), "https://a.test/two");
            assert_eq!(names(&next), ["accept", "authorization", "cookie", "x-key"]);
            assert_eq!(next.fills.len(), 1, "there is no body to fill");
        }
        for (method, status, becomes) in [
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("PUT", 302, "PUT"),
            ("DELETE", 301, "DELETE"),
            ("POST", 308, "POST"),
        ] {
            let next = go(&hop(method, "{}"), status, "two").unwrap().unwrap();
            assert_eq!(next.method.as_str(), becomes, "{method} {status}");
            assert_eq!(next.body.is_empty(), status == 303);
        }
    }

    #[test]
    fn a_body_stays_with_its_origin() {
        for status in [307, 308] {
            assert!(go(&hop("POST", "{}"), status, "https://a.test:443/two").unwrap().is_some());
            for other in ["http://a.test/two", "https://b.test/two", "https://a.test:444/two", "//b.test/"] {
                assert!(go(&hop("POST", "{}"), status, other).is_err(), "{other}");
                assert!(go(&hop("POST", ""), status, other).unwrap().is_some(), "{other}");
            }
        }
        assert!(go(&hop("PUT", "{}"), 302, "https://b.test/").is_err());
    }

    #[test]
    fn credentials_and_filled_headers_stay_with_their_origin() {
        let next = go(&hop("GET", ""), 302, "https://b.test/").unwrap().unwrap();
        assert_eq!(names(&next), ["accept", "content-type"]);
        let back = go(&next, 302, "https://a.test/").unwrap().unwrap();
        assert_eq!(names(&back), ["accept", "content-type"], "gone is gone");
    }

    #[test]
    fn a_location_that_carries_a_secret_does_not_leave_its_origin() {
        assert!(go(&hop("GET", ""), 302, "/two?k=s3cret-value").is_ok());
        assert!(go(&hop("GET", ""), 302, "https://b.test/?k=s3cret-value").is_err());
        assert!(go(&hop("GET", ""), 302, "https://b.test/#s3cret-value").is_err());
        assert!(go(&hop("GET", ""), 302, "https://b.test/czNjcmV0LXZhbHVl").is_err(), "nor its base64");
    }

    #[test]
    fn locations_with_tricks_are_refused() {
        for bad in [
            "https://b.test/?k=s3cret\t-value",
            "/\ttwo",
            "file:///etc/passwd",
            "https://u:p@a.test/",
            "wss://a.test/",
            "javascript:1",
            "https://a.test./",
        ] {
            assert!(go(&hop("GET", ""), 302, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_location_or_with_another_status_the_answer_is_the_answer() {
        assert!(
            follow(&hop("GET", ""), StatusCode::FOUND, &HeaderMap::new(), &Vault::default())
                .unwrap()
                .is_none()
        );
        for status in [200, 201, 300, 304, 305, 306, 500] {
            assert!(go(&hop("GET", ""), status, "/two").unwrap().is_none(), "{status}");
        }
    }
}
