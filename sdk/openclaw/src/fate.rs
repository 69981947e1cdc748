//! What a history tells of a message whose connection was lost.

use crate::history::{History, Row};
use crate::lenient::Lenient as _;

/// How the gateway's own row begins when it resumes a run after a restart.
const SYSTEM: &str = "[System]";

/// What became of a message that was sent under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The gateway never had it: send it.
    NotThere,
    /// It is being worked on, perhaps under another run's name: wait.
    Running,
    /// It waits for its turn: wait.
    Queued,
    /// Deliver this, send nothing. (Cut if the row is: [`Row::is_cut`].)
    Answered(String),
    /// It was aborted; this much had been said.
    Aborted(String),
    /// It is there without an answer, and nothing runs. After a restart the gateway may still resume it: wait until
    /// the deadline, do not send it again.
    Interrupted,
    /// It waited for its turn when the gateway was restarted: it never ran, and never will under this key. Send it under
    /// another.
    Dropped,
    /// It failed; this is why.
    Failed(String),
    /// It may stand further back than what we were given: ask for more rows.
    Unclear,
}

impl History {
    /// What became of the message that was sent with this idempotency key.
    pub fn fate(&self, key: &str) -> Fate {
        if self.active_runs.iter().any(|run| run == key) {
            return Fate::Running;
        }
        if let Some(fate) = self.settled(key) {
            return fate;
        }
        match self.rows.iter().position(|row| row.asks(key)) {
            Some(at) => self.after(at, key),
            None => self.unseen(key),
        }
    }

    /// From the rows that bear the run's name. An answer outweighs an error: a finished run that was sent again after a
    /// restart leaves one. Several texts of one run are one answer, as its final event joins them.
    fn settled(&self, key: &str) -> Option<Fate> {
        let rows = || self.rows.iter().filter(|row| row.answers(key));
        let answers: Vec<_> = rows().filter(|row| row.is_final).map(|row| row.text.as_str()).collect();
        if !answers.is_empty() {
            return Some(Fate::Answered(answers.join("\n\n")));
        }
        let aborted = rows().find(|row| row.is_aborted).map(|row| Fate::Aborted(row.text.clone()));
        aborted.or_else(|| rows().find(|row| row.is_error).map(|row| Fate::Failed(row.text.clone())))
    }

    /// Our row is there, and no row bears our run's name: it may have been resumed under another one.
    fn after(&self, at: usize, key: &str) -> Fate {
        let is_active = match self.active_runs.as_slice() {
            [] => self.active,
            runs => runs.iter().any(|run| !self.is_asked(run)),
        };
        if is_active {
            return Fate::Running;
        }
        let following = || self.rows[at + 1..].iter().take_while(|row| !row.opens_another(key));
        let mut answers =
            following().filter(|row| row.is_final && !row.run.as_ref().is_some_and(|run| self.is_asked(run)));
        if let Some(row) = answers.next() {
            return Fate::Answered(row.text.clone());
        }
        if following().any(|row| row.is_given_up) {
            // The gateway's own words advise commands, which no text of ours is.
            return Fate::Failed(
                "the gateway was restarted in the middle of this message and gave it up".into(),
            );
        }
        match self.recovering {
            true => Fate::Running,
            false => self.waiting(key).unwrap_or(Fate::Interrupted),
        }
    }

    fn unseen(&self, key: &str) -> Fate {
        let is_partial = self.has_more || self.pending_total > self.pending.len() as u64;
        match self.waiting(key) {
            Some(Fate::Interrupted) => Fate::Dropped,
            Some(fate) => fate,
            None if is_partial => Fate::Unclear,
            None => Fate::NotThere,
        }
    }

    /// Whether a message of this key is among the rows.
    fn is_asked(&self, key: &str) -> bool {
        self.rows.iter().any(|row| row.asks(key))
    }

    fn waiting(&self, key: &str) -> Option<Fate> {
        let item = self
            .pending
            .iter()
            .find(|item| item.text("runId") == Some(key) || item.text("id") == Some(key))?;
        Some(match item.text("state") {
            Some("cancelled") => Fate::Aborted(String::new()),
            Some("interrupted") => Fate::Interrupted,
            _ => Fate::Queued,
        })
    }
}

impl Row {
    /// Whether this is the message that was sent with the key.
    fn asks(&self, key: &str) -> bool {
        let is_key =
            |own: &String| own.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest == ":user");
        self.role == "user" && self.idempotency_key.as_ref().is_some_and(is_key)
    }

    /// Whether this row belongs to the run of the key.
    fn answers(&self, key: &str) -> bool {
        let is_key = |own: &String| {
            own.strip_prefix(key).is_some_and(|rest| [":assistant", ":terminal-error"].contains(&rest))
        };
        self.role != "user"
            && (self.run.as_deref() == Some(key) || self.idempotency_key.as_ref().is_some_and(is_key))
    }

    /// Whether somebody else speaks here. The gateway's own word about an interruption does not count.
    fn opens_another(&self, key: &str) -> bool {
        let is_resumption = self.text.starts_with(SYSTEM) && self.text.contains("interrupted");
        self.role == "user" && !self.asks(key) && !is_resumption
    }
}
