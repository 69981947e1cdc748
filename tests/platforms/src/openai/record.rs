//! What happened so far. Counts are exact for ever; requests are kept up to `Settings::keep`.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// One request as it came, in order or not.
#[derive(Debug, Clone)]
pub struct Request {
    /// From 1.
    pub number: u64,
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// `Null` if it is not JSON.
    pub body: Value,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// Role and content of each message.
    pub fn messages(&self) -> Vec<(&str, &str)> {
        let messages = self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        messages
            .iter()
            .map(|message| {
                (
                    message["role"].as_str().unwrap_or_default(),
                    message["content"].as_str().unwrap_or_default(),
                )
            })
            .collect()
    }

    /// The user's last message.
    pub fn text(&self) -> Option<&str> {
        self.messages().into_iter().rev().find(|(role, _)| *role == "user").map(|(_, content)| content)
    }
}

pub struct Record {
    requests: VecDeque<Arc<Request>>,
    asked: u64,
    opened: u64,
    closed: u64,
    keep: usize,
}

impl Record {
    /// Requests, oldest first, those refused included.
    pub fn requests(&self) -> impl Iterator<Item = &Arc<Request>> {
        self.requests.iter()
    }

    /// All requests that ever came.
    pub fn requests_count(&self) -> u64 {
        self.asked
    }

    /// TCP connections that ever came.
    pub fn connections_opened(&self) -> u64 {
        self.opened
    }

    /// TCP connections there are now.
    pub fn connections_open(&self) -> u64 {
        self.opened - self.closed
    }

    pub(super) fn new(keep: usize) -> Self {
        Self { requests: VecDeque::new(), asked: 0, opened: 0, closed: 0, keep }
    }

    pub(super) fn open(&mut self) {
        self.opened += 1;
    }

    pub(super) fn close(&mut self) {
        self.closed += 1;
    }

    /// Answers the request with its number.
    pub(super) fn add(&mut self, mut request: Request) -> Arc<Request> {
        self.asked += 1;
        request.number = self.asked;
        let request = Arc::new(request);
        self.requests.push_back(Arc::clone(&request));
        if self.requests.len() > self.keep {
            self.requests.pop_front();
        }
        request
    }
}

/// What was seen, for whoever waited in vain.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.connections_open();
        write!(f, "{} requests, {open} of {} connections open", self.asked, self.opened)
    }
}
