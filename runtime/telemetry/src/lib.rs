//! What is told of a running process: its logs, its metrics and its health.
//!
//! Nothing here may hold up what it tells of. A reader of standard error that stops reading costs lines, a slow
//! follower of the log misses some, a slow client of the endpoint is cut off; each is counted or said.
mod cut;
mod endpoint;
mod filter;
mod follow;
mod gate;
mod keep;
mod logs;
mod metrics;
mod outlet;
mod page;
mod panics;
mod queue;
mod rings;
mod text;

pub use endpoint::{Endpoint, listen};
pub use follow::{Follow, Followed};
pub use logs::{Closing, Logs, init};
pub use metrics::{Family, Health, Kind, Row, Source};
pub use rings::Line;
