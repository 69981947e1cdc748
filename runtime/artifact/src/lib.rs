//! Compiled components on disk, and the child processes in which untrusted ones are compiled and asked who they are.
//!
//! A compiled artefact is machine code that will be run as it is. So each file carries a MAC under a key that only this
//! state directory's owner can read, and only what passes it is loaded. That load is the one `unsafe` call of the
//! house, and it has a file of its own.
//!
//! Compiling takes what time and memory the component's author likes. So [`Workers`] does it in a child process that has
//! limits and can be killed; [`serve`] is that child's side.
mod cache;
mod child;
mod confine;
mod load;
mod name;
mod seal;
mod shelf;
mod workers;

pub use cache::{Cache, Origin, load};
pub use child::{Fault, compile, input, serve};
pub use name::Name;
pub use workers::{Bounds, WorkerError, Workers, this_program};

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot use {path}")]
    Directory {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a key: delete it, and the next start makes a new one and compiles anew")]
    Key { path: PathBuf },
    /// The component is at fault, or its worker: see [`WorkerError`].
    #[error("not a component that can be compiled")]
    Compile(#[source] WorkerError),
    /// The worker is of another build than this program, or what it was given does not fit this machine.
    #[error("its compiled form cannot be loaded: {0:#}")]
    Load(wasmtime::Error),
    #[error("no artefact of our own has the name {0}")]
    Missing(Name),
}
