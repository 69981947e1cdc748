//! Row 7. Door: the linking: WASI's HTTP. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wasi_http");
    guest.package = "package wasi:http@0.2.0;\ninterface outgoing-handler { handle: func(); }";
    guest.importing("wasi:http/outgoing-handler@0.2.0", "handle", "").component()
}
