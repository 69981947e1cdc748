//! Row 7. Door: the linking: the folders that WASI opens beforehand. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wasi_preopens");
    guest.package = "package wasi:filesystem@0.2.0;\ninterface preopens { get: func(); }";
    guest.importing("wasi:filesystem/preopens@0.2.0", "get", "").component()
}
