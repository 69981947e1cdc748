//! Text of strangers, made printable and cut while it is formatted: what is too long is never there as a whole.
use ports::log_budget::printable;
use std::fmt::{self, Write};
use tracing::field::{Field, Visit};

/// Longest text of a line that is kept in memory.
pub const TEXT_BYTES: usize = 4 << 10;

/// Longest name of an instance: its three parts have at most 64 characters each.
const NAME_BYTES: usize = 256;

/// The field by which a line or a span belongs to an instance.
const CONNECTOR: &str = "connector";

/// What was over is told by this.
const CUT: char = '…';

/// Room for one escaped character and [`CUT`]: by so much `printable` may go over.
const OVER: usize = 16;

/// As `printable`, and never longer than `most` bytes.
pub fn at_most(text: &str, most: usize) -> String {
    let clean = printable(text, most);
    if clean.len() <= most { clean } else { printable(text, most.saturating_sub(OVER)) }
}

/// Message and fields of one event as a printable line, without the field that names the instance.
pub struct Told {
    pub text: Bounded,
    pub connector: Option<String>,
}

impl Default for Told {
    fn default() -> Self {
        Self { text: Bounded::new(TEXT_BYTES), connector: None }
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            CONNECTOR => self.connector = Some(at_most(value, NAME_BYTES)),
            "message" => self.put(field, format_args!("{value}")),
            _ => self.put(field, format_args!("{value:?}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            CONNECTOR => self.connector = Some(name(value)),
            _ => self.put(field, format_args!("{value:?}")),
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, format_args!("{value}"));
    }
}

impl Told {
    /// An error means that the line is full: then the rest is left out.
    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let between = if self.text.is_empty() { "" } else { " " };
        let _ = match field.name() {
            "message" => write!(self.text, "{between}{value}"),
            // Where a line of the crate `log` came from.
            name if name.starts_with("log.") => Ok(()),
            name => write!(self.text, "{between}{name}={value}"),
        };
    }
}

/// Looks for nothing but the instance.
#[derive(Default)]
pub struct Whose(pub Option<String>);

impl Visit for Whose {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == CONNECTOR {
            self.0 = Some(at_most(value, NAME_BYTES));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == CONNECTOR {
            self.0 = Some(name(value));
        }
    }
}

fn name(value: &dyn fmt::Debug) -> String {
    let mut name = Bounded::new(NAME_BYTES);
    let _ = write!(name, "{value:?}");
    name.into_string()
}

/// Takes text until it is full.
pub struct Bounded {
    out: String,
    most: usize,
    full: bool,
}

impl Bounded {
    pub fn new(most: usize) -> Self {
        Self { out: String::new(), most: most - OVER, full: false }
    }

    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    pub fn into_string(mut self) -> String {
        self.out.shrink_to_fit();
        self.out
    }
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        self.out.push_str(&printable(text, self.most - self.out.len()));
        if self.out.len() >= self.most {
            self.full = true;
            if !self.out.ends_with(CUT) {
                self.out.push(CUT);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_printable_and_never_over_its_bound() {
        for bad in ["x", "\u{1b}", "\n", "ä", "\u{202e}", "🎈"] {
            for most in 20..60 {
                let mut text = Bounded::new(most);
                for _ in 0..100 {
                    let _ = write!(text, "{bad}{bad}");
                }
                let text = text.into_string();
                assert!(text.len() <= most && text.ends_with('…'), "{most}: {text:?}");
                assert!(!text.contains(char::is_control) && !text.contains('\u{202e}'), "{text:?}");
                assert!(at_most(&bad.repeat(100), most).len() <= most);
            }
        }
        assert_eq!(at_most("exact", 5), "exact");
    }
}
