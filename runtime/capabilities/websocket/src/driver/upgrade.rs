//! The HTTP request that asks for the upgrade, secrets filled in.
use super::plan::Plan;
use http::{HeaderName, HeaderValue};
use ports::secret::{At, Destination, Secret, Vault};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;

/// Host, Upgrade and the Sec-WebSocket headers are the library's; [`Plan::check`] lets none of them through.
///
/// # Errors
/// Why this plan can never be dialled, without any secret in it.
pub(super) fn request(plan: &Plan, vault: &Vault) -> Result<Request, String> {
    plan.check().map_err(|error| error.to_string())?;
    let to = Destination { method: None, url: &plan.url, json: None };
    let mut url = plan.url.clone();
    let mut filled: Vec<(&str, Secret)> = Vec::new();
    for fill in &plan.fills {
        let secret = vault.fill(fill, to).map_err(|error| error.to_string())?;
        match &fill.at {
            At::Query(key) => {
                url = url.with_query_pair(key, secret.expose()).map_err(|_| too_long())?;
            }
            At::Header(name) => filled.push((name, secret)),
            At::Json(_) => unreachable!("checked: the upgrade has headers and a query"),
        }
    }
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|_| "the URL cannot be written into a request".to_owned())?;
    let headers = request.headers_mut();
    for (name, value) in &plan.headers {
        headers.append(header_name(name)?, HeaderValue::from_str(value).map_err(|_| not_a_value(name))?);
    }
    for (name, secret) in filled {
        let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| not_a_value(name))?;
        value.set_sensitive(true);
        headers.insert(header_name(name)?, value);
    }
    if !plan.subprotocols.is_empty() {
        let names = HeaderValue::from_str(&plan.subprotocols.join(", "));
        headers.insert("sec-websocket-protocol", names.map_err(|_| not_a_value("sec-websocket-protocol"))?);
    }
    Ok(request)
}

fn too_long() -> String {
    "the URL is too long with its secrets".into()
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{name:?} is not a header name"))
}

fn not_a_value(name: &str) -> String {
    format!("what should go into header {name:?} has characters that no header can carry")
}
