//! Native tests of a connector: a host that only pretends, time that stands still, and a driver that delivers events.
//!
//! ```
//! # use sdk::{Connector, Descriptor, Disposition, Event, Instance, StartError, websocket};
//! # struct Parrot;
//! # impl Connector for Parrot {
//! #     type Config = sdk::NoConfig;
//! #     fn describe() -> Descriptor { Descriptor::new("parrot", "Parrot", "1.0.0") }
//! #     async fn start(_: Instance, _: sdk::NoConfig) -> Result<Self, StartError> { Ok(Parrot) }
//! # }
//! # impl websocket::Handler for Parrot {
//! #     async fn on_message(&self, _: Event, name: String, frame: websocket::Frame) -> Disposition {
//! #         websocket::send(&name, frame).await.ok();
//! #         Disposition::Done
//! #     }
//! # }
//! use sdk::testing::{Driver, FakeHost};
//!
//! let host = FakeHost::new();
//! let parrot = Driver::<Parrot>::start(&host, serde_json::json!({})).unwrap();
//! assert_eq!(parrot.receives("talk", "hi").answer(), Disposition::Done);
//! assert_eq!(host.story(), ["talk < hi"]);
//! ```

mod arrival;
mod call;
mod clock;
mod driver;
mod fake;
mod kept;
mod redact;
mod ring;
mod script;
mod secrets;
mod sums;
mod tasks;

pub use call::Call;
pub use driver::Driver;
pub use fake::FakeHost;
pub use script::Script;
pub use tasks::Outcome;
