//! The key ring in a folder: keys that a guest names and never sees, and secrets that platforms handed out, each a file
//! sealed under the operator's key.
//!
//! *Use when* one process owns its state directory. *Not for* keys that several machines share, or that must not be in
//! this process: stand another implementation of [`ports::keys::KeyRing`] beside this one.
//!
//! Whoever reads the folder learns who has how many keys, of which names and sizes, and nothing else; whoever writes it
//! can delete a record or bring back a former one, but not make one, nor give it to another instance or name. Whoever
//! also has the operator's key has everything.
mod arrivals;
mod desk;
mod disk;
mod fault;
mod file_name;
mod folder;
mod held;
mod key_file;
mod line;
mod open;
mod operator_key;
mod ours;
mod record;
mod ring;
mod seal;
mod survey;
#[cfg(test)]
mod tests;

pub use key_file::KeyFileError;
pub use open::OpenError;
pub use operator_key::{BadKey, OperatorKey};
pub use ring::{Clock, Ring};
pub use survey::Survey;
