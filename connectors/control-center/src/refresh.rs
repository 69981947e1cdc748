//! What is asked of the gateway after every hello and every gap, and what its answers change.

use crate::agent::Agent;
use crate::ask::Failure;
use crate::connection::NAME;
use crate::line::Purpose;
use crate::memory::Memory;
use crate::sessions::Listing;
use crate::{ControlCenter, field, now_ms};
use sdk::status::State;
use sdk::{log, websocket};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What could not be had is asked for again after so long, and again.
const AGAIN_MS: u64 = 30_000;
/// Changes that say only that something changed come in crowds.
const SOON_MS: u64 = 1_000;

/// One question. Their order is that of asking: the subscription before the list, or changes between would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Subscribe,
    Agents,
    Sessions,
    Presence,
    Health,
}

const ALL: [Part; 5] = [Part::Subscribe, Part::Agents, Part::Sessions, Part::Presence, Part::Health];

pub(crate) struct Refresh {
    running: BTreeSet<Part>,
    /// Asked for once more while they were running.
    again: BTreeSet<Part>,
    later: BTreeSet<Part>,
    later_at: Option<u64>,
    /// What the gateway will not tell, and why.
    refused: BTreeMap<Part, String>,
    pub(crate) listing: Listing,
}

impl Refresh {
    pub(crate) fn new(listing: Listing) -> Self {
        Self {
            running: BTreeSet::new(),
            again: BTreeSet::new(),
            later: BTreeSet::new(),
            later_at: None,
            refused: BTreeMap::new(),
            listing,
        }
    }

    /// Sessions that the gateway has, if it said.
    pub(crate) fn total(&self) -> Option<u64> {
        self.listing.total
    }

    /// The connection ended: nothing is under way.
    pub(crate) fn ended(&mut self) {
        *self = Self::new(self.listing.anew());
    }

    pub(crate) fn due(&self) -> Option<u64> {
        self.later_at
    }

    fn later(&mut self, part: Part, at: u64) {
        self.later.insert(part);
        self.later_at = Some(self.later_at.map_or(at, |other| other.min(at)));
    }

    /// Whether all of the picture is as the gateway told it, as far as it does.
    fn is_complete(&self) -> bool {
        self.running.is_empty() && self.later.is_empty()
    }
}

impl Part {
    fn method(self) -> &'static str {
        match self {
            Self::Subscribe => "sessions.subscribe",
            Self::Agents => "agents.list",
            Self::Sessions => "sessions.list",
            Self::Presence => "system-presence",
            Self::Health => "health",
        }
    }
}

impl ControlCenter {
    /// Everything anew.
    pub(crate) async fn refresh(&self) {
        self.memory.with(|memory| memory.is_stale = true);
        self.want(&ALL).await;
    }

    /// What is already being asked for is asked for once more afterwards.
    pub(crate) async fn want(&self, parts: &[Part]) {
        let shows_none = self.settings.sessions == 0;
        for part in parts {
            if shows_none && matches!(part, Part::Subscribe | Part::Sessions) {
                continue;
            }
            let is_new = self.memory.with(|memory| {
                let is_new = memory.refresh.running.insert(*part);
                if !is_new {
                    memory.refresh.again.insert(*part);
                } else if *part == Part::Sessions {
                    memory.refresh.listing = memory.refresh.listing.anew();
                }
                is_new
            });
            if is_new {
                self.put(*part).await;
            }
        }
    }

    /// In a moment, however often it is said until then.
    pub(crate) fn want_soon(&self, part: Part) {
        self.memory.with(|memory| memory.refresh.later(part, now_ms() + SOON_MS));
    }

    pub(crate) async fn want_what_is_due(&self) {
        let due = self.memory.with(|memory| {
            let is_due = memory.refresh.later_at.is_some_and(|at| at <= now_ms());
            if !is_due {
                return BTreeSet::new();
            }
            memory.refresh.later_at = None;
            std::mem::take(&mut memory.refresh.later)
        });
        self.want(&due.into_iter().collect::<Vec<_>>()).await;
    }

