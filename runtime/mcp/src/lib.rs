//! Model Context Protocol servers in front of tools that somebody else owns: over Streamable HTTP on this machine's
//! loopback, one endpoint and one token per set of tools, and over a pair of streams (`stdio`).
//!
//! The library `rmcp` speaks the protocol. The HTTP side and the lines of `stdio` are ours, because here they have to
//! bear a client that means harm: its own session manager keeps any number of sessions, ends one whose stream is open,
//! answers a broken body as a wrong media type, and serves newer protocol versions past the sessions.
//!
//! NB: `rmcp` writes whole messages into the log, at `debug` and some at `info`. No arguments are in them, for they
//! travel beside the message, and no header ever reaches it; but results and a client's own words are. Whoever sets up
//! the log silences the target `rmcp`.
mod answer;
mod conversation;
mod desk;
mod gate;
mod hall;
mod house;
mod limits;
mod message;
mod offer;
mod patient;
mod pending;
mod pipe;
mod schema;
mod server;
mod sessions;
mod shelf;
mod stdio;
mod stream;
mod tools;

pub use limits::Limits;
pub use server::{Endpoint, Server};
pub use stdio::{StdioError, stdio};
pub use tools::{CallError, Tool, Toolset};
