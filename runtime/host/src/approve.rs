//! The operator's yes to what a connector asks for: asked for on the terminal, kept in the state directory.
use crate::cli::Approve;
use crate::judging::{self, Judged};
use crate::plan::Plan;
use crate::state_dir;
use anyhow::{Context, bail};
use config::{Approvals, Report, Unapproved};
use ports::clock::epoch_ms;
use ports::log_budget::printable;
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::path::Path;
use std::process::ExitCode;
use tokio::task::spawn_blocking;

/// Who says yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yes {
    /// The command line did, to everything.
    Said,
    /// Whoever sits at the terminal.
    Asked,
    /// Nobody is there.
    Nobody,
}

impl Yes {
    pub fn of(said: bool) -> Self {
        match said {
            true => Self::Said,
            false if stdin().is_terminal() && stderr().is_terminal() => Self::Asked,
            false => Self::Nobody,
        }
    }
}

/// `runtime approve`.
pub async fn approve(asked: Approve) -> anyhow::Result<ExitCode> {
    let yes = Yes::of(asked.yes);
    let folder = &asked.state.folder;
    let judged = judging::judge(asked.config.as_deref(), folder, &asked.components).await?;
    let Judged { plan, approvals, .. } = match judged {
        Ok(judged) => judged,
        Err(Report(problems)) => return judging::refuse(&problems),
    };
    if plan.unapproved.is_empty() {
        println!("nothing to approve: what is asked for is granted");
        return Ok(ExitCode::SUCCESS);
    }
    if yes == Yes::Nobody {
        bail!("no terminal to ask at: say --yes to approve all that is asked for");
    }
    state_dir::make(folder)?;
    let left = settle(&plan, approvals, folder, yes).await?;
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks for each and keeps the answers; how many were not approved.
pub async fn settle(plan: &Plan, mut approvals: Approvals, folder: &Path, yes: Yes) -> anyhow::Result<usize> {
    let mut left = 0;
    for unapproved in &plan.unapproved {
        let approved = match yes {
            Yes::Said => true,
            Yes::Nobody => false,
            Yes::Asked => {
                let text = question(unapproved);
                spawn_blocking(move || ask(&text)).await??
            }
        };
        match approved {
            true => approvals.approve(&unapproved.id, &unapproved.request, epoch_ms()),
            false => left += 1,
        }
    }
    if left < plan.unapproved.len() {
        let path = state_dir::approvals(folder);
        approvals.write(&path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(left)
}

fn question(asked: &Unapproved) -> String {
    let head = match asked.approved_before {
        true => format!("{} asks for more than was approved:", asked.id),
        false => format!("{} asks to:", asked.id),
    };
    let lines: Vec<String> =
        asked.beyond.iter().map(|line| format!("  {}\n", printable(line, usize::MAX))).collect();
    format!("\n{head}\n{}Approve? [y/N] ", lines.concat())
}

fn ask(text: &str) -> anyhow::Result<bool> {
    eprint!("{text}");
    stderr().flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
