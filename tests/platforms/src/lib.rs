//! Far ends for tests, the demo and the bench: chat platforms that run in this process and do what they are told.
//!
//! Each module is one platform, written from its description and never from a connector, so that the two can
//! disagree. A platform listens on a real port of 127.0.0.1, is as strict as the real thing would be, fails on
//! command and remembers what happened to it.
//!
//! `fort` is no platform: it is the host that wants your secrets, and remembers every byte it was sent. Nor is `haunt`,
//! where connectors go that mean harm, and which has no protocol but sockets and requests.
//!
//! Use when something has to talk to a whole platform. Not for one capability alone: the rooms have loopback far
//! ends of their own.

pub mod fort;
pub mod haunt;
pub mod occum;
pub mod openai;
pub mod openclaw;
mod port;
