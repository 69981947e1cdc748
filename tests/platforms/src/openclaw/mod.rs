//! An agent's gateway that speaks OpenClaw's protocol: the real one, offline with a fake model, and a scripted one for what
//! the real one does rarely.
//!
//! Use `real` to see that something works with OpenClaw as people install it: a start takes ten seconds and a gigabyte.
//! Use `scripted` for everything that has to happen at the right moment: refusals, gaps, lost connections, crashes.

pub mod real;
pub mod scripted;
