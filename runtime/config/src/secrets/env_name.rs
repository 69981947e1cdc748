//! The name of an environment variable. A token that somebody pastes in its place can be a valid name.
use std::fmt;

/// Longest name.
const MAX_BYTES: usize = 128;

/// Longest name that is shown where no variable has it: tokens are longer than what people call their variables.
const MAX_SHOWN_BYTES: usize = 64;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EnvName(String);

impl EnvName {
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        (first && text.len() <= MAX_BYTES && text.bytes().all(is_name)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it looks like the names that people choose, so that a report may show it.
    pub fn is_usual(&self) -> bool {
        self.0.len() <= MAX_SHOWN_BYTES && !self.0.contains(|c: char| c.is_ascii_lowercase())
    }

    /// What is said where no variable has it.
    pub fn unset(&self) -> String {
        match self.is_usual() {
            true => format!("environment variable {} is not set", self.0),
            false => "the environment variable that is named here is not set".into(),
        }
    }
}

impl fmt::Debug for EnvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_usual() { &self.0 } else { "…" })
    }
}
