//! The command line.
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Runs third-party connectors for AI agents in sandboxes.
///
/// A connector is a WebAssembly component. It can do exactly what its imports and your grants say: the runtime owns all
/// sockets, timers, secrets and storage.
#[derive(Parser)]
#[command(name = "runtime", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run connectors until Ctrl-C.
    Run(Run),
    /// Say what would start and what it may do, with nothing started.
    Check(Check),
    /// Approve what connectors ask for: shows it and asks.
    Approve(Approve),
    /// Take back what was approved, from the next start on.
    Revoke(Revoke),
    /// Show what a component is, what it imports and what it asks for. Runs it with no capability at all.
    Inspect(Inspect),
    /// Show what the runtime of this state directory is doing.
    Status(Status),
    /// Show the last lines that instances and the runtime logged.
    Logs(Logs),
    /// End an instance in order and close all that it has open, until `resume` or the next start of the runtime.
    Pause(Steer),
    /// Let an instance begin again: after a pause, a quarantine, or a failed start.
    Resume(Steer),
    /// End an instance in order and begin anew: a fresh instance, and fresh sockets.
    Restart(Steer),
    /// Call a tool or a /command of a running instance.
    Call(Call),
    /// Send a message through a running instance, as the agent would by itself.
    Send(Send),
    /// Show the keys of running instances: name, kind, public key.
    Keys(Keys),
    /// Offer tools of running instances to an agent, by the Model Context Protocol on standard input and output.
    Mcp(Mcp),
    /// What could not be delivered: look at it, try it again, drop it.
    Deadletters(Deadletters),
}

#[derive(Args)]
pub struct Run {
    /// Components to run.
    #[arg(required = true, value_name = "WASM")]
    pub components: Vec<PathBuf>,
    /// Configuration. Without this, `runtime.toml` in this folder is read where there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub state: State,
    /// Approve whatever the connectors ask for, as if asked and answered yes: kept until `runtime revoke` (closed address
    /// ranges stay closed).
    #[arg(long)]
    pub grant_requested: bool,
}

#[derive(Args)]
pub struct Check {
    /// Components to judge.
    #[arg(required = true, value_name = "WASM")]
    pub components: Vec<PathBuf>,
    /// Configuration. Without this, `runtime.toml` in this folder is read where there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Approve {
    /// Components whose requests are to be approved.
    #[arg(required = true, value_name = "WASM")]
    pub components: Vec<PathBuf>,
    /// Configuration. Without this, `runtime.toml` in this folder is read where there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Approve all of it without asking. What was approved is kept in the state directory.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Revoke {
    /// `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: String,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Keys {
    /// Only those of this instance: `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Inspect {
    #[arg(value_name = "WASM")]
    pub component: PathBuf,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Status {
    #[command(flatten)]
    pub state: State,
    /// As JSON, with every counter.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Logs {
    /// Only of this instance: `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: Option<String>,
    /// Go on as lines come, until Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,
    /// How many of the last lines. The runtime keeps 200 of each instance.
    #[arg(short = 'n', long, default_value_t = 50)]
    pub lines: usize,
    /// As JSON, one object on each line.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Steer {
    /// `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: String,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Call {
    /// `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: String,
    /// A tool, or a command with its slash.
    pub name: String,
    /// For a tool a JSON object, for a command its text.
    #[arg(default_value = "")]
    pub arguments: String,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Send {
    /// `connector`, `connector/account` or `tenant/connector/account`.
    pub instance: String,
    /// Whom to, as the platform names it, such as a channel id.
    pub to: String,
    pub text: String,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Mcp {
    /// An endpoint of `[mcp]` in the configuration of the runtime that runs.
    pub endpoint: String,
    #[command(flatten)]
    pub state: State,
}

#[derive(Args)]
pub struct Deadletters {
    #[command(subcommand)]
    pub command: DeadlettersCommand,
}

#[derive(Subcommand)]
pub enum DeadlettersCommand {
    /// One line for each, oldest first.
    List {
        /// Only those of this instance: `connector`, `connector/account` or `tenant/connector/account`.
        instance: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        state: State,
    },
    /// One of them with its history, and what people wrote in it.
    Show {
        id: i64,
        #[command(flatten)]
        state: State,
    },
    /// Deliver again, one after the other. What is delivered leaves the list; what fails again stays.
    Retry {
        /// Numbers from the list.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        #[command(flatten)]
        state: State,
    },
    /// Forget them.
    Drop {
        /// Numbers from the list.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        #[command(flatten)]
        state: State,
    },
}

#[derive(Args)]
pub struct State {
    /// Folder for the lock, the control socket, the journal, approvals, keys and compiled components, for its owner only; made where there
    /// is none.
    #[arg(long = "state", value_name = "DIR", default_value_os_t = crate::state_dir::default_folder())]
    pub folder: PathBuf,
}
