//! Whether the gateways do what their clients' tests rely on.

mod client;
mod crashes;
mod handshake;
mod real;
mod runs;
