//! The task of one instance: one session after the other, as failures, the operator and time want it.
use super::live::{Live, Order, Wish};
use crate::house::House;
use contract::Admission;
use engine::{Config, Ended, Given, Limits, Loaded, Session, State, Stop};
use ports::journal::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::{error, info, warn};

pub struct Runner {
    pub loaded: Arc<Loaded<House>>,
    pub house: Arc<House>,
    pub journal: Arc<dyn Journal>,
    pub admission: Admission,
    pub config: Config,
    pub limits: Limits,
    pub live: Arc<Live>,
    pub orders: mpsc::Receiver<Order>,
    /// How long a quarantine lasts.
    pub quarantine: Duration,
    pub stop: Stop,
}

/// Why no session runs.
#[derive(Clone, Copy, PartialEq)]
enum Rest {
    Paused,
    Failed,
    Quarantined,
}

/// Between two tries to read what the last session left.
const AGAIN: Duration = Duration::from_secs(1);

impl Runner {
    /// Until the process ends. What earlier processes left was read before.
    pub async fn run(mut self) {
        let mut on_trial = false;
        let mut first = true;
        while !self.stop.is_cancelled() {
            let rest = match first || self.recovered().await {
                true => self.session(on_trial).await,
                false => Some(Rest::Paused),
            };
            first = false;
            let Some(rest) = rest else { continue };
            on_trial = rest == Rest::Quarantined;
            // An operator who says so has mended something.
            on_trial &= !self.rest(rest).await;
        }
        self.live.health.becomes(State::Stopped);
    }

    /// One session, to its end. Returns what comes then; `None`: the next one, or the end.
    async fn session(&mut self, on_trial: bool) -> Option<Rest> {
        let stop = self.stop.child_token();
        let by_operator = Arc::new(AtomicBool::new(false));
        let given = Given {
            admission: &self.admission,
            config: self.config.clone(),
            limits: self.limits,
            journal: self.journal.clone(),
            health: self.live.health.clone(),
            share: self.live.share.clone(),
            on_trial,
            by_operator: by_operator.clone(),
            stop: stop.clone(),
        };
        let (session, watch) = Session::new(self.loaded.clone(), &*self.house, given);
        self.live.shows(Some(watch));
        let running = session.run();
        tokio::pin!(running);
        let mut ordered: Option<Order> = None;
        let ended = loop {
            tokio::select! {
                ended = &mut running => break ended,
                Some(order) = self.orders.recv(), if ordered.is_none() => match order.wish {
                    Wish::Resume => drop(order.done.send(Err("it runs already"))),
                    Wish::Pause | Wish::Restart => {
                        by_operator.store(true, Relaxed);
                        stop.cancel();
                        ordered = Some(order);
                    }
                },
            }
        };
        self.live.shows(None);
        let wish = ordered.map(|order| {
            let _ = order.done.send(Ok(()));
            order.wish
        });
        match (wish, ended) {
            (Some(Wish::Pause), _) => Some(Rest::Paused),
            (Some(_), _) | (None, Ended::Stopped) => None,
            (None, Ended::Failed) => Some(Rest::Failed),
            (None, Ended::Quarantined) => Some(Rest::Quarantined),
        }
    }

    /// Until it is time to begin again; whether an operator said so.
    async fn rest(&mut self, mut rest: Rest) -> bool {
        loop {
            let until = self.begin_rest(rest);
            let over = async {
                match until {
                    Some(delay) => sleep(delay).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = over => {
                    info!(connector = %self.live.id, "the quarantine is over: one trial");
                    return false;
                }
                Some(order) = self.orders.recv() => {
                    let _ = order.done.send(Ok(()));
                    if order.wish != Wish::Pause {
                        info!(connector = %self.live.id, "begins again, as the operator wants");
                        return true;
                    }
                    rest = Rest::Paused;
                }
            }
        }
    }

    /// Says so, and how long.
    fn begin_rest(&self, rest: Rest) -> Option<Duration> {
        let connector = self.live.id.to_string();
        let health = &self.live.health;
        // As its sockets are closed: nobody keeps it up to date.
        self.house.publish.board.forget(&self.live.id);
        match rest {
            Rest::Paused => {
                info!(connector, "paused; `runtime resume` goes on");
                health.becomes(State::Paused);
                None
            }
            Rest::Failed => {
                warn!(connector, "it cannot start as it is configured; `runtime restart` tries it again");
                health.becomes(State::Failed);
                None
            }
            Rest::Quarantined => {
                error!(
                    connector,
                    failures = self.limits.failures,
                    "quarantined: it failed too often in a row; everything it had open is closed. \
                     `runtime logs` says why, `runtime restart` tries it again at once"
                );
                health.count(|counts| counts.quarantines += 1);
                health.waits(State::Quarantined, self.quarantine);
                Some(self.quarantine)
            }
        }
    }

    /// What the last session left open is the next one's. `false`: it is not to begin, as the operator or the end of the
    /// process wants it.
    async fn recovered(&mut self) -> bool {
        let (live, house) = (self.live.clone(), self.house.clone());
        let recovering = async {
            while let Err(error) = house.agent.recover(&live.id).await {
                warn!(connector = %live.id, %error, "cannot begin: what it had accepted cannot be read");
                live.health.waits(State::BackingOff, AGAIN);
                sleep(AGAIN).await;
            }
        };
        tokio::pin!(recovering);
        loop {
            tokio::select! {
                () = &mut recovering => return true,
                () = self.stop.cancelled() => return false,
                Some(order) = self.orders.recv() => {
                    let _ = order.done.send(Ok(()));
                    if order.wish == Wish::Pause {
                        return false;
                    }
                }
            }
        }
    }
}
