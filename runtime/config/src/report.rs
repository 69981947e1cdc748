//! What is wrong, said like a compiler says it.
use crate::findings::Draft;
use crate::source::{Source, Span};
use ports::log_budget::printable;
use std::fmt;

/// One thing that is wrong, or worth a warning. `Display` is what an operator reads:
///
/// ```text
/// runtime.toml:12:18: connectors.occum.accounts.default.limits.sockets: 999 is out of range; write 0 to 256
/// 12 | limits = { sockets = 999 }
///    |                      ^^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    file: String,
    position: Option<(usize, usize)>,
    path: String,
    what: String,
    help: String,
    excerpt: String,
    lines: String,
}

/// Longest text of one problem. Parts of it come from connectors and from the file.
const MAX_TEXT_BYTES: usize = 2048;

impl Problem {
    pub(crate) fn render(draft: &Draft, source: &Source, hidden: &[Span]) -> Self {
        let span = draft.span.as_ref();
        Self {
            file: source.name.clone(),
            position: span.map(|span| source.position(span.start)),
            path: printable(&draft.path, MAX_TEXT_BYTES),
            what: printable(&draft.what, MAX_TEXT_BYTES),
            help: printable(&draft.help, MAX_TEXT_BYTES),
            excerpt: span.map(|span| source.excerpt(span, hidden)).unwrap_or_default(),
            lines: draft.lines.clone(),
        }
    }

    /// Of a file that could not be read.
    pub(crate) fn unread(file: &str, what: String, help: &str) -> Self {
        let [path, excerpt, lines] = Default::default();
        Self { file: file.into(), position: None, path, what, help: help.into(), excerpt, lines }
    }

    /// Line and column in the file, both from 1; the column counts characters.
    pub fn position(&self) -> Option<(usize, usize)> {
        self.position
    }

    /// Nothing in the file can mend it: the connector is at fault.
    pub fn is_the_connectors(&self) -> bool {
        self.position.is_none() && self.path.starts_with("connector ")
    }

    /// The key that it is about, such as `connectors.occum.accounts.default.config`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        for part in [&self.excerpt, &self.lines] {
            if !part.is_empty() {
                write!(f, "\n{}", part.trim_end())?;
            }
        }
        Ok(())
    }
}

/// Everything that is wrong with a file, in its order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(pub Vec<Problem>);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if nth == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
