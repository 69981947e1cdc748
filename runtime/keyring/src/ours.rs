//! Whether a file or folder is ours alone. What others may write or read is no place for keys.
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Ours,
    /// Ours, but others may use it too.
    Shared,
    Foreign,
}

pub fn whose(about: &Metadata) -> io::Result<Whose> {
    let us = std::fs::metadata("/proc/self")?.uid();
    Ok(match about.uid() == us {
        false => Whose::Foreign,
        true if about.mode() & 0o077 != 0 => Whose::Shared,
        true => Whose::Ours,
    })
}
