//! The hostile host, through clients that have no opinion about it: bytes by hand, hyper, tokio-rustls, tungstenite.

mod answers;
mod client;
mod echo;
mod recorder;
mod socket;
mod tls;
