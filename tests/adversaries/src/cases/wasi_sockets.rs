//! Row 7. Door: the linking: WASI's sockets. Refused, and the import is named.
use crate::guest::Guest;

pub fn component() -> anyhow::Result<Vec<u8>> {
    let mut guest = Guest::new("wasi_sockets");
    guest.package = "package wasi:sockets@0.2.0;\ninterface instance-network { instance-network: func(); }";
    guest.importing("wasi:sockets/instance-network@0.2.0", "instance-network", "").component()
}
