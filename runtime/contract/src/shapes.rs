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
    let at = at(fill.at)?;
    let form = match fill.as_ {
        Form::Raw => secret::Form::Raw,
        Form::Bearer => secret::Form::Bearer,
        Form::Basic(user) => secret::Form::Basic { user: short("user", user)? },
    };
    Ok(secret::Fill { secret: short("secret", fill.secret)?, at, form })
}

/// # Errors
/// [`BadShape`] when a pointer is not one, or something is too long.
pub fn at(place: Place) -> Result<secret::At, BadShape> {
    Ok(match place {
        Place::Header(name) => secret::At::Header(short("header", name)?.to_ascii_lowercase()),
        Place::Query(key) => secret::At::Query(short("query key", key)?),
        Place::Json(at) => secret::At::Json(pointer(at)?),
    })
}

/// # Errors
/// [`BadShape`] when the pointer is not one or `equals` is not JSON.
pub fn json_test(test: JsonTest) -> Result<Test, BadShape> {
    if test.equals.len() > EQUALS_BYTES {
        return Err(BadShape(format!("equals has {} bytes; {EQUALS_BYTES} are possible", test.equals.len())));
    }
    let equals = serde_json::from_str(&test.equals)
        .map_err(|error| BadShape(format!("{:?} is not JSON text: {error}", test.equals)))?;
    Ok(Test { pointer: pointer(test.pointer)?, equals })
}

/// Longest name, key, pointer and user, in bytes: they are kept for as long as what they belong to.
const SHORT_BYTES: usize = 256;
/// Longest JSON text that a value is compared with: parsed it takes many times that.
const EQUALS_BYTES: usize = 4 << 10;

fn short(what: &str, text: String) -> Result<String, BadShape> {
    match text.len() <= SHORT_BYTES {
        true => Ok(text),
        false => Err(BadShape(format!("{what} has {} bytes; {SHORT_BYTES} are possible", text.len()))),
    }
}

fn pointer(text: String) -> Result<String, BadShape> {
    let text = short("pointer", text)?;
    match text.is_empty() || text.starts_with('/') {
        true => Ok(text),
        false => Err(BadShape(format!("{text:?} is not a JSON pointer: it starts with '/'"))),
    }
}
