//! The operator's one file, `runtime.toml`: read, checked, and turned into types that cannot be wrong.
//!
//! Two steps. [`Config::read`] checks all that the file says by itself. [`check`] holds one account against what its
//! connector asks for, once that is known, and fetches its secrets; [`Config::agent`] fetches that of the agent. All
//! report every problem at once, each with its place in the file and what to write instead. No value of a secret is in
//! any report, error or `Debug`.
//!
//! The only I/O: the file itself and the files that hold secrets.
mod account;
mod agent;
mod asked;
mod check;
mod example;
mod file;
mod findings;
mod grants;
mod json;
mod limits;
mod missing;
mod nearest;
mod node;
mod report;
mod schema;
mod secrets;
mod source;
mod template;
#[cfg(test)]
mod tests;
mod toml_text;
mod walk;

pub use account::Account;
pub use agent::{Agent, OpenAi};
pub use asked::{Asked, PlaceAsk, SecretAsk, UrlAsk};
pub use check::{Env, Instance, Options, Outcome, Verdict, check};
pub use file::{Config, MAX_FILE_BYTES};
pub use limits::Limits;
pub use report::{Problem, Report};