    async fn put(&self, part: Part) {
        let (id, frame) = self.memory.with(|memory| {
            let params = match part {
                Part::Sessions => memory.refresh.listing.params(),
                _ => json!({}),
            };
            memory.line.request(part.method(), params, Purpose::Refresh(part), now_ms())
        });
        if let Err(error) = websocket::send(NAME, frame).await {
            let is_ours = self.memory.with(|memory| memory.line.take(id).is_some());
            log::debug!("could not ask: {error}", method = part.method());
            if is_ours {
                self.memory.with(|memory| memory.end(part, Err(&Failure::NotSent(error)), now_ms()));
            }
        }
    }

    /// An answer to a question of the refresh came, or none will.
    pub(crate) async fn told(&self, part: Part, answer: Result<Value, Failure>) {
        let next = self.memory.with(|memory| memory.told(part, answer));
        match next {
            Told::NextPage => return self.put(Part::Sessions).await,
            Told::Again => self.want(&[part]).await,
            Told::Done => {}
        }
        self.settle();
    }

    /// Says how complete the picture is, once nothing is under way.
    fn settle(&self) {
        let refused = self.memory.with(|memory| {
            if !memory.line.is_up() || !memory.refresh.is_complete() {
                return None;
            }
            memory.is_stale = false;
            Some(memory.refresh.refused.values().next().cloned())
        });
        match refused {
            Some(None) => self.report(State::Connected, ""),
            Some(Some(why)) => self.report(State::Degraded, &why),
            None => {}
        }
        self.show();
    }
}

enum Told {
    Done,
    NextPage,
    Again,
}

impl Memory {
    fn told(&mut self, part: Part, answer: Result<Value, Failure>) -> Told {
        let used = answer.and_then(|payload| match part {
            Part::Sessions => match self.refresh.listing.take(&payload) {
                None => Err(Failure::Shape),
                Some(is_last) => Ok(is_last),
            },
            _ => self.use_answer(part, &payload).map(|()| true),
        });
        match used {
            Ok(false) => return Told::NextPage,
            Ok(true) => {
                if part == Part::Sessions {
                    let (listed, newer) = self.refresh.listing.end();
                    self.picture.set_sessions(listed, &newer);
                }
                self.end(part, Ok(()), now_ms());
            }
            Err(failure) => self.end(part, Err(&failure), now_ms()),
        }
        if self.refresh.again.remove(&part) { Told::Again } else { Told::Done }
    }

    fn use_answer(&mut self, part: Part, payload: &Value) -> Result<(), Failure> {
        match part {
            Part::Agents => {
                let rows = field::list(payload, "agents").ok_or(Failure::Shape)?;
                let default = payload.get("defaultId").and_then(Value::as_str);
                self.picture.set_agents(rows.iter().filter_map(|row| Agent::read(row, default)));
            }
            Part::Presence => {
                let rows =
                    payload.as_array().or_else(|| field::list(payload, "presence")).ok_or(Failure::Shape)?;
                self.picture.set_presence(rows);
            }
            Part::Health => {
                self.picture.set_health(payload);
            }
            Part::Subscribe | Part::Sessions => {}
        }
        Ok(())
    }

    fn end(&mut self, part: Part, how: Result<(), &Failure>, now: u64) {
        self.refresh.running.remove(&part);
        self.refresh.refused.remove(&part);
        let Err(failure) = how else { return };
        let why = format!("{}: {failure}", part.method());
        log::warn!("could not refresh a part of the picture: {why}");
        self.failed(&why);
        match failure.may_pass() {
            Some(after) => self.refresh.later(part, now + after.unwrap_or(AGAIN_MS)),
            None => drop(self.refresh.refused.insert(part, why)),
        }
    }
}
