//! What the demo, the whole-house tests and the benches stand on: components built from this tree, and the real
//! `runtime` as a child process.
mod build;
mod child;

pub use build::{Profile, connector, connectors, guest, guests, root, runtime};
pub use child::{Ended, Runtime, Script};
