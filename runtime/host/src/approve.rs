//! The operator's yes to what a connector asks for: asked for on the terminal, kept in the state directory.
use crate::cli::{Approve, Revoke};
use crate::judging::{self, Judged, count};
use crate::state_dir;
use anyhow::{Context, bail};
use config::{Approvals, Report, Request, Unapproved};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::log_budget::printable;
use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Who says yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yes {
    /// The command line did, to everything.
    Said,
    /// Whoever sits at the terminal, and for so long.
    Asked { within: Option<Duration> },
    /// Nobody is there.
    Nobody,
}

impl Yes {
    pub fn of(said: bool) -> Self {
        match said {
            true => Self::Said,
            false if stdin().is_terminal() && stderr().is_terminal() && is_in_front() => {
                Self::Asked { within: None }
            }
            false => Self::Nobody,
        }
    }
}

/// Longer than anybody sits there.
const FOR_EVER: Duration = Duration::from_secs(86_400);

/// Whether the terminal is ours to read: who reads it from the background is stopped, and everything with it. Fields 5
/// and 8 of proc_pid_stat(5); behind the name of the program, which can hold anything.
fn is_in_front() -> bool {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    matches!((fields.get(2), fields.get(5)), (Some(group), Some(front)) if group == front)
}

/// `runtime approve`.
pub async fn approve(asked: Approve) -> anyhow::Result<ExitCode> {
    let yes = Yes::of(asked.yes);
    let folder = &asked.state.folder;
    let judged = judging::judge(asked.config.as_deref(), folder, &asked.components).await?;
    let Judged { plan, refused } = match judged {
        Ok(judged) => judged,
        Err(Report(problems)) => return judging::refuse(&problems),
    };
    for it in &refused {
        err!("{} is refused:\n{}\n", it.path.display(), it.why);
    }
    // What an instance lacks besides does not keep it from being approved.
    let wanting: Vec<&Unapproved> = plan.unapproved.iter().chain(&plan.lacking_too).collect();
    for missing in plan.missing.iter().filter(|it| wanting.iter().all(|asks| asks.id != it.id)) {
        err!("{} is not configured:\n{}\n", missing.id, missing.what.join("\n"));
    }
    if wanting.is_empty() {
        return match (plan.ready.is_empty(), plan.missing.is_empty()) {
            (false, true) if refused.is_empty() => {
                out!("nothing to approve: {} granted", count(plan.ready.len(), "instance"));
                Ok(ExitCode::SUCCESS)
            }
            _ => bail!("nothing was approved: see above, and `runtime check`"),
        };
    }
    if yes == Yes::Nobody {
        bail!("no terminal to ask at: say --yes to approve all that is asked for");
    }
    state_dir::make(folder)?;
    let left = settle(&wanting, folder, yes).await?;
    Ok(if refused.is_empty() && left == 0 && plan.missing.len() <= plan.lacking_too.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `runtime revoke`.
pub fn revoke(asked: &Revoke) -> anyhow::Result<ExitCode> {
    let folder = &asked.state.folder;
    let parts: Vec<&str> = asked.instance.split('/').collect();
    let is_it = |id: &&InstanceId| match parts[..] {
        [connector] => connector == &*id.connector,
        [connector, account] => connector == &*id.connector && account == &*id.account,
        _ => asked.instance == id.to_string(),
    };
    let found: Vec<InstanceId> =
        Approvals::read(&state_dir::approvals(folder))?.ids().filter(is_it).cloned().collect();
    if found.is_empty() {
        bail!("nothing was approved for {:?}", asked.instance);
    }
    change(folder, |approvals| {
        for id in &found {
            approvals.revoke(id);
        }
    })?;
    found.iter().for_each(|id| out!("{id}: asked again at the next start"));
    Ok(ExitCode::SUCCESS)
}

/// Asks for each and keeps the answers; how many were not approved.
pub async fn settle(wanting: &[&Unapproved], folder: &Path, yes: Yes) -> anyhow::Result<usize> {
    let mut approved: Vec<(&InstanceId, &Request)> = Vec::new();
    for asks in wanting {
        // The file has the last word: a yes would change nothing.
        if asks.digest_in_file {
            err!("{}\n", asks.problem);
            continue;
        }
        let is_approved = match yes {
            Yes::Said => true,
            Yes::Nobody => false,
            Yes::Asked { within } => {
                let text = question(asks);
                let asking = spawn_blocking(move || ask(&text));
                let answer = timeout(within.unwrap_or(FOR_EVER), asking).await;
                // What was given before is kept, whatever becomes of this one.
                let Ok(Ok(Ok(answer))) = answer else {
                    err!("\nno answer: not approved");
                    break;
                };
                let is_yes = answer == *asks.id.connector;
                err!("{}", if is_yes { "approved" } else { "not approved" });
                is_yes
            }
        };
        if is_approved {
            approved.push((&asks.id, &asks.request));
        }
    }
    if !approved.is_empty() {
        change(folder, |approvals| {
            approved.iter().for_each(|(id, request)| approvals.approve(id, request, epoch_ms()));
        })?;
    }
    Ok(wanting.len() - approved.len())
}

/// Reads, changes and writes with nobody in between: answers take time, and another may have been given meanwhile.
fn change(folder: &Path, change: impl FnOnce(&mut Approvals)) -> anyhow::Result<()> {
    let path = state_dir::approvals(folder);
    let _lock = state_dir::lock_approvals(folder)?;
    let mut approvals = Approvals::read(&path)?;
    change(&mut approvals);
    approvals.write(&path).with_context(|| format!("cannot write {}", path.display()))
}

/// The most powerful first, so that nothing of it scrolls away.
fn question(asks: &Unapproved) -> String {
    let head = match asks.approved_before {
        true => {
            format!("{} asks for more than was approved ({}):", asks.id, count(asks.beyond.len(), "line"))
        }
        false => format!("{} asks to ({}):", asks.id, count(asks.beyond.len(), "line")),
    };
    let new: BTreeSet<&str> = asks.beyond.iter().map(String::as_str).collect();
    // A default is worth what is built of it.
    let defaults = new.iter().filter_map(|line| line.strip_prefix("by default ")?.split(' ').next());
    let keys: Vec<String> = defaults.flat_map(|key| [format!("{{{key}}}"), format!("{{{key}:")]).collect();
    let uses = |line: &&str| !new.contains(line) && keys.iter().any(|key| line.contains(key.as_str()));
    let mut shown: Vec<(&str, &str)> = new.iter().map(|line| ("  ", *line)).collect();
    shown.extend(asks.request.lines().filter(uses).map(|line| ("  (so far) ", line)));
    let last = |line: &str| line.starts_with("write ") || line.starts_with("reach ");
    shown.sort_by_key(|(mark, line)| (mark.len(), last(line), *line));
    let lines: String =
        shown.iter().map(|(mark, line)| format!("{mark}{}\n", printable(line, usize::MAX))).collect();
    format!("\n{head}\n{lines}To approve, type the connector's name ({}): ", asks.id.connector)
}

/// What is typed. It is to be the name, because a yes that was typed before may still be waiting to be read.
fn ask(text: &str) -> anyhow::Result<String> {
    err_as_is!("{text}");
    stderr().flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(answer.trim().to_owned())
}
