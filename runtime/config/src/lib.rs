//! The operator's one file, `runtime.toml`: read, checked, and turned into types that cannot be wrong.
//!
//! Two steps. [`Config::read`] checks all that the file says by itself. [`check`] holds one account against what its
//! connector asks for, once that is known, and fetches its secrets; [`Config::agent`], [`Config::egress`] and
//! [`Config::keyring`] fetch what their tables name. All report every problem at once, each with its place in the file
//! and what to write instead. No value of a secret is in any report, error or `Debug`.
//!
//! What a connector asks for is a [`Request`]. The operator writes out what it gets, or approves the request as it is:
//! in the file by its digest, at a terminal into the [`Approvals`]. What was approved is never more than was shown.
//!
//! The only I/O: the file itself, the files that hold secrets and certificates, and the approvals.
mod account;
mod agent;
mod approvals;
mod asked;
mod check;
mod compiler;
mod covers;
mod doors;
mod egress;
mod example;
mod file;
mod findings;
mod grants;
mod instance;
mod json;
mod keyring;
mod limits;
mod loopback;
mod missing;
mod nearest;
mod node;
mod notes;
mod regular_file;
mod report;
mod request;
mod schema;
mod secrets;
mod source;
mod telemetry;
mod template;
#[cfg(test)]
mod tests;
mod toml_text;
mod walk;
mod wanted;
mod wording;

pub use account::Account;
pub use agent::{Agent, OpenAi, OpenClaw};
pub use approvals::{Approvals, BadApprovals};
pub use asked::{Asked, CaptureAsk, PlaceAsk, SecretAsk, UrlAsk};
pub use check::{Env, Outcome, Unapproved, Verdict, check};
pub use compiler::CompilerSettings;
pub use doors::{EventsSettings, McpEndpoint, McpSettings};
pub use egress::{ClientCertificate, Egress, InstanceEgress, Pem, ProxyChoice, ProxyNames, ProxySettings};
pub use file::{Config, MAX_FILE_BYTES};
pub use instance::{Instance, SecretFile};
pub use keyring::KeyringSettings;
pub use limits::Limits;
pub use report::{Problem, Report};
pub use request::Request;
pub use secrets::read_secret;
pub use wording::rule as shown_rule;
