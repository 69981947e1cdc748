//! Events of the past, one after the other: those of a page, then those that waited.

use crate::Occum;
use crate::api::Page;
use crate::catchup::Later;
use crate::channel::ChannelId;
use crate::context::Context;
use crate::inbound::{Handed, Vetted};
use crate::join;
use crate::lane::{Lane, Sighting};
use crate::parse::{Event, What};
use crate::retry;
use sdk::{log, timers};
use std::time::Duration;

/// Work sessions that are begun side by side.
const BESIDE: usize = 4;

/// Events that are accepted one by one, and the sessions to begin for them.
pub(crate) struct Progress<'a> {
    pub(crate) channel: &'a ChannelId,
    pub(crate) until: Duration,
    pub(crate) begun: Vec<Context>,
}

impl Occum {
    /// Without a cursor only the newest page is in reach: what came live before it is the place to go on from.
    pub(crate) async fn take_beginning(&self, progress: &mut Progress<'_>, page: Page) -> Result<(), Later> {
        let first = self.with_lane(progress.channel, |lane| lane.first_before(&page.events));
        if let Some(Some(first)) = first {
            let id = first.event.id.clone();
            self.take(progress, first.event, first.vetted).await?;
            self.with_lane(progress.channel, |lane| lane.passes(&id));
            return Ok(());
        }
        log::warn!("perhaps more than a page was missed", channel = progress.channel);
        self.take_page(progress, page).await
    }

    pub(crate) async fn take_page(&self, progress: &mut Progress<'_>, page: Page) -> Result<(), Later> {
        for event in page.events {
            if timers::monotonic() >= progress.until {
                break;
            }
            let Some(sighting) = self.with_lane(progress.channel, |lane| lane.sees(&event.id)) else { break };
            let vetted = match sighting {
                Sighting::Waited { vetted } => vetted,
                // It may not be accepted yet: once more does no harm.
                Sighting::Open => true,
                Sighting::Unknown => false,
            };
            let id = event.id.clone();
            self.take(progress, event, vetted).await?;
            self.with_lane(progress.channel, |lane| lane.passes(&id));
        }
        Ok(())
    }

    /// The history is through: now what waited and was not in it, until nothing is left and the channel is live.
    pub(crate) async fn take_waiting(&self, progress: &mut Progress<'_>) -> Result<(), Later> {
        while timers::monotonic() < progress.until {
            let Some(next) = self.with_lane(progress.channel, Lane::next_waiting) else { break };
            let Some(waiting) = next else {
                let made_good =
                    self.with_lane(progress.channel, |lane| lane.catches_up().then_some(lane.made_good));
                if let Some(Some(messages @ 1..)) = made_good {
                    log::info!("caught up", channel = progress.channel, messages = messages);
                }
                break;
            };
            let id = waiting.event.id.clone();
            self.take(progress, waiting.event, waiting.vetted).await?;
            self.with_lane(progress.channel, |lane| lane.passes(&id));
        }
        Ok(())
    }

    /// One event of the past. On an error it is the first of those that wait.
    async fn take(&self, progress: &mut Progress<'_>, event: Event, vetted: bool) -> Result<(), Later> {
        let What::Message(message) = &event.what else { return Ok(()) };
        let vetted = if vetted { Vetted::Yes } else { self.vet_for_sure(&event).await };
        match vetted {
            Vetted::Yes => {}
            Vetted::No => return Ok(()),
            Vetted::WhoAmI => {
                self.with_lane(progress.channel, |lane| lane.puts_back(event.clone(), false));
                return Err(Later::WhoAmI);
            }
        }
        match self.hand_over(&event, message.clone()).await {
            Handed::New(context) => progress.begun.push(context),
            Handed::Later(error) => {
                self.with_lane(progress.channel, |lane| lane.puts_back(event.clone(), true));
                return Err(Later::Agent(error));
            }
            // Nobody can be answered `Reject` here; the error is in the log.
            Handed::Known | Handed::Refused(_) => return Ok(()),
        }
        self.with_lane(progress.channel, |lane| lane.made_good += 1);
        Ok(())
    }

    /// As [`vet`](Self::vet), and asks who we are if it depends on that. If nobody says it for long, the message is
    /// left alone rather than answered by its own author, so that others are not held up for ever.
    async fn vet_for_sure(&self, event: &Event) -> Vetted {
        match self.vet(event) {
            Vetted::WhoAmI if self.own_id().await.is_some() => self.vet(event),
            Vetted::WhoAmI => {
                let failures = self.with_lane(&event.channel, |lane| lane.failures).unwrap_or_default();
                if failures + 1 < retry::ATTEMPTS {
                    return Vetted::WhoAmI;
                }
                log::error!("our agent id is unknown: an agent's message is left alone", event = event.id);
                Vetted::No
            }
            vetted => vetted,
        }
    }

    /// Nice to have: what there is no time for is begun when it is completed.
    pub(crate) async fn begin_all(&self, contexts: &[Context], until: Duration) {
        for some in contexts.chunks(BESIDE) {
            if timers::monotonic() < until {
                join::all(some.iter().map(|context| self.begin(context))).await;
            } else {
                self.memory.with(|memory| {
                    some.iter().for_each(|context| drop(memory.session_begun(&context.session)))
                });
            }
        }
    }
}
