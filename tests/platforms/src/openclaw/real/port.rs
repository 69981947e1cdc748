//! A port that stays ours while nobody listens on it.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;
use uuid::Uuid;

/// Below the range from which the system takes ports for outgoing connections: one of those could have it just when the
/// gateway is being restarted.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
const TRIES: usize = 100;

pub(super) fn free() -> anyhow::Result<u16> {
    let random = || {
        let bytes = Uuid::now_v7().into_bytes();
        u16::from_be_bytes([bytes[14], bytes[15]])
    };
    (0..TRIES)
        .map(|_| PORTS.start + random() % (PORTS.end - PORTS.start))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("failed to find a free port of 127.0.0.1")
}
