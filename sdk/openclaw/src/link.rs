//! One connection as a state machine without a socket: texts and times go in, meaning comes out.

use crate::agent::ACCEPTED;
use crate::connect::{self, Challenge, Device, Hello, Wish};
use crate::frame::{BadFrame, Event, Frame, Problem, Response};
use crate::lenient::Lenient as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often the gateway says something, unless its hello says otherwise.
const TICK: Duration = Duration::from_secs(30);

/// What we believe of a hello: less would call every pause silence, more would never notice one.
const TICKS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

/// One request on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u64);

impl std::fmt::Display for RequestId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// What a frame means.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// Sign it and [`Link::connect`].
    Challenge(Challenge),
    /// Connected.
    Hello(Box<Hello>),
    /// Not connected: the gateway will close. [`crate::policy::after`] says what to do.
    Refused(Problem),
    /// The answer to a request. The method `agent` gets two: at the first, `is_last` is false and the request stays
    /// pending until its deadline.
    Response {
        id: RequestId,
        result: Result<Value, Problem>,
        payload_of_refusal: Option<Value>,
        is_last: bool,
    },
    /// With a gap if events before it were lost: refresh what you derived from events.
    Event { event: Event, gap: Option<Gap> },
    /// Nothing to act on (an answer to nobody, an unknown kind of frame): a line for the debug log.
    Unexpected(String),
}

/// Events lost between two that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub expected: u64,
    pub got: u64,
}

/// The state of one connection. Make a new one for each: nothing is replayed after a reconnect.
///
/// Times are milliseconds of any clock that does not go back. Memory grows only with the requests that the caller
/// makes, each until its last answer or until [`Link::expired`] takes it; bound them by [`Link::pending`].
#[derive(Debug)]
pub struct Link {
    next_number: u64,
    connect: Option<RequestId>,
    requests: BTreeMap<RequestId, Pending>,
    next_event: u64,
    tick: Duration,
    heard_ms: Option<u64>,
}

#[derive(Debug)]
struct Pending {
    deadline_ms: u64,
    /// Of the method `agent`, which is answered twice.
    is_agent: bool,
}

impl Link {
    /// Request ids count up from this number. Go on from the last link's, and a late answer can never be mistaken.
    pub fn new(first_request_number: u64) -> Self {
        Self {
            next_number: first_request_number,
            connect: None,
            requests: BTreeMap::new(),
            next_event: 1,
            tick: TICK,
            heard_ms: None,
        }
    }

    /// One text frame (or a binary frame's text) from the gateway.
    ///
    /// # Errors
    /// The frame can't be read. Log it; the link goes on.
    pub fn receive(&mut self, text: &str, now_ms: u64) -> Result<Incoming, BadFrame> {
        self.heard_ms = Some(self.heard_ms.unwrap_or(0).max(now_ms));
        match Frame::read(text)? {
            Frame::Event(event) => Ok(self.event(event)),
            Frame::Response(response) => self.response(response),
            Frame::Request(request) => {
                Ok(Incoming::Unexpected(format!("request {}", short(&request.method))))
            }
            Frame::Unknown(kind) => Ok(Incoming::Unexpected(format!("frame of type {kind:?}"))),
        }
    }

    /// The `connect` frame; see [`connect::frame`]. Its answer is [`Incoming::Hello`] or [`Incoming::Refused`]. The
    /// caller puts the secret in, and gives up when no answer comes.
    pub fn connect(&mut self, wish: &Wish, device: Option<&Device>, challenge: &Challenge) -> String {
        let id = self.number();
        self.connect = Some(id);
        connect::frame(&id.to_string(), wish, device, challenge).to_string()
    }

    /// The frame of a request, to be answered until the deadline.
    pub fn request(&mut self, method: &str, params: Value, deadline_ms: u64) -> (RequestId, String) {
        let id = self.number();
        self.requests.insert(id, Pending { deadline_ms, is_agent: method == "agent" });
        (id, json!({ "type": "req", "id": id.to_string(), "method": method, "params": params }).to_string())
    }

