//! Accepting for good: how many messages a second are on disk before their `dispatch` answers, and how many syncs of the
//! disk they shared. Once the journal alone, once from a guest through the whole runtime with an agent that answers.
use crate::script::Built;
use crate::table::{head_of, median, plain};
use anyhow::Context;
use futures::stream::{self, StreamExt};
use journal::{Counts, Sqlite};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, Journal, Message, Record};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;
use workbench::Runtime;

/// Callers that wait for their answer at once; DESIGN §7.
const AT_ONCE: usize = 64;

const ROUNDS: usize = 3;

/// Accepted by the journal alone in one round.
const ALONE: usize = 20_000;

/// Of a usual message with its context.
const BODY_BYTES: usize = 600;

/// From a guest in one round: as many as one instance may have unanswered.
const FROM_GUEST: u64 = 4_000;

struct Round {
    per_second: f64,
    commits: f64,
    accepted: f64,
}

pub async fn measure(built: &Built) -> anyhow::Result<()> {
    let (mut alone, mut guest) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        eprintln!("accepting for good, round {number} of {ROUNDS}");
        alone.push(journal_alone().await?);
        guest.push(from_a_guest(built).await?);
    }
    head_of(
        &format!("Accepted dispatches, each synced before its answer, {AT_ONCE} at once"),
        ["journal", "a guest"],
    );
    let compare = |what: &str, figure: fn(&Round) -> f64| {
        plain(what, median(alone.iter().map(figure)), median(guest.iter().map(figure)));
    };
    compare("accepted per second", |round| round.per_second);
    compare("accepted in a round", |round| round.accepted);
    compare("commits (syncs) of all writing", |round| round.commits);
    compare("accepted per commit", |round| round.accepted / round.commits);
    Ok(())
}

async fn journal_alone() -> anyhow::Result<Round> {
    let folder = TempDir::new()?;
    let journal = Sqlite::open(folder.path(), Arc::new(epoch_ms))?;
    let id = InstanceId::new("default", "bench", "one")?;
    let begun = Instant::now();
    let accept = |number: usize| {
        let message = Message {
            instance: id.clone(),
            ticket: format!("t{number}"),
            key: format!("k{number}"),
            accepted_ms: epoch_ms(),
            deadline_ms: epoch_ms() + 600_000,
            body: vec![b'x'; BODY_BYTES],
        };
        journal.append(Batch::of(vec![Record::Accepted(message)]))
    };
    let mut answers = stream::iter(0..ALONE).map(accept).buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        answer?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let Counts { commits, .. } = journal.counts();
    Ok(Round { per_second: ALONE as f64 / seconds, commits: commits as f64, accepted: ALONE as f64 })
}

async fn from_a_guest(built: &Built) -> anyhow::Result<Round> {
    let mut script = built.imp("ws://127.0.0.1:9/");
    script.config.insert_str(0, "[limits]\ndispatches = 4096\nhandler_seconds = 300\n");
    let runtime = Runtime::ready(script).await?;
    let commits = async || -> anyhow::Result<u64> {
        runtime.status().await?["journal"]["commits"].as_u64().context("the status has no count of commits")
    };
    let before = commits().await?;
    let flood = json!({ "key": "flood", "count": FROM_GUEST, "at_once": AT_ONCE });
    let answer: Value = runtime.call("imp", "imp_flood", &flood).await?;
    let micros = answer["us"].as_f64().with_context(|| format!("no time in {answer}"))?;
    let commits = commits().await? - before;
    runtime.stop().await?;
    let accepted = FROM_GUEST as f64;
    Ok(Round { per_second: accepted / (micros / 1e6), commits: commits as f64, accepted })
}
