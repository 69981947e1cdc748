//! File names of records: `key-` or `secret-` and the name in hex. So whatever a guest calls its key is one file in
//! this folder, no two names are one on a file system that does not tell `A` from `a`, and the longest has 135
//! characters, of 255.
use ports::keys::MAX_NAME_BYTES;
use std::fmt::Write;

/// What a record is. Each has its own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Key,
    /// One that arrived.
    Secret,
}

/// Before the name of a file that is being written.
pub const UNFINISHED: &str = "tmp-";

impl What {
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Secret => "secret",
        }
    }
}

/// 1 to 64 bytes without control characters.
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control)
}

pub fn encode(what: What, name: &str) -> String {
    name.bytes().fold(format!("{}-", what.word()), |mut file, byte| {
        let _ = write!(file, "{byte:02x}");
        file
    })
}

/// The reverse; `None` for whatever [`encode`] does not make.
pub fn decode(file: &str) -> Option<(What, String)> {
    let (word, hex) = file.split_once('-')?;
    let what = [What::Key, What::Secret].into_iter().find(|what| what.word() == word)?;
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect::<Option<Vec<u8>>>()?;
    let name = String::from_utf8(bytes).ok()?;
    // Upper case, a sign or half a byte: another file of the same name.
    (is_name(&name) && encode(what, &name) == file).then_some((what, name))
}
