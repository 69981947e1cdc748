//! What an earlier process left open, put together again.
use crate::bindings::exports::connector::runtime::agent_handler::Outbound;
use crate::desk::{Before, Job};
use crate::kept::{self, Context, Kept, KeptMessage, Said};
use crate::line::{Earlier, number};
use futures::FutureExt;
use ports::clock::epoch_ms;
use ports::journal::{Letter, Message, Open, Outcome, Past, Record};
use std::collections::{HashMap, HashSet};
use tokio_util::sync::CancellationToken;
use tracing::error;

#[derive(Default)]
pub struct Recovered {
    pub(crate) jobs: Vec<Job>,
    pub(crate) outbound: Vec<Sent>,
    /// To be written down: the deliveries that nobody knows the end of.
    pub(crate) setbacks: Vec<Record>,
}

/// A message that the agent sent by itself and that may have arrived.
pub(crate) struct Sent {
    pub message: Outbound,
    pub since_ms: u64,
    pub past: Past,
}

/// Nobody knows whether a delivery was under way when the process ended, so it counts as one: the connector looks before
/// it repeats.
const ENDED: &str = "the runtime or the instance ended before the connector answered";

pub fn recover(open: Open) -> Recovered {
    let mut letters: HashMap<String, Vec<(Letter, Kept)>> = HashMap::new();
    let mut recovered = Recovered::default();
    let mut beyond_us = HashSet::new();
    for mut letter in open.letters {
        if !letter.past.set_aside {
            letter.past.fails(epoch_ms(), ENDED);
            let (letter, past) = (letter.id.clone(), letter.past.clone());
            recovered.setbacks.push(Record::Setback { letter, past });
        }
        match kept::read(&letter.body) {
            Some(Kept::Outbound { id, to, text }) => recovered.outbound.push(Sent {
                message: Outbound { id, to, text },
                since_ms: letter.since_ms,
                past: letter.past,
            }),
            Some(kept) => letters.entry(letter.id.source.clone()).or_default().push((letter, kept)),
            None => {
                unreadable("letter", &letter.id.source);
                beyond_us.insert(letter.id.source);
            }
        }
    }
    for message in open.messages {
        if beyond_us.contains(&message.ticket) {
            continue;
        }
        let about = letters.remove(&message.ticket).unwrap_or_default();
        match job(message, about) {
            Ok(job) => recovered.jobs.push(job),
            Err(ticket) => unreadable("message", &ticket),
        }
    }
    recovered
}

/// It stays in the journal: a version of the runtime that can read it will go on with it.
fn unreadable(what: &str, source: &str) {
    error!(what, source, "cannot read what the journal holds; is it of a newer version of the runtime?");
}

fn job(row: Message, letters: Vec<(Letter, Kept)>) -> Result<Job, String> {
    let Some(KeptMessage { message, context: Context(context), progress }) = kept::read(&row.body) else {
        return Err(row.ticket);
    };
    Ok(Job {
        key: row.key,
        message,
        context,
        progress,
        accepted_ms: row.accepted_ms,
        deadline_ms: row.deadline_ms,
        gate: async { Ok(Outcome::Written) }.boxed().shared(),
        aborted: CancellationToken::new(),
        before: before(letters),
        past: Past::default(),
    })
}

fn before(letters: Vec<(Letter, Kept)>) -> Before {
    let mut before = Before { asked: true, ..Before::default() };
    let mut answered = 0;
    for (letter, kept) in letters {
        let Kept::Reply(told) = kept else { continue };
        before.number = before.number.max(number(&told) + 1);
        before.ended |= told.said.ends();
        answered = answered.max(told.answered);
        if let Said::Block(raw) = &told.said {
            before.told.push_str(raw);
        }
        if !letter.past.set_aside {
            before.unanswered.push(Earlier { told, since_ms: letter.since_ms, past: letter.past });
        }
    }
    before.unanswered.retain(|earlier| number(&earlier.told) >= answered);
    before
}
