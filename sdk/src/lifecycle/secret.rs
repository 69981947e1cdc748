//! What a connector asks for about secrets.

use crate::types::{JsonTest, Place};

/// A secret that the connector uses, and for what.
///
/// ```
/// use sdk::{Place, SecretRequest};
///
/// // The platform hands it out when the device is paired; from then on it is in what the device signs.
/// let token = SecretRequest::arrives("deviceToken")
///     .capture("wss://hub.example/agent", Place::json("/auth/deviceToken"))
///     .place("wss://hub.example/agent", Place::json("/token"))
///     .signs("device");
/// # assert_eq!(token.signs, ["device"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SecretRequest {
    pub name: String,
    /// Without it `start` would be of no use: the instance is listed as not configured. One that arrives (`captures`)
    /// can't be required.
    pub required: bool,
    /// Where it is to be written. At most 64.
    pub places: Vec<PlaceRequest>,
    /// Where it arrives. The operator need not provide one that does. At most 16.
    pub captures: Vec<CaptureRequest>,
    /// Names of the connector's keys that are to sign text with this secret in it. At most 16.
    pub signs: Vec<String>,
    /// Whether it is to be the key of HMACs.
    pub authenticates: bool,
}

impl SecretRequest {
    pub fn required(name: impl Into<String>) -> Self {
        Self { required: true, ..Self::optional(name) }
    }

    pub fn optional(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            required: false,
            places: Vec::new(),
            captures: Vec::new(),
            signs: Vec::new(),
            authenticates: false,
        }
    }

    /// One that the platform hands out: [`capture`](Self::capture) says where. There may be none yet when the connector
    /// starts; [`secrets::exists`](crate::secrets::exists) tells.
    pub fn arrives(name: impl Into<String>) -> Self {
        Self::optional(name)
    }

    /// `rule` as in [`UrlRequest`](crate::UrlRequest).
    pub fn place(self, rule: impl Into<String>, at: Place) -> Self {
        self.place_when(rule, at, Vec::new())
    }

    /// Only in a frame or body that passes all the tests.
    pub fn place_when(mut self, rule: impl Into<String>, at: Place, when: Vec<JsonTest>) -> Self {
        self.places.push(PlaceRequest { rule: rule.into(), at, when });
        self
    }

    /// Where it arrives; see [`CaptureRequest`]. `rule` as in [`UrlRequest`](crate::UrlRequest).
    pub fn capture(self, rule: impl Into<String>, at: Place) -> Self {
        self.capture_when(rule, at, Vec::new())
    }

    /// Only in a frame or body that passes all the tests.
    pub fn capture_when(mut self, rule: impl Into<String>, at: Place, when: Vec<JsonTest>) -> Self {
        self.captures.push(CaptureRequest { rule: rule.into(), at, when });
        self
    }

    /// It is to be in text that the connector's key of this name signs: [`crypto::sign`](crate::crypto::sign).
    pub fn signs(mut self, key: impl Into<String>) -> Self {
        self.signs.push(key.into());
        self
    }

    /// It is to be the key of HMACs: [`crypto::authenticate`](crate::crypto::authenticate).
    pub fn authenticates(mut self) -> Self {
        self.authenticates = true;
        self
    }
}

/// Where a secret is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRequest {
    /// As in [`UrlRequest`](crate::UrlRequest).
    pub rule: String,
    pub at: Place,
    /// Tests that the frame or body must pass besides.
    pub when: Vec<JsonTest>,
}

/// Where the platform hands a secret out.
///
/// In every answer to a request, and every text frame of a socket, whose URL passes the rule, the host takes the value
/// out and keeps it, encrypted on its disk; the connector finds `[captured]` there, and can use the secret from then on.
/// A JSON answer or frame from which something was taken is written anew.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptureRequest {
    /// As in [`UrlRequest`](crate::UrlRequest).
    pub rule: String,
    /// A header of the answer, or a pointer into its JSON body or the JSON text frame; no query key.
    pub at: Place,
    /// Tests that the body or frame must pass.
    pub when: Vec<JsonTest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: &str = "wss://hub.example/agent";

    #[test]
    fn a_secret_that_arrives_is_not_required() {
        let secret = SecretRequest::arrives("token").capture(HUB, Place::json("/token"));
        assert!(!secret.required);
        let expected = CaptureRequest { rule: HUB.into(), at: Place::json("/token"), when: vec![] };
        assert_eq!(secret.captures, [expected]);
    }

    #[test]
    fn places_and_captures_have_tests_of_their_own() {
        let (hello, auth) = (JsonTest::new("/type", "hello-ok"), JsonTest::new("/type", "auth"));
        let secret = SecretRequest::arrives("token")
            .capture_when(HUB, Place::json("/auth/token"), vec![hello.clone()])
            .place_when(HUB, Place::json("/token"), vec![auth.clone()]);
        assert_eq!((&secret.captures[0].when, &secret.places[0].when), (&vec![hello], &vec![auth]));
    }

    #[test]
    fn a_secret_signs_and_authenticates_only_when_asked() {
        let secret = SecretRequest::required("token");
        assert_eq!((secret.required, secret.signs.len(), secret.authenticates), (true, 0, false));
        let secret = secret.signs("device").signs("spare").authenticates();
        assert_eq!((secret.signs.join(" "), secret.authenticates), ("device spare".into(), true));
    }
}
