//! `runtime`: runs connectors. This file only wires.
#[macro_use]
mod speak;
mod agent;
mod approve;
mod capacity;
mod check;
mod cli;
mod components;
mod control;
mod descriptor;
mod furnish;
mod house;
mod inspect;
mod judging;
mod keeper;
mod keys;
mod late;
mod metrics;
mod offering;
mod plan;
mod rotation;
mod run;
mod state_dir;
mod supervisor;
mod table;
mod ways;
mod worker;

use clap::Parser;
use cli::{Cli, Command};
use ports::log_budget::printable;
use std::process::ExitCode;
use supervisor::Wish;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == worker::WORKER) {
        return worker::serve(arguments);
    }
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Run(run) => run::run(run).await,
            Command::Check(asked) => check::check(asked).await,
            Command::Approve(asked) => approve::approve(asked).await,
            Command::Revoke(asked) => approve::revoke(&asked),
            Command::Inspect(inspect) => inspect::inspect(&inspect).await,
            Command::Status(status) => control::client::status(&status).await,
            Command::Logs(asked) => control::logs::show(&asked).await,
            Command::Pause(asked) => control::client::steer(&asked, Wish::Pause).await,
            Command::Resume(asked) => control::client::steer(&asked, Wish::Resume).await,
            Command::Restart(asked) => control::client::steer(&asked, Wish::Restart).await,
            Command::Call(call) => control::client::call(&call).await,
            Command::Send(send) => control::client::send(&send).await,
            Command::Keys(asked) => control::client::keys(&asked).await,
            Command::Mcp(asked) => offering::stdio(&asked).await,
            Command::Deadletters(asked) => control::deadletters::ask(asked.command).await,
        }
    });
    // A lookup or a compilation that still runs on a thread of its own must not hold up the end.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// One line for what went wrong, one for each cause.
fn failed(error: &anyhow::Error) -> ExitCode {
    // Names that a component gave itself may be in it.
    let clean =
        |text: String| text.lines().map(|line| printable(line, usize::MAX)).collect::<Vec<_>>().join("\n");
    err!("error: {}", clean(error.to_string()));
    for cause in error.chain().skip(1) {
        err!("  because: {}", clean(cause.to_string()));
    }
    ExitCode::FAILURE
}
