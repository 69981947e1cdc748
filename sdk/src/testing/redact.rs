//! Cuts values out of what comes back.

/// What stands where a secret was.
const REDACTED: &[u8] = b"[redacted]";
/// As the real host does: a shorter value would be found by chance in ordinary text.
const VALUE_BYTES: usize = 6;

/// The bytes without the values, exactly as they are; the real host finds other spellings (base64, escapes) too. None:
/// there is none in it.
pub(super) fn redacted<'a>(bytes: &[u8], values: impl Iterator<Item = &'a str>) -> Option<Vec<u8>> {
    let values: Vec<&str> = values.filter(|value| value.len() >= VALUE_BYTES).collect();
    if values.is_empty() {
        return None;
    }
    let (mut clean, mut at, mut found) = (Vec::new(), 0, false);
    while at < bytes.len() {
        // The longest: one value may begin with another.
        let here = values.iter().filter(|value| bytes[at..].starts_with(value.as_bytes()));
        match here.map(|value| value.len()).max() {
            Some(length) => {
                clean.extend_from_slice(REDACTED);
                (at, found) = (at + length, true);
            }
            None => {
                clean.push(bytes[at]);
                at += 1;
            }
        }
    }
    found.then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], values: &[&str]) -> Option<String> {
        redacted(bytes, values.iter().copied()).map(|clean| String::from_utf8_lossy(&clean).into_owned())
    }

    #[test]
    fn a_value_is_cut_wherever_it_stands() {
        let clean = text(b"s3cret, s3cret-2s3cre\xff", &["s3cret", "s3cret-2"]).unwrap();
        assert_eq!(clean, "[redacted], [redacted]s3cre\u{fffd}");
    }

    #[test]
    fn what_is_short_or_not_there_changes_nothing() {
        assert_eq!(text(b"short s3cre", &["short", "", "s3cret"]), None);
    }
}
