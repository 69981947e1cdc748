//! A stranger's text as a message that the gateway never reads as a command.

/// The longest text, in bytes.
pub const LONGEST_TEXT: usize = 512 << 10;

/// The longest label that is kept, in characters.
const LABEL_CHARS: usize = 64;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unspeakable {
    #[error("speak a text: it is empty")]
    Empty,
    #[error("speak a text: it has a NUL character, which the gateway refuses")]
    Nul,
    #[error("speak a text of {bytes} bytes: more than {LONGEST_TEXT}; cut it or send it as an attachment")]
    TooLong { bytes: usize },
}

/// The message `From <label>: <text>`, for the method `agent`. The prefix is ours, so that no text and no label is ever
/// a leading `/new`. The label is brought into one line without control characters and cut. It tells the agent who
/// speaks; it proves nothing, since a text can hold such a line too.
///
/// Not for `chat.send`: there the gateway takes such a prefix off again before it looks for commands, and reads
/// directives such as `/think:high` anywhere.
///
/// # Errors
/// The text is empty, has a NUL, or is too long.
pub fn spoken(sender_label: &str, text: &str) -> Result<String, Unspeakable> {
    if text.len() > LONGEST_TEXT {
        return Err(Unspeakable::TooLong { bytes: text.len() });
    }
    if text.trim().is_empty() {
        return Err(Unspeakable::Empty);
    }
    if text.contains('\0') {
        return Err(Unspeakable::Nul);
    }
    Ok(format!("From {}: {text}", label(sender_label)))
}

fn label(raw: &str) -> String {
    let spaced = raw.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter });
    let visible: String = spaced.filter(|letter| !is_hidden(*letter)).collect();
    let words: Vec<_> = visible.split(' ').filter(|word| !word.is_empty()).collect();
    let cut: String = words.join(" ").chars().take(LABEL_CHARS).collect();
    if cut.is_empty() { "someone".to_owned() } else { cut.trim_end().to_owned() }
}

/// Controls, and the marks that change how the rest of a line looks without being seen.
fn is_hidden(letter: char) -> bool {
    let marks =
        ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}', '\u{feff}'..='\u{feff}'];
    letter.is_control() || marks.iter().any(|range| range.contains(&letter))
}