    /// Sets another deadline, such as a longer one after an `agent` was accepted. False if the request is over.
    pub fn extend(&mut self, id: RequestId, deadline_ms: u64) -> bool {
        let pending = self.requests.get_mut(&id);
        pending.map(|pending| pending.deadline_ms = deadline_ms).is_some()
    }

    /// Takes out the requests whose deadline has come, oldest first. A later answer to them is [`Incoming::Unexpected`].
    pub fn expired(&mut self, now_ms: u64) -> Vec<RequestId> {
        let mut expired = Vec::new();
        self.requests.retain(|id, pending| {
            let is_over = pending.deadline_ms <= now_ms;
            if is_over {
                expired.push(*id);
            }
            !is_over
        });
        expired
    }

    /// When to call [`Link::expired`] next.
    pub fn next_deadline(&self) -> Option<u64> {
        self.requests.values().map(|pending| pending.deadline_ms).min()
    }

    /// Requests without their last answer.
    pub fn pending(&self) -> usize {
        self.requests.len()
    }

    /// Whether two tick intervals passed without any frame: close with 4000 and dial again. Not before the first frame.
    pub fn is_silent(&self, now_ms: u64) -> bool {
        self.silent_from().is_some_and(|from| now_ms >= from)
    }

    /// The time at which the link counts as silent if nothing arrives until then.
    pub fn silent_from(&self) -> Option<u64> {
        let patience = u64::try_from(self.tick.as_millis()).unwrap_or(u64::MAX).saturating_mul(2);
        self.heard_ms.map(|heard| heard.saturating_add(patience))
    }

    /// The number that the next link goes on from.
    pub fn next_request_number(&self) -> u64 {
        self.next_number
    }

    fn number(&mut self) -> RequestId {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        RequestId(number)
    }

    fn event(&mut self, event: Event) -> Incoming {
        if event.name == "connect.challenge" {
            return match Challenge::read(&event.payload) {
                Some(challenge) => Incoming::Challenge(challenge),
                None => Incoming::Unexpected("a challenge without a usable nonce".to_owned()),
            };
        }
        let gap = event.seq.and_then(|got| self.gap(got));
        Incoming::Event { event, gap }
    }

    /// A number that we had already is no loss.
    fn gap(&mut self, got: u64) -> Option<Gap> {
        let expected = self.next_event;
        self.next_event = expected.max(got.saturating_add(1));
        (got > expected).then_some(Gap { expected, got })
    }

    fn response(&mut self, response: Response) -> Result<Incoming, BadFrame> {
        let Response { id: text, result, payload_of_refusal } = response;
        let id = text.parse().ok().map(RequestId).filter(|id| id.to_string() == text);
        let unexpected =
            || Incoming::Unexpected(format!("an answer to {:?}, which nobody waits for", short(&text)));
        let Some(id) = id else { return Ok(unexpected()) };
        if self.connect == Some(id) {
            self.connect = None;
            return self.welcome(result);
        }
        let Some(pending) = self.requests.get(&id) else { return Ok(unexpected()) };
        let is_first =
            pending.is_agent && result.as_ref().is_ok_and(|payload| payload.text("status") == Some(ACCEPTED));
        if !is_first {
            self.requests.remove(&id);
        }
        Ok(Incoming::Response { id, result, payload_of_refusal, is_last: !is_first })
    }

    fn welcome(&mut self, result: Result<Value, Problem>) -> Result<Incoming, BadFrame> {
        let payload = match result {
            Ok(payload) => payload,
            Err(problem) => return Ok(Incoming::Refused(problem)),
        };
        let hello = Hello::read(&payload)?;
        self.tick = hello.tick_interval.unwrap_or(TICK).clamp(*TICKS.start(), *TICKS.end());
        Ok(Incoming::Hello(Box::new(hello)))
    }
}

/// Enough of a stranger's text for a log line.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
