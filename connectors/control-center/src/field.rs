//! Reading what a gateway sent: whatever is missing, of another type or too long is absent or cut, never an error.

use serde_json::Value;

/// Characters of a name or label that are kept.
pub(crate) const LABEL: usize = 120;
/// The gateway's session keys have at most 512 characters.
pub(crate) const KEY: usize = 512;
/// Other ids are UUIDs, digests or short names.
pub(crate) const ID: usize = 128;

pub(crate) fn text(value: &Value, key: &str, most: usize) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty()).then(|| cut(text, most))
}

/// Something that names a thing: it is not cut, or two would become one.
pub(crate) fn id(value: &Value, key: &str, most: usize) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty() && text.chars().take(most + 1).count() <= most).then(|| text.to_owned())
}

pub(crate) fn number(value: &Value, key: &str) -> Option<u64> {
    let number = value.get(key)?;
    number.as_u64().or_else(|| number.as_f64().filter(|float| *float >= 0.0).map(|float| float as u64))
}

pub(crate) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

pub(crate) fn list<'a>(value: &'a Value, key: &str) -> Option<&'a Vec<Value>> {
    value.get(key)?.as_array()
}

/// Cut text, without control characters: it goes to dashboards and terminals.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_absent() {
        let row = json!({ "n": "5", "t": 5, "b": "true", "l": {}, "e": "", "f": 5.5, "m": -1 });
        assert_eq!((text(&row, "t", 9), text(&row, "e", 9), text(&row, "none", 9)), (None, None, None));
        assert_eq!((number(&row, "n"), number(&row, "f"), number(&row, "m")), (None, Some(5), None));
        assert_eq!((flag(&row, "b"), list(&row, "l")), (None, None));
        assert_eq!(text(&json!("no object"), "t", 9), None);
    }

    #[test]
    fn text_is_cut_and_an_id_is_not() {
        let row = json!({ "a": "é\u{1b}[31mé".repeat(300) });
        assert_eq!(text(&row, "a", 3).unwrap(), "é[3");
        assert_eq!(id(&row, "a", ID), None);
    }
}
