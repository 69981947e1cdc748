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

type Answer = dyn Fn(&Request) -> Result<Response, Error>;

#[derive(Clone)]
struct Step {
    delay: Duration,
    answer: Rc<Answer>,
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
        self.with(move |_| Ok(response.clone()))
    }

    /// Then fails so.
    pub fn fail(&self, error: Error) -> &Self {
        self.with(move |_| Err(error.clone()))
    }

    /// Then answers what this makes of the request: for a platform that remembers. It is asked when the request comes,
    /// before the time of [`wait`](Self::wait): who dies meanwhile has done it without knowing.
    pub fn with(&self, answer: impl Fn(&Request) -> Result<Response, Error> + 'static) -> &Self {
        let delay = self.delay.take();
        self.steps.borrow_mut().push_back(Step { delay, answer: Rc::new(answer) });
        self
    }

    /// The next answer of this script takes so long.
    pub fn wait(&self, time: Duration) -> &Self {
        self.delay.set(time);
        self
    }

    pub(super) fn fits(&self, request: &Request) -> bool {
        fits(&self.pattern, &format!("{} {}", request.method, request.url))
    }

    /// The next answer and how long it takes. None: nothing is programmed.
    pub(super) fn next(&self, request: &Request) -> Option<(Result<Response, Error>, Duration)> {
        let mut steps = self.steps.borrow_mut();
        let step = if steps.len() > 1 { steps.pop_front() } else { steps.front().cloned() }?;
        drop(steps);
        Some(((step.answer)(request), step.delay))
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
