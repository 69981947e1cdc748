//! Crash tests: the real `runtime` is killed, restarted, starved of disk and network at points that a seed chooses, and
//! afterwards every message must have been answered, once, in order.
//!
//! `plan` draws what happens from a seed; `play` makes it happen; `oracle` compares what the far end saw with what it
//! should have seen. `synced` watches the system calls of an undisturbed run: no answer leaves before its data is on
//! disk, which no kill can show, because the kernel outlives the process.
mod oracle;
mod plan;
mod play;
mod suite;
mod synced;
mod timeline;

pub use plan::Plan;
pub use suite::{Suite, Verdict, blind, print};
pub use synced::answers_wait_for_the_disk;

/// What is tested.
#[derive(Clone, Debug)]
pub struct Subject {
    pub runtime: std::path::PathBuf,
    /// The occum connector.
    pub component: std::path::PathBuf,
}

impl Subject {
    /// Built from this tree.
    pub fn built() -> anyhow::Result<Self> {
        Ok(Self {
            runtime: workbench::runtime(workbench::Profile::Dev)?,
            component: workbench::connector("occum")?,
        })
    }
}
