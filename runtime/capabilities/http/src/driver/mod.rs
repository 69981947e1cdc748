//! The outbound HTTP of one instance: checks a request, fills the secrets in, sends it, follows redirects, reads the
//! answer within its bounds. Knows no WIT type and nothing of WebAssembly.
//!
//! Every instance has a [`Client`] of its own, so that connections (and whatever a far end remembers about one) are
//! never shared. It resolves and connects only through [`ports::dial::Dial`] and takes values only from
//! [`ports::secret::Vault::fill`]. No proxy variable is read, nothing is decompressed.
mod body;
mod client;
mod connector;
mod counters;
mod disclose;
mod error;
mod fill;
mod invalid;
mod limits;
mod pool;
mod redirect;
mod request;
#[cfg(test)]
mod tests;

pub use body::Response;
pub use client::Client;
pub use counters::Counts;
pub use error::{FetchError, Sent, TooLarge};
pub use invalid::Invalid;
pub use limits::Limits;
pub use request::Request;
