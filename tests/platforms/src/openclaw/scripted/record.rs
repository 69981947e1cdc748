//! What happened so far.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// One request as it came, after the connection was let in or for it.
#[derive(Debug, Clone)]
pub struct Request {
    /// From 1.
    pub connection: u64,
    pub method: String,
    /// As they came: `connect` has tokens and signatures in it.
    pub params: Value,
}

/// The model was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The idempotency key, or the id of a resumed run.
    pub run: String,
    /// The canonical one.
    pub session: String,
    pub text: String,
    /// `extraSystemPrompt`.
    pub system: String,
}

#[derive(Default)]
pub struct Record {
    requests: Vec<Arc<Request>>,
    prompts: Vec<Prompt>,
    opened: u64,
    closed: u64,
    admitted: u64,
    ended: u64,
}

impl Record {
    /// All requests, in the order in which they came.
    pub fn requests(&self) -> &[Arc<Request>] {
        &self.requests
    }

    /// The requests of one method.
    pub fn asked(&self, method: &str) -> Vec<Arc<Request>> {
        self.requests.iter().filter(|request| request.method == method).cloned().collect()
    }

    /// What reached the model.
    pub fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    /// What reached the model again: the same run, or the same text in the same session.
    pub fn submitted_twice(&self) -> Vec<&Prompt> {
        let earlier = |at: usize, prompt: &Prompt| {
            self.prompts[..at].iter().any(|before| {
                before.run == prompt.run || before.session == prompt.session && before.text == prompt.text
            })
        };
        self.prompts
            .iter()
            .enumerate()
            .filter(|(at, prompt)| earlier(*at, prompt))
            .map(|(_, it)| it)
            .collect()
    }

    /// Connections that ever came.
    pub fn connections_opened(&self) -> u64 {
        self.opened
    }

    /// Connections there are now.
    pub fn connections_open(&self) -> u64 {
        self.opened - self.closed
    }

    /// Connections that were ever let in.
    pub fn connections_admitted(&self) -> u64 {
        self.admitted
    }

    /// Runs that ended, well or not.
    pub fn runs_ended(&self) -> u64 {
        self.ended
    }

    /// Answers the connection's number.
    pub(super) fn open(&mut self) -> u64 {
        self.opened += 1;
        self.opened
    }

    pub(super) fn close(&mut self) {
        self.closed += 1;
    }

    pub(super) fn admit(&mut self) {
        self.admitted += 1;
    }

    pub(super) fn end(&mut self) {
        self.ended += 1;
    }

    pub(super) fn ask(&mut self, connection: u64, method: &str, params: &Value) {
        let request = Request { connection, method: method.to_owned(), params: params.clone() };
        self.requests.push(Arc::new(request));
    }

    pub(super) fn prompt(&mut self, prompt: Prompt) {
        self.prompts.push(prompt);
    }
}

/// What was seen, for whoever waited in vain.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, opened) = (self.connections_open(), self.opened);
        let methods: Vec<_> = self.requests.iter().map(|request| request.method.as_str()).collect();
        write!(f, "{open} of {opened} connections open, {} let in, ", self.admitted)?;
        write!(f, "{} prompts, {} runs ended, requests {methods:?}", self.prompts.len(), self.ended)
    }
}
