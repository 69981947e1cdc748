//! What rooms and host agree on that has nothing to do with WebAssembly: who an instance is, where it may reach,
//! which secret may go where, how a connection is made, what outlives the process, and who answers.
//!
//! A room asks through these ports; the host composes the real thing behind them. Nothing here opens a socket or
//! reads a file.
pub mod address;
pub mod agent;
mod ages;
pub mod clock;
pub mod dial;
pub mod identity;
pub mod journal;
pub mod json_test;
pub mod json_text;
pub mod keys;
pub mod limit;
pub mod log_budget;
pub mod loopback;
pub mod mailbox;
pub mod rate;
pub mod reach;
pub mod schema;
pub mod secret;
pub mod store;
