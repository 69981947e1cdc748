//! What connectors publish: retained state, and the event stream over it.
//!
//! A connector sets and removes keys; the board keeps the last value of each. A watcher who comes late gets the whole
//! picture first, then the changes. Nobody who watches can hold up a connector: what waits for a slow watcher is a
//! set of keys. [`Stream`] shows the board to programs on this machine, over HTTP.
mod board;
mod error;
mod filter;
#[cfg(test)]
mod model;
mod shelf;
mod stream;
mod value;
mod waiting;
mod watch;

pub use board::{Board, Most, Seat};
pub use error::{Error, KEY_BYTES};
pub use filter::{Filter, Keys};
pub use stream::{Limits, Stream};
pub use value::VALUE_BYTES;
pub use watch::{Change, Seen, Watch};
