//! Making good what was missed: after every login, in every new instance, and when the agent was busy.
//!
//! A one-shot timer runs it, so that it is done in steps which each end well within a handler's time, and so that a
//! step that dies is delivered to the next instance. A step works off one page of one channel; four channels are
//! worked on side by side, and those where somebody waits come first.
//!
//! A new instance can't know whether a login is to come or whether it took over an open socket. So it sets the timer
//! by itself, a second away, for all channels in the store; and an event of the socket brings its channel's turn
//! forward.

use crate::Occum;
use crate::api::{self, MOST_EVENTS, Page};
use crate::channel::ChannelId;
use crate::cursor::{self, Cursor, Without};
use crate::join;
use crate::lane::Lane;
use crate::past::Progress;
use crate::retry;
use sdk::{Disposition, agent, log, store, timers};
use std::time::Duration;

pub(crate) const TIMER: &str = "catch-up";

/// The shortest time of a timer.
const SOON: Duration = Duration::from_millis(10);

/// One firing of the timer. What is begun before may take some seconds more; a handler has 30.
const STEP: Duration = Duration::from_secs(8);

/// Channels side by side.
const BESIDE: usize = 4;

/// Why a channel has to wait.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Later {
    #[error(transparent)]
    Platform(#[from] api::Error),
    #[error("store: {0}")]
    Store(#[from] store::Error),
    #[error("agent: {0}")]
    Agent(agent::Error),
    #[error("our agent id is unknown")]
    WhoAmI,
}

impl Occum {
    /// Sees to it that somebody catches up in time.
    pub(crate) fn arm(&self) {
        let now = timers::monotonic();
        let Some(due) = self.lanes.with(|lanes| lanes.arm(now)) else { return };
        if let Err(error) = timers::once(TIMER, (due - now).max(SOON)) {
            log::error!("could not set the timer: {error}");
        }
    }

    pub(crate) async fn catch_up(&self) -> Disposition {
        if self.lanes.with(|lanes| lanes.begin_work()) {
            let until = timers::monotonic() + STEP;
            join::all((0..BESIDE).map(|_| self.work_off(until))).await;
            self.lanes.with(|lanes| lanes.end_work());
            self.save().await;
            self.all_have_begun().await;
        }
        self.arm();
        Disposition::Done
    }

    async fn work_off(&self, until: Duration) {
        loop {
            let now = timers::monotonic();
            let Some(channel) = self.lanes.with(|lanes| if now < until { lanes.next(now) } else { None })
            else {
                return;
            };
            let stepped = self.step(&channel, until).await;
            let failures = self.lanes.with(|lanes| {
                let Some(lane) = lanes.lane(&channel) else { return 0 };
                lane.busy = false;
                lane.failures = if stepped.is_err() { lane.failures + 1 } else { 0 };
                lane.failures
            });
            if let Err(later) = stepped {
                let answer = if let Later::Platform(error) = &later { Some(error) } else { None };
                let wait = retry::wait(answer, failures.max(1));
                log::warn!("not caught up yet: {later}", channel = channel, again_in_ms = wait.as_millis());
                let due = timers::monotonic() + wait;
                self.lanes.with(|lanes| lanes.lane(&channel).map(|lane| lane.due = due));
            }
        }
    }

    /// One page of one channel.
    async fn step(&self, channel: &ChannelId, until: Duration) -> Result<(), Later> {
        let Some(cursor) = self.cursor(channel).await? else { return Ok(()) };
        self.with_lane(channel, Lane::asks);
        let page = match self.api.page(channel, &cursor, MOST_EVENTS).await {
            Err(error) if error.is_unknown() => {
                log::warn!(
                    "the platform does not know where we were; going on with the newest",
                    channel = channel
                );
                return self.begins(channel, Without::Forgotten).await;
            }
            page => page?,
        };
        let mut progress = Progress { channel, until, begun: Vec::new() };
        let worked = if page.events.is_empty() {
            self.take_waiting(&mut progress).await
        } else if cursor == Cursor::Beginning && page.full {
            self.take_beginning(&mut progress, page).await
        } else {
            self.take_page(&mut progress, page).await
        };
        self.lanes.with(|lanes| lanes.is_to_be_saved(channel));
        join::both(self.begin_all(&progress.begun, until), self.save()).await;
        worked
    }

    /// Where to go on. None: the channel is gone.
    async fn cursor(&self, channel: &ChannelId) -> Result<Option<Cursor>, Later> {
        let known = |occum: &Self| occum.with_lane(channel, |lane| lane.cursor.clone()).flatten();
        if let Some(cursor) = known(self) {
            return Ok(Some(cursor));
        }
        if let Some(cursor) = self.stored_cursor(channel).await? {
            self.with_lane(channel, |lane| lane.cursor = Some(cursor));
        } else if self.lanes.with(|lanes| lanes.begun) {
            let own = self.own_id().await.ok_or(Later::WhoAmI)?;
            self.begins(channel, Without::NewChannel { own: &own }).await?;
        } else {
            self.begins(channel, Without::FirstStart).await?;
        }
        Ok(known(self))
    }

    /// Finds a place to begin at.
    async fn begins(&self, channel: &ChannelId, why: Without<'_>) -> Result<(), Later> {
        let Page { events, full } = match self.api.page(channel, &Cursor::Beginning, MOST_EVENTS).await {
            Err(error) if error.is_unknown() => {
                self.lanes.with(|lanes| lanes.forget(channel));
                self.forget(vec![channel.clone()]).await;
                return Ok(());
            }
            page => page?,
        };
        let cursor = self.with_lane(channel, |lane| cursor::beginning(&events, full, why, lane.waiting()));
        if let Some(cursor) = cursor {
            self.starts_at(channel, cursor);
        }
        Ok(())
    }

    pub(crate) fn with_lane<R>(&self, channel: &ChannelId, body: impl FnOnce(&mut Lane) -> R) -> Option<R> {
        self.lanes.with(|lanes| lanes.lane(channel).map(body))
    }
}
