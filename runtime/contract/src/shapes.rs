//! Shapes of `types.wit` that several rooms take, turned into the ports' types.
use crate::types::{Fill, Form, JsonTest, Place};
use ports::json_test::JsonTest as Test;
use ports::secret;

/// An argument that is not what its type promises; the text says which and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadShape(pub String);

/// # Errors
/// [`BadShape`] when a pointer or name is not well formed.
pub fn fill(fill: Fill) -> Result<secret::Fill, BadShape> {
    let at = match fill.at {
        Place::Header(name) => secret::At::Header(name.to_ascii_lowercase()),
        Place::Query(key) => secret::At::Query(key),
        Place::Json(at) => secret::At::Json(pointer(at)?),
    };
    let form = match fill.as_ {
        Form::Raw => secret::Form::Raw,
        Form::Bearer => secret::Form::Bearer,
        Form::Basic(user) => secret::Form::Basic { user },
    };
    Ok(secret::Fill { secret: fill.secret, at, form })
}

/// # Errors
/// [`BadShape`] when the pointer is not one or `equals` is not JSON.
pub fn json_test(test: JsonTest) -> Result<Test, BadShape> {
    let equals = serde_json::from_str(&test.equals)
        .map_err(|error| BadShape(format!("{:?} is not JSON text: {error}", test.equals)))?;
    Ok(Test { pointer: pointer(test.pointer)?, equals })
}

fn pointer(text: String) -> Result<String, BadShape> {
    match text.is_empty() || text.starts_with('/') {
        true => Ok(text),
        false => Err(BadShape(format!("{text:?} is not a JSON pointer: it starts with '/'"))),
    }
}
