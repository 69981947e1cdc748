//! Hosts that the operator names one by one.
use ports::reach::{CheckedUrl, UrlError};
use url::Host;

pub(super) enum Kind {
    Name,
    Address,
}

/// # Errors
/// What is wrong, and what to write: a host is matched as [`CheckedUrl`] spells it, and never by a pattern.
pub(super) fn check(text: &str) -> Result<Kind, (String, String)> {
    let example = || "write one such as \"api.example.com\"".to_owned();
    if text.contains('*') {
        return Err((format!("{text:?} holds a wildcard"), "write each host by its name".into()));
    }
    let none = || (format!("{text:?} is not the name of a host"), example());
    let url = match CheckedUrl::parse(&format!("https://{text}/")) {
        Ok(url) => url,
        Err(UrlError::Host(_)) => {
            return Err((format!("{text:?} is not a host that can be reached"), example()));
        }
        Err(_) => return Err(none()),
    };
    let canonical = url.host().to_string();
    match url.host() {
        _ if text.contains(['/', '@', '?', '#', '\\']) => Err(none()),
        _ if canonical != text => {
            Err((format!("{text:?} is not how the host is spelled"), format!("write {canonical:?}")))
        }
        Host::Domain(_) => Ok(Kind::Name),
        Host::Ipv4(_) | Host::Ipv6(_) => Ok(Kind::Address),
    }
}
