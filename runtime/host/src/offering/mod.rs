//! What the agents are offered: the connectors' tools and a tool that sends through any of them, one set for each endpoint.
mod catalogue;
mod doors;
mod far;
mod stdio;
mod toolset;

pub use catalogue::Catalogue;
pub use doors::{Doors, open};
pub use far::{as_json, outcome};
pub use stdio::stdio;
pub use toolset::Sets;
