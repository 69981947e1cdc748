//! Finds values, however they are written, in what comes back.
//!
//! Most texts are short (a header, a frame) and hold nothing: those are looked through once for all needles together. A
//! long one goes through an automaton of all needles, in time that is linear whatever the text holds: a far end knows the
//! value that it gave out, and could send what is almost the value, again and again.
use super::forms::{Depth, Needle, forms};
use super::{MIN_REDACTED_BYTES, REDACTED, Secret};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;
use zeroize::Zeroizing;

#[derive(Default)]
pub(super) struct Redactor {
    /// Sorted by their text.
    needles: Vec<Needle>,
    /// Which first two bytes there are, by [`slot`]: one bit each.
    begins: Box<[u64]>,
    /// In lower case, each once.
    folded: Vec<Zeroizing<String>>,
    /// Bytes of the longest.
    longest: usize,
    /// Of all but the giants; made for the first long text.
    automaton: OnceLock<Option<AhoCorasick>>,
}

/// A longer needle is sought by itself: an automaton takes some 16 bytes for each of its bytes.
const GIANT_BYTES: usize = 16 << 10;

/// Text times longest needle, in bytes, up to which one look for all is worth it. The most that a look can cost is a
/// comparison of a whole needle at every place.
const TOGETHER: usize = 1 << 20;

const SLOTS: usize = 1 << 12;

fn slot(first: u8, second: u8) -> usize {
    (usize::from(first) << 5 ^ usize::from(second)) % SLOTS
}

impl Redactor {
    pub fn new<'a>(secrets: impl Iterator<Item = (&'a Secret, Depth)>) -> Self {
        let mut needles: Vec<Needle> = Vec::new();
        for (secret, depth) in secrets {
            // Who strips blanks from a header sends back what is left.
            let (value, trimmed) = (secret.expose(), secret.expose().trim());
            let values = [value, trimmed].into_iter().take(1 + usize::from(trimmed.len() < value.len()));
            // What is short by itself is not looked for in any form: six hex digits are three letters.
            let long = values.filter(|value| value.len() >= MIN_REDACTED_BYTES);
            needles.extend(long.flat_map(|value| forms(value, depth)));
        }
        needles.retain(|needle| needle.text.len() >= MIN_REDACTED_BYTES);
        needles.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        needles.dedup_by(|again, first| again.text == first.text);
        let mut begins = vec![0; if needles.is_empty() { 0 } else { SLOTS / 64 }].into_boxed_slice();
        for needle in &needles {
            let slot = slot(needle.text()[0], needle.text()[1]);
            begins[slot / 64] |= 1 << (slot % 64);
        }
        let lower = needles.iter().map(|needle| Zeroizing::new(needle.text.to_ascii_lowercase()));
        let mut folded: Vec<Zeroizing<String>> = lower.collect();
        folded.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        folded.dedup();
        let longest = needles.iter().map(|needle| needle.text.len()).max().unwrap_or_default();
        Self { needles, begins, folded, longest, automaton: OnceLock::new() }
    }

    pub fn finds(&self, bytes: &[u8]) -> bool {
        let mut found = false;
        self.look(bytes, |_| {
            found = true;
            false
        });
        found
    }

    /// Whether it is in this name, which may have been written in lower case.
    pub fn finds_folded(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.folded.iter().any(|needle| name.contains(needle.as_str()))
    }

    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let mut copied = 0;
        for range in self.ranges(text.as_bytes()) {
            // Needles are text, and what else is cut is ASCII, so these are boundaries of characters.
            out.push_str(&text[copied..range.start]);
            out.push_str(REDACTED);
            copied = range.end;
        }
        match copied {
            0 => Cow::Borrowed(text),
            _ => Cow::Owned(out + &text[copied..]),
        }
    }

    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut out = Vec::new();
        let mut copied = 0;
        for range in self.ranges(bytes) {
            out.extend_from_slice(&bytes[copied..range.start]);
            out.extend_from_slice(REDACTED.as_bytes());
            copied = range.end;
        }
        if copied == 0 {
            return Cow::Borrowed(bytes);
        }
        out.extend_from_slice(&bytes[copied..]);
        Cow::Owned(out)
    }

    /// What is to be cut, in order and apart from each other. Takes memory for these and not for all that is found: a text
    /// can be made in which something is found at every byte.
    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut apart: Vec<Range<usize>> = Vec::new();
        self.look(bytes, |mut range| {
            // By their ends they come in order, but for the giants.
            let at = apart.partition_point(|known| known.end <= range.start);
            let over = apart[at..].iter().take_while(|known| known.start < range.end).count();
            match over {
                0 => apart.insert(at, range),
                _ => {
                    range.start = range.start.min(apart[at].start);
                    range.end = range.end.max(apart[at + over - 1].end);
                    apart[at] = range;
                    apart.drain(at + 1..at + over);
                }
            }
            true
        });
        apart
    }

    /// Tells of everything that is found, as long as `found` wants to hear of more.
    fn look(&self, bytes: &[u8], found: impl FnMut(Range<usize>) -> bool) {
        match bytes.len().saturating_mul(self.longest) <= TOGETHER {
            true => self.together(bytes, found),
            false => self.by_automaton(bytes, found),
        }
    }

    fn together(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>) -> bool) {
        if self.needles.is_empty() {
            return;
        }
        for (at, pair) in bytes.windows(2).enumerate() {
            let slot = slot(pair[0], pair[1]);
            if self.begins[slot / 64] & 1 << (slot % 64) == 0 {
                continue;
            }
            let rest = &bytes[at..];
            let begin = self.needles.partition_point(|needle| &needle.text()[..2] < pair);
            let same = self.needles[begin..].iter().take_while(|needle| needle.text()[..2] == *pair);
            for needle in same.filter(|needle| rest.starts_with(needle.text())) {
                if !found(cut(bytes, needle, at)) {
                    return;
                }
            }
        }
    }

    fn by_automaton(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>) -> bool) {
        let short: Vec<&Needle> =
            self.needles.iter().filter(|needle| needle.text.len() <= GIANT_BYTES).collect();
        let automaton = self.automaton.get_or_init(|| {
            let mut builder = AhoCorasick::builder();
            builder.kind(Some(AhoCorasickKind::ContiguousNFA)).match_kind(MatchKind::Standard);
            builder.build(short.iter().map(|needle| needle.text())).ok()
        });
        let mut alone: Vec<&Needle> =
            self.needles.iter().filter(|needle| needle.text.len() > GIANT_BYTES).collect();
        match automaton {
            Some(automaton) => {
                for at in automaton.find_overlapping_iter(bytes) {
                    if !found(cut(bytes, short[at.pattern().as_usize()], at.start())) {
                        return;
                    }
                }
            }
            // Never with so few needles.
            None => alone.extend(short),
        }
        for needle in alone.into_iter().filter(|needle| needle.text.len() <= bytes.len()) {
            for at in memmem::find_iter(bytes, needle.text()) {
                if !found(cut(bytes, needle, at)) {
                    return;
                }
            }
        }
    }
}

