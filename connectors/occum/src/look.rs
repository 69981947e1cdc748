//! Before something is posted again: was it posted already?
//!
//! A post has no key that the platform would know a repeat by. So after an attempt whose outcome is unknown (its
//! answer was lost, or we died with it under way) we look for a message of ours with exactly that text. Two mistakes
//! are possible: not to see it and post it twice, or to take another message for it and never post it. This is what
//! keeps both away:
//!
//! 1. **Nothing older than the message that is answered.** Its event (it comes back in the context, so no crash can
//!    lose it) lies before everything that answers it. The look begins behind it.
//! 2. **Nothing up to the block before.** Blocks of a channel are posted one after the other: one conversation per
//!    channel, and the host delivers the next block when the last was answered. The event of each block posted is
//!    noted in the store (`posts/<channel>`) *before* the block is answered `Done`. So when a block is delivered, the
//!    note names the block before it, whoever died meanwhile, and whatever the look saw up to there is not ours:
//!    "ok" twice in one answer, and "ok" in the answer before, are told apart. If the message that is answered is
//!    unknown to the platform by now, the look begins behind the block before.
//! 3. **The block itself, if the note is about it.** We may die between the note and `Done`. The note says whose post
//!    it was (ticket and number of the reply), so the repeat finds itself there and does nothing. Without this the
//!    second rule would hide it and it would be posted twice.
//! 4. **Nothing that is known to be another's.** Tools and messages that the agent sends by itself go into the same
//!    channel at any time, perhaps with the same text. Their events are in the same note and are passed over. While
//!    one is under way, its event unknown, we do not look but wait.
//! 5. A message that the agent sends **by itself** answers nothing. Before its first attempt a place is kept in the
//!    store (`outbound/<id>`), and deleted together with the note that it was posted. No place and no note: it was
//!    never attempted.
//! 6. **Not at once.** The look is made at the next delivery, a second later or more: a request whose answer was lost
//!    may still be on its way. If the platform does not let us look, that is tried again too, and given up with the
//!    last attempt: never posted blindly.
//!
//! The first attempt (`attempt` 1) needs no look, and neither does one after failures that all certainly did nothing.
//! The price is one commit per post, after it; no post waits for the disk.
//!
//! What this can't know: a request that arrives after our look; a message that the platform stores with another text
//! than it was given; and which of two posts with the same text in the same channel was done, when the outcome of both
//! is unknown and one of them is a tool's (nobody repeats it) or was given up.

use crate::api::{Error, MOST_EVENTS};
use crate::channel::ChannelId;
use crate::cursor::Cursor;
use crate::parse::{Sender, What};
use crate::posts::{Posts, Purpose};
use crate::{Occum, api};
use sdk::timers;
use std::time::Duration;

/// Time for the pages of one look; the handler has to post after it.
const TIME: Duration = Duration::from_secs(8);

/// Why it is not known whether it was posted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Doubt {
    #[error(transparent)]
    Platform(#[from] api::Error),
    #[error("the platform does not know the place to look from")]
    Place,
    #[error("too much was said since")]
    Time,
    #[error("our agent id is unknown")]
    WhoAmI,
    #[error("another post is under way")]
    Posting,
}

impl Occum {
    /// The event of a post that was made already, perhaps. `from`: the places to look from, the best first.
    pub(crate) async fn look(
        &self,
        channel: &ChannelId,
        text: &str,
        purpose: &Purpose,
        from: &[Cursor],
        posts: &Posts,
    ) -> Result<Option<String>, Doubt> {
        if self.memory.with(|memory| memory.is_posting(channel)) {
            return Err(Doubt::Posting);
        }
        let own = self.own_id().await.ok_or(Doubt::WhoAmI)?;
        for place in from {
            match self.walk(channel, text, purpose, place.clone(), posts, &own).await {
                Err(Doubt::Platform(error)) if error.is_unknown() => {}
                answer => return answer,
            }
        }
        Err(Doubt::Place)
    }

    async fn walk(
        &self,
        channel: &ChannelId,
        text: &str,
        purpose: &Purpose,
        mut place: Cursor,
        posts: &Posts,
        own: &str,
    ) -> Result<Option<String>, Doubt> {
        let until = timers::monotonic() + TIME;
        let block_before = posts.block().filter(|_| matches!(purpose, Purpose::Block { .. }));
        let mut found = None;
        loop {
            if timers::monotonic() >= until {
                return Err(Doubt::Time);
            }
            let page = self.api.page(channel, &place, MOST_EVENTS).await?;
            let Some(last) = page.events.last() else { return Ok(found) };
            place = Cursor::After(last.id.clone());
            for event in page.events {
                if block_before == Some(event.id.as_str()) {
                    found = None;
                } else if is_ours(&event.what, own, text) && !posts.has(&event.id) && found.is_none() {
                    found = Some(event.id);
                }
            }
        }
    }

    /// Our agent id, asked for if need be.
    pub(crate) async fn own_id(&self) -> Option<String> {
        let known = |occum: &Self| occum.memory.with(|memory| memory.agent_id().map(str::to_owned));
        if known(self).is_none()
            && let Err(error) = self.identify().await
        {
            sdk::log::warn!("could not find out who we are: {error}");
        }
        known(self)
    }
}

fn is_ours(what: &What, own: &str, text: &str) -> bool {
    let What::Message(message) = what else { return false };
    message.sender == Sender::Agent(own.to_owned()) && message.text == text
}

impl Doubt {
    /// What the platform said about when to ask again.
    pub(crate) fn answer(&self) -> Option<&Error> {
        if let Self::Platform(error) = self { Some(error) } else { None }
    }
}
