//! The connection without its socket: how far it is, and who waits for an answer.

use crate::ask::Failure;
use crate::refresh::Part;
use crate::wait::Teller;
use openclaw::connect::{Auth, Challenge, Device, Hello, Wish};
use openclaw::frame::BadFrame;
use openclaw::link::{Incoming, Link, RequestId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long the gateway may take for its challenge, and for its hello.
const PATIENCE_MS: u64 = 10_000;
/// How long a request waits. Handlers end after 30 s by default, and the instance with them: the answer comes first.
pub(crate) const REQUEST_MS: u64 = 25_000;
/// A new instance that finds no sign of life for so long dials anew: two ticks of the gateway.
const RESUME_MS: u64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A new instance: an earlier one was connected, and the socket may still be.
    Resuming {
        asked: bool,
        until: u64,
    },
    /// A new instance: an earlier one ended between opening and hello. What it sent can't be known.
    HalfOpen,
    /// No socket.
    Closed,
    Challenge {
        until: u64,
    },
    Hello {
        until: u64,
        with: Auth,
    },
    Up,
}

/// Who is to get an answer.
pub(crate) enum Purpose {
    Tool(Teller<Result<Value, Failure>>),
    Refresh(Part),
}

/// What the gateway said of itself and of the connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Greeting {
    pub(crate) connection_id: String,
    pub(crate) protocol: u64,
    pub(crate) version: String,
    pub(crate) default_agent: Option<String>,
}

impl From<&Hello> for Greeting {
    fn from(hello: &Hello) -> Self {
        let cut = |text: &str| crate::field::cut(text, 128);
        Self {
            connection_id: cut(&hello.connection_id),
            protocol: hello.protocol,
            version: cut(&hello.server_version),
            default_agent: hello.default_agent.as_deref().map(cut),
        }
    }
}

pub(crate) struct Line {
    link: Link,
    phase: Phase,
    waiting: BTreeMap<RequestId, Purpose>,
    pub(crate) greeting: Option<Greeting>,
    /// Counts openings and endings: who waited meanwhile sees that it is another connection.
    turn: u64,
    /// The refusal that ends this connection was dealt with: its close says nothing new.
    pub(crate) is_settled: bool,
}

/// What is overdue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    Challenge,
    Hello,
    /// Nothing came for two ticks.
    Silent,
    /// Look whether the socket is there.
    Resume,
    HalfOpen,
}

impl Line {
    /// `first` is above all request numbers of earlier instances, so that no answer to them is taken for one to us.
    pub(crate) fn new(phase: Phase, greeting: Option<Greeting>, first: u64) -> Self {
        let waiting = BTreeMap::new();
        Self { link: Link::new(first), phase, waiting, greeting, turn: 0, is_settled: false }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    pub(crate) fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    pub(crate) fn opened(&mut self, now: u64) {
        self.ended();
        self.phase = Phase::Challenge { until: now + PATIENCE_MS };
        self.is_settled = false;
    }

    /// Whoever waits hears that nothing will come.
    pub(crate) fn ended(&mut self) {
        self.link = Link::new(self.link.next_request_number());
        self.waiting.clear();
        self.phase = Phase::Closed;
        self.turn += 1;
    }

    pub(crate) fn receive(&mut self, text: &str, now: u64) -> Result<Incoming, BadFrame> {
        self.link.receive(text, now)
    }

    pub(crate) fn connect(
        &mut self,
        wish: &Wish,
        device: &Device,
        challenge: &Challenge,
        now: u64,
    ) -> String {
        self.phase = Phase::Hello { until: now + PATIENCE_MS, with: wish.auth };
        self.link.connect(wish, Some(device), challenge)
    }

    pub(crate) fn greeted(&mut self, greeting: Greeting) {
        self.phase = Phase::Up;
        self.greeting = Some(greeting);
    }

    /// An earlier instance's connection turned out to be there.
    pub(crate) fn resumed(&mut self) {
        self.phase = Phase::Up;
    }

    pub(crate) fn asked(&mut self) {
        if let Phase::Resuming { asked, .. } = &mut self.phase {
            *asked = true;
        }
    }

    pub(crate) fn request(
        &mut self,
        method: &str,
        params: Value,
        purpose: Purpose,
        now: u64,
    ) -> (RequestId, String) {
        let (id, text) = self.link.request(method, params, now + REQUEST_MS);
        self.waiting.insert(id, purpose);
        (id, text)
    }

    pub(crate) fn take(&mut self, id: RequestId) -> Option<Purpose> {
        self.waiting.remove(&id)
    }

    /// Tools that wait.
    pub(crate) fn tools(&self) -> usize {
        self.waiting.values().filter(|purpose| matches!(purpose, Purpose::Tool(_))).count()
    }

    pub(crate) fn expired(&mut self, now: u64) -> Vec<Purpose> {
        let expired = self.link.expired(now);
        expired.into_iter().filter_map(|id| self.waiting.remove(&id)).collect()
    }

    pub(crate) fn overdue(&self, now: u64) -> Option<Overdue> {
        match self.phase {
            Phase::Resuming { asked: false, .. } => Some(Overdue::Resume),
            Phase::Resuming { until, .. } if until <= now => Some(Overdue::Silent),
            Phase::HalfOpen => Some(Overdue::HalfOpen),
            Phase::Challenge { until } if until <= now => Some(Overdue::Challenge),
            Phase::Hello { until, .. } if until <= now => Some(Overdue::Hello),
            Phase::Up if self.link.is_silent(now) => Some(Overdue::Silent),
            _ => None,
        }
    }

    /// When something may be overdue.
    pub(crate) fn due(&self, now: u64) -> Option<u64> {
        let phase = match self.phase {
            Phase::Resuming { asked: false, .. } | Phase::HalfOpen => Some(now),
            Phase::Resuming { until, .. } | Phase::Challenge { until } | Phase::Hello { until, .. } => {
                Some(until)
            }
            Phase::Up => self.link.silent_from(),
            Phase::Closed => None,
        };
        phase.into_iter().chain(self.link.next_deadline()).min()
    }

    pub(crate) fn resuming(now: u64) -> Phase {
        Phase::Resuming { asked: false, until: now + RESUME_MS }
    }
}
