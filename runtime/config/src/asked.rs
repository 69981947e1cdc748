//! What a connector asks for, out of its descriptor. Untrusted: all of it is checked where it is used.
use ports::json_test::JsonTest;
use ports::secret::At;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The connector's id.
    pub id: String,
    /// JSON Schema (2020-12) of the configuration.
    pub schema: Value,
    pub secrets: Vec<SecretAsk>,
    pub urls: Vec<UrlAsk>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SecretAsk {
    pub name: String,
    pub required: bool,
    pub places: Vec<PlaceAsk>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlaceAsk {
    /// A template, as in [`UrlAsk`].
    pub rule: String,
    pub at: At,
    pub when: Vec<JsonTest>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlAsk {
    /// A line of the allow-list in which `{key}` stands for a string of the configuration and `{key:ws}` for the same
    /// with `http` turned into `ws`.
    pub rule: String,
    /// Why, for the operator.
    pub reason: String,
}
