//! The rules of misbehaving and who meets them. They are met in the order they were given; one that is used up is
//! gone.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use tokio_util::sync::CancellationToken;

use super::faults::Door;
use super::requests::Requests;

#[derive(Default)]
pub(super) struct Faults {
    rules: Mutex<Rules>,
    refused: Mutex<HashSet<(String, Door)>>,
    silent: AtomicBool,
    no_agent_ids: AtomicBool,
}

#[derive(Default)]
struct Rules {
    all: Vec<(Requests, Trouble)>,
    healed: CancellationToken,
}

/// What can be done to a request.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    /// The number goes into `Retry-After`.
    Answer(StatusCode, Option<u32>),
    Delay(Duration),
    DelayAnswer(Duration),
    LoseRequest,
    LoseAnswer,
}

/// What one request has to go through.
pub(super) struct Met {
    delay: Duration,
    answer_delay: Duration,
    healed: CancellationToken,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Served,
    Failed(StatusCode, Option<u32>),
    RequestLost,
    AnswerLost,
}

impl Met {
    /// Before anything is done about the request.
    pub(super) async fn pause(&self) {
        self.wait(self.delay).await;
    }

    /// When the request was served.
    pub(super) async fn pause_before_answer(&self) {
        self.wait(self.answer_delay).await;
    }

    async fn wait(&self, delay: Duration) {
        if delay > Duration::ZERO {
            // Healed or over, both mean: go on.
            let _ = tokio::time::timeout(delay, self.healed.cancelled()).await;
        }
    }
}

impl Faults {
    pub(super) fn add(&self, which: Requests, trouble: Trouble) {
        self.rules().all.push((which, trouble));
    }

    /// The first rule about each kind of delay and the first about the outcome; they are one use less afterwards.
    pub(super) fn meet(&self, method: &Method, path: &str) -> Met {
        let mut rules = self.rules();
        let (mut delay, mut answer_delay, mut outcome) = (None, None, None);
        for (which, trouble) in &mut rules.all {
            if !which.matches(method, path) || which.left == Some(0) {
                continue;
            }
            let first = match *trouble {
                Trouble::Delay(by) => fill(&mut delay, by),
                Trouble::DelayAnswer(by) => fill(&mut answer_delay, by),
                Trouble::Answer(status, retry_after) => {
                    fill(&mut outcome, Outcome::Failed(status, retry_after))
                }
                Trouble::LoseRequest => fill(&mut outcome, Outcome::RequestLost),
                Trouble::LoseAnswer => fill(&mut outcome, Outcome::AnswerLost),
            };
            if let (true, Some(left)) = (first, &mut which.left) {
                *left -= 1;
            }
        }
        rules.all.retain(|(which, _)| which.left != Some(0));
        Met {
            delay: delay.unwrap_or_default(),
            answer_delay: answer_delay.unwrap_or_default(),
            healed: rules.healed.clone(),
            outcome: outcome.unwrap_or(Outcome::Served),
        }
    }

    pub(super) fn refuse(&self, token: &str, door: Door) {
        self.refused().insert((token.to_owned(), door));
    }

    pub(super) fn accept(&self, token: &str) {
        self.refused().retain(|(refused, _)| refused != token);
    }

    pub(super) fn refuses(&self, token: &str, door: Door) -> bool {
        let refused = self.refused();
        !refused.is_empty() && refused.contains(&(token.to_owned(), door))
    }

    pub(super) fn silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }

    pub(super) fn set_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    pub(super) fn tell_agent_ids(&self, tell: bool) {
        self.no_agent_ids.store(!tell, Ordering::SeqCst);
    }

    pub(super) fn tells_agent_ids(&self) -> bool {
        !self.no_agent_ids.load(Ordering::SeqCst)
    }

    pub(super) fn heal(&self) {
        let held = std::mem::take(&mut *self.rules());
        held.healed.cancel();
        self.refused().clear();
        self.silent.store(false, Ordering::SeqCst);
        self.no_agent_ids.store(false, Ordering::SeqCst);
    }

    /// No code that can panic runs under these locks, so they are never poisoned.
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self) -> MutexGuard<'_, HashSet<(String, Door)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Put it there if nothing is there yet.
fn fill<T>(place: &mut Option<T>, value: T) -> bool {
    let empty = place.is_none();
    place.get_or_insert(value);
    empty
}
