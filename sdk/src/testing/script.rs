//! What the fake platform answers.

use crate::http::{Error, Request, Response};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// The answers to requests that fit a pattern: one after the other, the last one for ever.
///
/// `host.on("POST */messages").answer(503, json!({})).answer(201, json!({ "id": "e1" }));`
#[derive(Clone)]
pub struct Script {
    pattern: Rc<str>,
    steps: Rc<RefCell<VecDeque<Step>>>,
    delay: Rc<Cell<Duration>>,
}

#[derive(Clone)]
pub(super) struct Step {
    pub(super) delay: Duration,
    pub(super) result: Result<Response, Error>,
}

impl Script {
    pub(super) fn new(pattern: &str) -> Self {
        Self { pattern: pattern.into(), steps: Rc::default(), delay: Rc::default() }
    }

    /// Then answers with this status and JSON body.
    pub fn answer(&self, status: u16, body: Value) -> &Self {
        self.respond(Response { status, headers: vec![], body: body.to_string().into(), url: String::new() })
    }

    /// Then answers so. An empty URL becomes the request's.
    pub fn respond(&self, response: Response) -> &Self {
        self.push(Ok(response))
    }

    /// Then fails so.
    pub fn fail(&self, error: Error) -> &Self {
        self.push(Err(error))
    }

    /// The next answer of this script takes so long.
    pub fn wait(&self, time: Duration) -> &Self {
        self.delay.set(time);
        self
    }

    fn push(&self, result: Result<Response, Error>) -> &Self {
        let delay = self.delay.take();
        self.steps.borrow_mut().push_back(Step { delay, result });
        self
    }

    pub(super) fn fits(&self, request: &Request) -> bool {
        fits(&self.pattern, &format!("{} {}", request.method, request.url))
    }

    pub(super) fn next(&self) -> Option<Step> {
        let mut steps = self.steps.borrow_mut();
        if steps.len() > 1 { steps.pop_front() } else { steps.front().cloned() }
    }
}

/// `*` stands for anything, also for nothing.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            (0..=tail.len()).any(|at| tail.is_char_boundary(at) && fits(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("POST */messages", "POST https://a/v1/channels/c/messages"));
        assert!(fits("GET *", "GET "));
        assert!(!fits("GET */me", "GET https://a/me/too"));
    }
}
