//! How many lines an instance may log: a flood is dropped and counted, not written.
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(10);

/// Lines per ten seconds, counted in fixed windows.
#[derive(Debug)]
pub struct LogBudget {
    lines: u32,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    written: u32,
    dropped: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Write it. `dropped` lines were lost in the window before: say so once.
    Write { dropped: u64 },
    /// Do not write it. `first` of this window: say so once.
    Drop { first: bool },
}

impl LogBudget {
    pub fn new(lines: u32) -> Self {
        Self { lines, window: Mutex::new(Window { since: Instant::now(), written: 0, dropped: 0 }) }
    }

    pub fn take(&self) -> Verdict {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let mut dropped = 0;
        if window.since.elapsed() >= WINDOW {
            dropped = window.dropped;
            *window = Window { since: Instant::now(), written: 0, dropped: 0 };
        }
        if window.written < self.lines {
            window.written += 1;
            return Verdict::Write { dropped };
        }
        window.dropped += 1;
        Verdict::Drop { first: window.dropped == 1 }
    }
}

/// Control characters and line ends escaped, cut at a character's end to at most `most` bytes: a guest's text cannot
/// forge a line, move a cursor or fill a disk.
pub fn printable(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() + c.len_utf8() > most {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c if c.is_control() || is_unseen(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// What shows nothing and changes how the rest is read, such as the order of letters: separators of lines, and Unicode's
/// category of format characters.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_dropped_and_said_once() {
        let budget = LogBudget::new(2);
        assert_eq!(budget.take(), Verdict::Write { dropped: 0 });
        assert_eq!(budget.take(), Verdict::Write { dropped: 0 });
        assert_eq!(budget.take(), Verdict::Drop { first: true });
        assert_eq!(budget.take(), Verdict::Drop { first: false });
    }

    #[test]
    fn a_guests_text_cannot_forge_a_line_or_move_the_cursor() {
        assert_eq!(printable("a\nERROR forged\x1b[2J\u{202e}", 1000), "a\\nERROR forged\\u{1b}[2J\\u{202e}");
        assert_eq!(printable("ad\u{200b}min\u{feff}", 1000), "ad\\u{200b}min\\u{feff}");
        assert_eq!(printable("ääää", 5), "ää…");
    }
}
