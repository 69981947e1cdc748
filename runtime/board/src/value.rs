//! A value as it is kept: one line of JSON that every watcher can read. No connector may publish what breaks the
//! document that a watcher reads together with what others have published.
//!
//! Numbers stay as they are written. One beyond a double (`1e999`) is refused: some readers take it for infinity and
//! others refuse all of the document. A lone surrogate (`\ud83d`, which JavaScript writes when it cuts a text through
//! an emoji) becomes `\ufffd` for the same reason. A raw line break cannot stand in a JSON string, so the line stays
//! one; U+2028 may, and ends no line of an event stream.
use crate::Error;
use serde_json::Value;

/// Longest value, as it was given.
pub const VALUE_BYTES: usize = 64 << 10;

/// Arrays and objects within each other. Readers stop at 128 or so, and a watcher finds the value inside of others.
const LEVELS: usize = 64;

/// Without white space between its parts.
pub fn compact(json: &str) -> Result<String, Error> {
    if json.len() > VALUE_BYTES {
        return Err(Error::too_large());
    }
    let mut json = with_whole_characters(json);
    serde_json::from_str::<Value>(&json).map_err(|error| Error::Json(error.to_string()))?;
    let (mut in_string, mut escaped, mut level, mut deepest) = (false, false, 0usize, 0);
    json.retain(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            ' ' | '\t' | '\r' | '\n' => return false,
            '[' | '{' => level += 1,
            ']' | '}' => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
        true
    });
    match deepest > LEVELS {
        true => Err(Error::Json(format!("more than {LEVELS} arrays and objects within each other"))),
        false => Ok(json),
    }
}

/// As long as before, so that an error of the reader names the place in what was given.
fn with_whole_characters(json: &str) -> String {
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut whole, mut at) = (json.to_owned(), 0);
    while let Some(found) = json[at..].find('\\') {
        at += found;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                whole.replace_range(at..at + 6, "\\ufffd");
                6
            }
            (Some(_), _) => 6,
            // The character behind a backslash may be one too.
            (None, _) => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_goes_and_all_else_stays() {
        for (given, kept) in [
            (
                " { \"a b\" :\r\n[ 1.0 ,\t-0, 1e5 , 12345678901234567890123 ] } ",
                r#"{"a b":[1.0,-0,1e5,12345678901234567890123]}"#,
            ),
            (r#" "\" \\" "#, r#""\" \\""#),
            ("\"\u{2028} \u{7f}\u{85}\"", "\"\u{2028} \u{7f}\u{85}\""),
            (r#""\r\n\u2028\u0000""#, r#""\r\n\u2028\u0000""#),
            (r#"{"b":1,"a":2}"#, r#"{"b":1,"a":2}"#),
            ("null", "null"),
            ("1e-999", "1e-999"),
        ] {
            assert_eq!(compact(given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn a_lone_surrogate_becomes_a_replacement_character() {
        for (given, kept) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#"{"\ude00\ud83d\ude00\ud83dx":1}"#, r#"{"\ufffd\ud83d\ude00\ufffdx":1}"#),
            (r#""\\ud83d é\\""#, r#""\\ud83d é\\""#),
            (r#""\uD83D\\é""#, r#""\ufffd\\é""#),
        ] {
            assert_eq!(compact(given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn what_a_reader_may_stumble_over_is_refused_with_its_place() {
        for (bad, place) in [
            ("", "line 1 column 0"),
            ("{\"a\": 1e999}", "out of range at line 1 column"),
            ("[\n\"\\ud83d\", -1E400]", "line 2 column"),
            ("[1 2]", "line 1 column 4"),
            ("1 2", "line 1 column 3"),
            ("\"a\nb\"", "control character"),
            ("\"a\rb\"", "control character"),
            ("NaN", "line 1"),
            ("\"\\u+123\"", "line 1"),
            ("\"\\", "line 1"),
            ("\"\\ud8", "line 1"),
            ("{\"a\":1,}", "line 1 column 8"),
            ("\u{feff}1", "line 1"),
            ("\u{a0}1", "line 1"),
        ] {
            let Err(Error::Json(why)) = compact(bad) else { panic!("{bad:?} is taken") };
            assert!(why.contains(place), "{bad:?}: {why}");
        }
    }

    #[test]
    fn depth_and_length_have_an_end() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(compact(&nested(LEVELS)), Ok(nested(LEVELS)));
        for levels in [LEVELS + 1, 127, 128, VALUE_BYTES / 2] {
            assert!(matches!(compact(&nested(levels)), Err(Error::Json(_))), "{levels}");
        }
        let side_by_side = format!("[{}]", vec!["{}"; LEVELS * 2].join(","));
        assert!(compact(&side_by_side).is_ok());
        let text = |bytes: usize| format!("\"{}\"", "[".repeat(bytes - 2));
        assert!(compact(&text(VALUE_BYTES)).is_ok());
        assert_eq!(compact(&text(VALUE_BYTES + 1)), Err(Error::too_large()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_taken_means_the_same_in_one_line(json in r#"[\[\]{}:, \n\r\t"\\u0-9a-fxE.+-]{0,24}|"\PC*""#) {
            if let Ok(kept) = compact(&json) {
                let meant = ports::json_text::read(&json).unwrap();
                prop_assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), meant);
                prop_assert!(!kept.contains(['\r', '\n']));
                prop_assert_eq!(compact(&kept), Ok(kept.clone()));
            }
        }
    }
}
