//! Puts the secrets where the operator lets them go, at the last moment before the bytes leave.
use super::body::{Outgoing, Progress};
use super::error::{FetchError, Sent};
use super::invalid::Invalid;
use super::request::Hop;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use ports::json_test::has_twin_keys;
use ports::json_text::has_repeated_keys;
use ports::secret::{At, Destination, FillError, Vault};
use serde_json::Value;

/// The request for the wire. Every fill is judged by the request as the guest wrote it, so that one fill cannot open a
/// place for the next.
pub(super) fn fill(
    hop: &Hop,
    vault: &Vault,
    progress: &Progress,
) -> Result<http::Request<Outgoing>, FetchError> {
    let json = match hop.fills.is_empty() {
        true => None,
        false => parsed(&hop.body)?,
    };
    let to = Destination { method: Some(hop.method.as_str()), url: &hop.url, json: json.as_ref() };
    let (mut url, mut headers, mut filled_json) = (hop.url.clone(), hop.headers.clone(), None);
    for fill in &hop.fills {
        let text = vault.fill(fill, to).map_err(denied)?;
        match &fill.at {
            At::Header(name) => {
                let bad = || Invalid::FilledHeader { secret: fill.secret.clone(), at: fill.at.to_string() };
                let mut value = HeaderValue::from_str(text.expose()).map_err(|_| bad())?;
                value.set_sensitive(true);
                headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value);
            }
            At::Query(key) => {
                url = url.with_query_pair(key, text.expose()).map_err(|_| Invalid::FilledUrl)?;
            }
            At::Json(pointer) => {
                let at = || fill.at.to_string();
                let body = json.as_ref().ok_or_else(|| Invalid::NotJson { at: at() })?;
                let body = filled_json.get_or_insert_with(|| body.clone());
                let place = body.pointer_mut(pointer).ok_or_else(|| Invalid::NoSuchPointer { at: at() })?;
                *place = Value::String(text.expose().to_owned());
            }
        }
    }
    let body = match filled_json {
        Some(json) => Bytes::from(json.to_string()),
        None => hop.body.clone(),
    };
    // Said, because without a word a server may choose.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    // hyper writes no length for an empty body, and many servers answer such a POST with 411.
    if body.is_empty() && matches!(hop.method, Method::POST | Method::PUT | Method::PATCH) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut request = http::Request::new(Outgoing::new(body, progress.clone()));
    *request.method_mut() = hop.method.clone();
    *request.uri_mut() = Uri::try_from(url.as_str()).map_err(|_| Invalid::Unwritable)?;
    *request.headers_mut() = headers;
    Ok(request)
}

fn denied(error: FillError) -> FetchError {
    FetchError::Denied { why: error.to_string(), sent: Sent::No }
}

/// # Errors
/// A key that is there twice, in whatever letter case: the test of a place would look at one of them and the far end
/// perhaps at the other.
fn parsed(body: &[u8]) -> Result<Option<Value>, Invalid> {
    let Ok(json) = serde_json::from_slice(body) else { return Ok(None) };
    match !has_repeated_keys(body, &json) && !has_twin_keys(&json) {
        true => Ok(Some(json)),
        false => Err(Invalid::DuplicateKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_seen_at_any_depth() {
        for fine in [r#"{"a":{"b":":\"{"},"c":[{"b":1},{"b":2}]}"#, "[1,2]", r#""a:b""#, r#"{"a\\":1,"a":2}"#]
        {
            assert!(parsed(fine.as_bytes()).unwrap().is_some(), "{fine}");
        }
        for bad in [r#"{"a":1,"A":2}"#, r#"{"a":1,"a":2}"#, r#"[{"x":{"a":1,"\u0061":2}}]"#] {
            assert_eq!(parsed(bad.as_bytes()).unwrap_err(), Invalid::DuplicateKey, "{bad}");
        }
        assert_eq!(parsed(b"no json: at all"), Ok(None));
    }
}
