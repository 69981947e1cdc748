//! The text of the file, for showing the line of a problem. What may be a secret is hidden before a line is shown.
use crate::node::Said;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

mod unreadable;

/// Byte positions in the file.
pub(crate) type Span = Range<usize>;

pub(crate) struct Source {
    pub name: String,
    text: String,
    hidden: OnceLock<Vec<Span>>,
}

/// Only the name: a line can hold a secret that somebody wrote into it.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name)
    }
}

/// Characters of a line that are shown at once; a longer one is cut around the place.
const SHOWN_CHARS: usize = 100;
/// Bytes of a line that are looked at on each side of the place.
const SHOWN_BYTES: usize = 1024;

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into(), hidden: OnceLock::new() }
    }

    /// For good: no excerpt shows these. To be said once, when all of the file is read.
    pub fn hide(&self, hidden: Vec<Span>) {
        let _ = self.hidden.set(hidden);
    }

    /// From where relative paths in the file are read.
    pub fn folder(&self) -> PathBuf {
        Path::new(&self.name).parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Line and column in characters, both from 1.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        let number = self.text[..line.start].matches('\n').count() + 1;
        (number, self.text[line.start..self.floor(at)].chars().count() + 1)
    }

    /// Where something is said, for errors that come later: `runtime.toml:3:9: egress.proxy`.
    pub fn place<T>(&self, said: &Said<T>) -> String {
        let (line, column) = self.position(said.span.start);
        format!("{}:{line}:{column}: {}", self.name, said.path)
    }

    /// The line of `span` as a compiler shows it, a caret under the place; `hidden` parts are shown as `…`.
    pub fn excerpt(&self, span: &Span, hidden: &[Span]) -> String {
        let (number, _) = self.position(span.start);
        let line = self.line_of(span.start);
        let end = span.end.max(span.start + 1);
        let mut shown: Vec<(char, bool)> = Vec::new();
        let mut was_hidden = false;
        // Only what is near: a line can be as long as the file.
        let from = self.floor(line.start.max(span.start.saturating_sub(SHOWN_BYTES)));
        let to = self.floor(line.end.min(span.start + SHOWN_BYTES)).max(from);
        let hidden = hidden.iter().chain(self.hidden.get().into_iter().flatten());
        let near: Vec<_> = hidden.filter(|range| range.start < to && range.end > from).collect();
        for (at, c) in self.text[from..to].char_indices().map(|(at, c)| (at + from, c)) {
            let is_hidden = near.iter().any(|range| range.contains(&at));
            let marked = (span.start..end).contains(&at);
            match is_hidden {
                true if was_hidden => {}
                true => shown.push(('…', marked)),
                false if c.is_control() => shown.push((' ', marked)),
                false => shown.push((c, marked)),
            }
            was_hidden = is_hidden;
        }
        if !shown.iter().any(|(_, marked)| *marked) {
            shown.push((' ', true));
        }
        let first = shown.iter().position(|(_, marked)| *marked).unwrap_or_default();
        let skip = if shown.len() > SHOWN_CHARS { first.saturating_sub(SHOWN_CHARS / 2) } else { 0 };
        let shown: Vec<_> = shown.into_iter().skip(skip).take(SHOWN_CHARS).collect();
        let text: String = shown.iter().map(|(c, _)| c).collect();
        let carets: String = shown.iter().map(|(_, marked)| if *marked { '^' } else { ' ' }).collect();
        let (number, gap) = (number.to_string(), " ".repeat(number.to_string().len()));
        format!("{number} | {}\n{gap} | {}", text.trim_end(), carets.trim_end())
    }

    fn line_of(&self, at: usize) -> Span {
        let at = self.floor(at);
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        start..end
    }

    fn floor(&self, at: usize) -> usize {
        self.text.floor_char_boundary(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_its_place_even_after_hidden_text() {
        let source = Source::new("f", "a = 1\nb = \"täst\", c = 2\n");
        let c = source.text.find("c =").unwrap();
        assert_eq!(source.position(c), (2, 13));
        let hidden = 11..source.text.find("\", c").unwrap();
        assert_eq!(source.excerpt(&(c..c + 1), &[hidden]), "2 | b = \"…\", c = 2\n  |          ^");
    }

    #[test]
    fn the_end_of_the_file_and_a_very_long_line_can_be_shown() {
        let source = Source::new("f", "a = ");
        assert_eq!(source.excerpt(&(4..4), &[]), "1 | a =\n  |     ^");
        let text = format!("a = {}b{}", "x".repeat(500), "y".repeat(500));
        let shown = Source::new("f", &text).excerpt(&(504..505), &[]);
        assert!(shown.chars().count() < 300 && shown.contains('b') && shown.ends_with('^'), "{shown}");
    }
}
