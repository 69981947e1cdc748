//! What an author of a connector imports: one module per room of the contract, with the same name.
//!
//! A connector bridges an outside platform to an AI agent. It is a struct: [`Connector`] says who it is and how it
//! starts, one handler trait per room receives that room's events, and [`connector!`] exports it.
//!
//! ```
//! use sdk::{Connector, Descriptor, Disposition, Event, Instance, StartError, log, websocket};
//!
//! struct Parrot;
//!
//! impl Connector for Parrot {
//!     type Config = sdk::NoConfig;
//!
//!     fn describe() -> Descriptor {
//!         Descriptor::new("parrot", "Parrot", env!("CARGO_PKG_VERSION"))
//!             .url("wss://parrot.example/talk", "hear and repeat")
//!     }
//!
//!     async fn start(_: Instance, _: sdk::NoConfig) -> Result<Self, StartError> {
//!         websocket::subscribe("talk", "wss://parrot.example/talk", websocket::Options::default())?;
//!         Ok(Parrot)
//!     }
//! }
//!
//! impl websocket::Handler for Parrot {
//!     async fn on_message(&self, event: Event, name: String, frame: websocket::Frame) -> Disposition {
//!         if let Err(error) = websocket::send(&name, frame).await {
//!             log::warn!("could not repeat: {error}", attempt = event.attempt);
//!         }
//!         Disposition::Done
//!     }
//! }
//!
//! sdk::connector!(Parrot: websocket);
//! ```
//!
//! # What the SDK sees to
//!
//! - **Order.** Handlers overlap, but each runs up to its first await before the next begins. So what must happen in
//!   the order of the events ([`agent::dispatch`] above all) belongs before the first await.
//! - **State.** Handlers take `&self`; what changes stands in a [`State`], which can't stay borrowed over an await.
//! - **Panics** are written to the operator's log before the instance ends. The host starts a new one and delivers the
//!   events that were in flight again, with a higher [`Event::attempt`].
//! - **Tests** run natively: off wasm every call goes to a [`host::Host`], such as [`testing::FakeHost`].
//!
//! A handler may wait for time and for the host, not for another handler (a channel, an async mutex): that needs the
//! feature `wakeups`, and traps without it.

pub mod agent;
pub mod crypto;
mod export;
pub mod http;
mod lifecycle;
pub mod log;
pub mod publish;
mod running;
pub mod secrets;
mod state;
pub mod status;
pub mod store;
pub mod timers;
pub mod tools;
mod turnstile;
mod types;
pub mod websocket;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod guest;
#[cfg(not(target_family = "wasm"))]
pub mod host;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

#[cfg(target_family = "wasm")]
use guest::calls;
#[cfg(not(target_family = "wasm"))]
use host::calls;

pub use lifecycle::{
    CaptureRequest, Command, Connector, Descriptor, Hint, Instance, NoConfig, PlaceRequest, SecretRequest,
    StartError, StopReason, Tool, UrlRequest,
};
pub use state::State;
pub use types::{Disposition, Event, Fill, Form, JsonTest, Place};

/// Keeps the README's example compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
