//! The configuration of one account.

use sdk::StartError;
use serde::Deserialize;

/// Where occum.net answers when nothing else is configured.
pub(crate) const DEFAULT_API_URL: &str = "https://api.occum.net";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    api_url: Option<String>,
}

impl Config {
    pub(crate) fn base(&self) -> Result<Base, StartError> {
        let url = self.api_url.as_deref().unwrap_or(DEFAULT_API_URL);
        Base::parse(url).map_err(|how| StartError::Configuration(format!("apiUrl: {how}")))
    }
}

/// Where the platform is: REST and WebSocket.
#[derive(Debug, PartialEq)]
pub(crate) struct Base {
    /// Without a trailing slash, such as `https://api.occum.net/v1`.
    pub(crate) rest: String,
    pub(crate) socket: String,
}

impl Base {
    fn parse(url: &str) -> Result<Self, &'static str> {
        let url = url.trim_end_matches('/');
        let (scheme, rest) = url.split_once("://").ok_or("not a URL")?;
        let socket = match scheme {
            "http" => "ws",
            "https" => "wss",
            _ => return Err("must begin with http:// or https://"),
        };
        if rest.is_empty() || rest.starts_with('/') {
            return Err("has no host");
        }
        if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
            return Err("must be a plain base: no query, fragment or blank");
        }
        Ok(Self { rest: format!("{url}/v1"), socket: format!("{socket}://{rest}/v1/ws") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_public_platform() {
        let base = Config::default().base().unwrap();
        assert_eq!(base.rest, "https://api.occum.net/v1");
        assert_eq!(base.socket, "wss://api.occum.net/v1/ws");
    }

    #[test]
    fn trailing_slashes_are_removed() {
        let base = Base::parse("http://localhost:8080//").unwrap();
        assert_eq!(base.rest, "http://localhost:8080/v1");
        assert_eq!(base.socket, "ws://localhost:8080/v1/ws");
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for url in ["", "api.occum.net", "ftp://a", "https://", "https:///v1", "https://a?b=c", "https://a b"]
        {
            assert!(Base::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(serde_json::from_str::<Config>(r#"{"apiURL":"https://a"}"#).is_err());
    }
}
