//! What a connector asks for, out of its descriptor and its imports. Untrusted: all of it is checked where it is used.
use ports::json_test::JsonTest;
use ports::secret::At;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The connector's id.
    pub id: String,
    /// Interfaces of our package that it imports and that need a grant, such as `http`; sorted.
    pub capabilities: Vec<String>,
    /// JSON Schema (2020-12) of the configuration.
    pub schema: Value,
    pub secrets: Vec<SecretAsk>,
    pub urls: Vec<UrlAsk>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SecretAsk {
    pub name: String,
    /// Of no meaning for one that arrives: nobody can provide it before.
    pub required: bool,
    pub places: Vec<PlaceAsk>,
    pub captures: Vec<CaptureAsk>,
    /// Names of keys that are to sign text with it.
    pub signs: Vec<String>,
    /// Whether it is to be the key of HMACs.
    pub authenticates: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlaceAsk {
    /// A template, as in [`UrlAsk`].
    pub rule: String,
    pub at: At,
    pub when: Vec<JsonTest>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CaptureAsk {
    /// A template, as in [`UrlAsk`].
    pub rule: String,
    /// A header or JSON pointer: nothing arrives in a query.
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

impl SecretAsk {
    /// Whether `start` is of no use until the operator provides it.
    pub(crate) fn must_be_provided(&self) -> bool {
        self.required && self.captures.is_empty()
    }

    pub(crate) fn asks_nothing(&self) -> bool {
        let Self { places, captures, signs, authenticates, .. } = self;
        places.is_empty() && captures.is_empty() && signs.is_empty() && !authenticates
    }
}
