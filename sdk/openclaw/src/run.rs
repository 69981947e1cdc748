//! One run's events folded into what to say: each piece of text once, and one outcome.

use crate::chat::Chat;

/// The longest text that deltas may grow to, in bytes: past it only the final counts. Answers are kilobytes.
const LONGEST_DRAFT: usize = 8 << 20;

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Goes on behind what was said.
    Append(String),
    /// Takes the place of all that was said.
    Replace(String),
    Done(Outcome),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The whole answer: exactly what the steps before have said.
    Answered(String),
    /// Nothing was said and nothing is to be.
    Silent,
    /// `text` is the part that was said.
    Aborted { stop_reason: Option<String>, text: String },
    /// `kind` such as `timeout` or `rate_limit`. What was said stays unfinished.
    Failed { message: String, kind: Option<String> },
}

/// Folds the chat events of one run. The first terminal event counts; whatever follows gives nothing.
#[derive(Debug, Clone, Default)]
pub struct Run {
    said: String,
    is_over: bool,
}

impl Run {
    pub fn new() -> Self {
        Self::default()
    }

    /// What has been said up to now.
    pub fn said(&self) -> &str {
        &self.said
    }

    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The next event of this run. Text that was lost with an event in between is made good from the accumulated text.
    pub fn take(&mut self, chat: &Chat) -> Vec<Step> {
        if self.is_over {
            return Vec::new();
        }
        match chat {
            Chat::Delta { text, replace, so_far } => self.delta(text.as_deref(), *replace, so_far.as_deref()),
            Chat::Final { text, .. } => self.finish(text.as_deref()),
            Chat::Aborted { stop_reason, text } => self.abort(stop_reason.as_deref(), text.as_deref()),
            Chat::Error { message, kind } => {
                self.end(None, Outcome::Failed { message: message.clone(), kind: kind.clone() })
            }
            Chat::Status { .. } | Chat::SideResult { .. } | Chat::Unknown(_) => Vec::new(),
        }
    }

    fn delta(&mut self, text: Option<&str>, replace: bool, so_far: Option<&str>) -> Vec<Step> {
        let whole = match (so_far, text) {
            (Some(so_far), _) => so_far.to_owned(),
            (None, Some(text)) if replace => text.to_owned(),
            (None, Some(text)) => format!("{}{text}", self.said),
            (None, None) => return Vec::new(),
        };
        // Shorter without saying so is an old delta, or follows a replacement that was lost: the next one tells.
        let is_stale = !replace && self.said.starts_with(&whole);
        if is_stale || whole.len() > LONGEST_DRAFT {
            return Vec::new();
        }
        self.say(whole).into_iter().collect()
    }

    fn finish(&mut self, text: Option<&str>) -> Vec<Step> {
        // A final without text takes nothing back: what was streamed has been said.
        let step = text.filter(|text| !text.is_empty()).and_then(|text| self.say(text.to_owned()));
        let outcome =
            if self.said.is_empty() { Outcome::Silent } else { Outcome::Answered(self.said.clone()) };
        self.end(step, outcome)
    }

    fn abort(&mut self, stop_reason: Option<&str>, text: Option<&str>) -> Vec<Step> {
        let rest = text.filter(|text| text.starts_with(&self.said));
        let step = rest.and_then(|text| self.say(text.to_owned()));
        let (stop_reason, text) = (stop_reason.map(str::to_owned), self.said.clone());
        self.end(step, Outcome::Aborted { stop_reason, text })
    }

    fn end(&mut self, step: Option<Step>, outcome: Outcome) -> Vec<Step> {
        self.is_over = true;
        step.into_iter().chain([Step::Done(outcome)]).collect()
    }

    /// The step from what was said to the whole text, if there is any.
    fn say(&mut self, whole: String) -> Option<Step> {
        let step = match whole.strip_prefix(&self.said) {
            Some("") => return None,
            Some(rest) => Step::Append(rest.to_owned()),
            None => Step::Replace(whole.clone()),
        };
        self.said = whole;
        Some(step)
    }
}
