//! What rooms and host agree on that has nothing to do with WebAssembly: who an instance is, where it may reach,
//! which secret may go where, and how a connection is made.
//!
//! A room asks through these ports; the host composes the real thing behind them. Nothing here opens a socket or
//! reads a file.
pub mod address;
pub mod dial;
pub mod identity;
pub mod json_test;
pub mod log_budget;
pub mod mailbox;
pub mod reach;
pub mod secret;
