//! What the next runs do.

use std::collections::VecDeque;

/// One step of a run. A script without `Accept` or `Row` has them in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Instead of everything else, and only as the first step: the request is refused, to be tried again.
    RefuseUnavailable { retry_after_ms: u64 },
    /// The first answer, `accepted`. What stands before it happens while the client waits for it.
    Accept,
    /// The user's row is written and the model asked. What stands before it happens without a trace in the history.
    Row,
    /// A status without text.
    Status,
    /// More text.
    Delta(String),
    /// All text so far is replaced.
    Replace(String),
    /// The end: the whole text, the row, the second answer.
    Final(String),
    /// The end of a run that says nothing.
    FinalWithoutMessage,
    /// The end of a run that failed: two events, the second with more text and less order.
    ErrorTwice(String),
    /// Somebody else aborted it.
    Aborted,
    /// An answer to a question on the side; the run goes on.
    SideResult { question: String, text: String },
    /// Every connection is closed with this code, or without a word for 1006; the run goes on.
    Cut(u16),
    /// Every connection misses an event.
    GapInSeq,
    /// Wait for `release`, once for each.
    Hold,
    /// Nothing more, for ever.
    Silence,
}

impl Step {
    pub fn delta(text: &str) -> Self {
        Self::Delta(text.to_owned())
    }

    pub fn replace(text: &str) -> Self {
        Self::Replace(text.to_owned())
    }

    pub fn last(text: &str) -> Self {
        Self::Final(text.to_owned())
    }

    pub fn error(message: &str) -> Self {
        Self::ErrorTwice(message.to_owned())
    }
}

/// A run's steps around its two turning points.
pub(super) struct Plan {
    pub(super) before_accept: Vec<Step>,
    pub(super) before_row: Vec<Step>,
    pub(super) after_row: Vec<Step>,
}

impl Plan {
    pub(super) fn new(mut steps: Vec<Step>) -> Self {
        let mut split = |at: &Step| match steps.iter().position(|step| step == at) {
            Some(place) => {
                let rest = steps.split_off(place);
                std::mem::replace(&mut steps, rest.into_iter().skip(1).collect())
            }
            None => Vec::new(),
        };
        let before_accept = split(&Step::Accept);
        let before_row = split(&Step::Row);
        Self { before_accept, before_row, after_row: steps }
    }

    /// An echo in three deltas.
    pub(super) fn echo(text: &str) -> Self {
        let whole = format!("echo: {text}");
        let letters: Vec<char> = whole.chars().collect();
        let part = letters.len().div_ceil(3);
        let mut steps = vec![Step::Status];
        steps.extend(letters.chunks(part).map(|part| Step::Delta(part.iter().collect())));
        steps.push(Step::Final(whole));
        Self::new(steps)
    }
}

#[derive(Default)]
pub(super) struct Script {
    next: VecDeque<Vec<Step>>,
}

impl Script {
    pub(super) fn add(&mut self, steps: Vec<Step>) {
        self.next.push_back(steps);
    }

    /// Milliseconds after which the request may be tried again, if the next script refuses it.
    pub(super) fn refusal(&mut self) -> Option<u64> {
        let Some([Step::RefuseUnavailable { retry_after_ms }, ..]) = self.next.front().map(Vec::as_slice)
        else {
            return None;
        };
        let after = *retry_after_ms;
        self.next.pop_front();
        Some(after)
    }

    pub(super) fn take(&mut self, text: &str) -> Plan {
        self.next.pop_front().map_or_else(|| Plan::echo(text), Plan::new)
    }
}
