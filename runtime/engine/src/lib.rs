//! Runs guests. Knows no room and no platform.
//!
//! [`Loaded`] is a component looked through once; a [`Session`] is a task that owns one mailbox and, while there is
//! work, one instance of it.
mod aside;
mod backoff;
mod bindings;
mod commons;
mod cpu;
mod describe;
mod entry;
mod failure;
mod flights;
mod health;
mod limits;
mod load;
mod retry;
mod session;
mod shell;
mod walls;
mod wasi;

pub use bindings::exports::connector::runtime::lifecycle as wit;
pub use bindings::exports::connector::runtime::lifecycle::{
    Descriptor, Form, Place, StartError, StopReason, Tool, UrlRequest,
};
pub use commons::{Commons, MostAlive};
pub use cpu::{Share, Ticker, Ticks};
pub use describe::{Undescribed, describe};
pub use failure::Failure;
pub use health::{Health, LastFailure, Snapshot, State};
pub use limits::Limits;
pub use load::{LoadError, Loaded, engine, imports};
pub use retry::Patience;
pub use session::{Config, Ended, Given, Session, Stop, Watch};
pub use shell::Shell;
pub use walls::Walls;