/// The needle, and the characters of base64 beside it that are partly made of the value.
fn cut(bytes: &[u8], needle: &Needle, at: usize) -> Range<usize> {
    let coded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let end = at + needle.text.len();
    let before = bytes[..at].iter().rev().take(needle.before).take_while(|byte| coded(byte)).count();
    let after = bytes[end..].iter().take(needle.after).take_while(|byte| coded(byte)).count();
    at - before..end + after
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const VALUE: &str = "pa ss/\"wörd'<&>";

    fn redactor(values: &[&str]) -> Redactor {
        let secrets: Vec<Secret> = values.iter().map(|value| Secret::new((*value).to_owned())).collect();
        Redactor::new(secrets.iter().map(|secret| (secret, Depth::Whole)))
    }

    #[test]
    fn a_value_is_found_however_it_is_commonly_written() {
        let redactor = redactor(&[VALUE]);
        for written in [
            VALUE,
            "pa+ss%2F%22w%C3%B6rd%27%3C%26%3E",
            "pa%20ss%2f%22w%c3%b6rd%27%3c%26%3e",
            "pa%20ss%2F%22w%C3%B6rd'%3C%26%3E",
            "pa%20ss/%22w%C3%B6rd'%3C&%3E",
            r#"pa ss/\"wörd'<&>"#,
            r#"pa ss\/\"w\u00f6rd'<&>"#,
            r#"pa ss/\\\"wörd'<&>"#,
            r#"pa ss\\/\\\"w\\u00f6rd'<&>"#,
            r#"pa ss/\"w\u00F6rd'<&>"#,
            "\\u0070\\u0061\\u0020\\u0073\\u0073\\u002f\\u0022\\u0077\\u00f6\\u0072\\u0064\\u0027\\u003c\\u0026\\u003e",
            "pa ss/&quot;wörd&#39;&lt;&amp;&gt;",
            "pa ss/\"wörd'&lt;&amp;&gt;",
            "70612073732f2277c3b67264273c263e",
            "70612073732F2277C3B67264273C263E",
        ] {
            let said = redactor.text(&format!("({written}{written}, {written})")).into_owned();
            assert_eq!(said, "([redacted][redacted], [redacted])", "{written}");
            assert!(redactor.finds(written.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_was() {
        let redactor = redactor(&["aaaaab", "short", "x"]);
        for text in ["", "aaaab", "short", "x", "aaaa", "aaaacaaaac", "[redacted]"] {
            assert!(matches!(redactor.text(text), Cow::Borrowed(same) if same == text));
            assert!(matches!(redactor.bytes(text.as_bytes()), Cow::Borrowed(_)));
        }
        assert_eq!(redactor.text("aaaaaaaabb"), "aaa[redacted]b");
        assert_eq!(*redactor.bytes(b"\xff\xfeaaaaab\xff"), *b"\xff\xfe[redacted]\xff");
    }

    #[test]
    fn values_that_overlap_leave_nothing_between_them() {
        let redactor = redactor(&["abcdef", "defghi", "abcdefghijkl"]);
        assert_eq!(redactor.text("abcdefghi abcdefghijkl defghi"), "[redacted] [redacted] [redacted]");
    }

    #[test]
    fn a_text_in_which_everything_is_found_takes_no_more_memory_than_it_needs() {
        let nested: Vec<String> = (6..40).map(|length| "a".repeat(length)).collect();
        let redactor = redactor(&nested.iter().map(String::as_str).collect::<Vec<_>>());
        let text = "a".repeat(1 << 20);
        let ranges = redactor.ranges(text.as_bytes());
        assert!(ranges.len() == 1 && ranges[0] == (0..text.len()));
        assert_eq!(redactor.text(&text), "[redacted]");
    }

    proptest! {
        #[test]
        fn both_ways_to_look_find_the_same(
            values in prop::collection::vec("[ab/\"]{6,9}", 0..4),
            text in "[ab/\"\\\\]{0,200}",
            bytes in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let redactor = redactor(&values);
            for text in [text.as_bytes(), &bytes] {
                let (mut one, mut other) = (BTreeSet::new(), BTreeSet::new());
                let keep = |set: &mut BTreeSet<_>, range: Range<usize>| {
                    set.insert((range.start, range.end));
                    true
                };
                redactor.together(text, |range| keep(&mut one, range));
                redactor.by_automaton(text, |range| keep(&mut other, range));
                prop_assert_eq!(&one, &other);
                // And what is cut is what a table of every byte says.
                let mut table = vec![false; text.len()];
                one.iter().for_each(|(start, end)| table[*start..*end].fill(true));
                let mut cut = vec![false; text.len()];
                let ranges = redactor.ranges(text);
                ranges.iter().for_each(|range| cut[range.clone()].fill(true));
                prop_assert_eq!(table, cut);
                prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
                prop_assert_eq!(redactor.finds(text), !ranges.is_empty());
            }
        }

        #[test]
        fn base64_is_found_wherever_the_value_stands_in_it(
            value in "[a-zA-Z0-9/+=_.é-]{6,40}",
            before in prop::collection::vec(any::<u8>(), 0..8),
            after in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let redactor = redactor(&[&value]);
            let text = [&before[..], value.as_bytes(), &after[..]].concat();
            for encoded in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(&text)] {
                let said = redactor.text(&encoded).into_owned();
                prop_assert!(said.contains(REDACTED), "{value:?} in {encoded}");
                // No character is left that only the value decides, or decides in part.
                let left: usize = said.replace(REDACTED, "").trim_end_matches('=').len();
                prop_assert!(left * 6 <= (before.len() + after.len()) * 8 + 4, "{said}");
            }
        }

        #[test]
        fn nothing_that_is_cut_can_be_read_and_nothing_else_is_cut(
            value in "[a-zA-Z0-9 \"'<&>/%é€😀]{6,24}",
            before in "[ -~é]{0,20}",
            after in "[ -~é]{0,20}",
        ) {
            let redactor = redactor(&[&value]);
            let said = redactor.text(&format!("{before}{value}{after}")).into_owned();
            prop_assert!(!redactor.finds(said.as_bytes()));
            let bytes = format!("{before}{value}{after}");
            prop_assert_eq!(redactor.bytes(bytes.as_bytes()).into_owned(), said.into_bytes());
        }
    }
}
