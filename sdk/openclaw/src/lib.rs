//! The OpenClaw gateway's WebSocket protocol as pure code: text in, meaning out, and the other way round.
//!
//! Nothing here opens a socket, reads a clock, draws a random number or starts a thread. So the same code serves a
//! host with an event loop of its own and a guest on wasm32-wasip2, and every test can replay a recorded connection.
//!
//! | module | its job |
//! | --- | --- |
//! | [`device`] | the device's id and the text that its key signs |
//! | [`connect`] | the challenge, the `connect` request, the hello |
//! | [`frame`] | one text frame, leniently read |
//! | [`link`] | one connection: answers matched to requests, gaps, silence, deadlines |
//! | [`policy`] | what to do after a refusal or a close |
//! | [`chat`] | the events of a run, folded into what to say |
//! | [`agent`] | the two answers to the method `agent` |
//! | [`history`] | what became of a message whose connection was lost |
//! | [`session`] | session keys: built, compared |
//! | [`text`] | a stranger's text as a message that is never read as a command |
//!
//! One connection goes like this (the caller owns the socket, the clock and the keys):
//!
//! 1. [`link::Link::receive`] gives [`link::Incoming::Challenge`]; the caller signs [`device::Signing::parts`].
//! 2. [`link::Link::connect`] gives the frame to send. The secret is not in it: it goes to [`connect::Auth::pointer`].
//! 3. [`link::Incoming::Hello`] or [`link::Incoming::Refused`] answers; for the latter, and for every close,
//!    [`policy::after`] says what to do.
//! 4. [`link::Link::request`] for each request, [`chat::ChatEvent::read`] and a [`chat::Run`] per run for the replies.
//!
//! An older gateway (`params` for `payload`, `result` for `payload`, error codes that are numbers, `connId` at the
//! top) is understood by the same readers.
//!
//! # Use it when
//!
//! you speak with a gateway over its WebSocket as an operator: to hand over messages, or to watch what its agents do.
//!
//! # Not for
//!
//! - the gateway's HTTP endpoints (an OpenAI-compatible client does for those);
//! - acting as a channel plugin or as a node: neither role is here;
//! - deciding who may speak to an agent. [`text::spoken`] keeps text from being a command; it authenticates nobody.

pub mod agent;
pub mod chat;
pub mod connect;
pub mod device;
mod fate;
pub mod frame;
mod hello;
pub mod history;
mod lenient;
pub mod link;
pub mod policy;
mod problem;
mod run;
pub mod session;
pub mod text;
