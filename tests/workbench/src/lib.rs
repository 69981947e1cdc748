//! What the demo, the whole-house tests and the benches stand on: components built from this tree, and the real
//! `runtime` as a child process, in a folder in which it can die and start again.
mod build;
mod child;
mod home;
mod log;
mod strace;

pub use build::{Profile, connector, connectors, guest, guests, root, runtime, target};
pub use child::{Ended, Runtime};
pub use home::{Home, Script};
pub use strace::Strace;
