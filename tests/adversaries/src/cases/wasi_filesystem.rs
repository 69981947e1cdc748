//! Row 7. Door: the linking: WASI's files. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wasi_filesystem");
    guest.package = "package wasi:filesystem@0.2.0;\ninterface types { link: func(); }";
    guest.importing("wasi:filesystem/types@0.2.0", "link", "").component()
}
