//! Posting something that is to be posted once, over repeats and deaths. The rules are in [`crate::look`].

use crate::Occum;
use crate::channel::ChannelId;
use crate::cursor::Cursor;
use crate::posts::Purpose;
use crate::retry::{self, Outcome};
use sdk::log;
use std::time::Duration;

/// Something to post.
pub(crate) struct Draft<'a> {
    pub(crate) channel: &'a ChannelId,
    pub(crate) text: &'a str,
    pub(crate) purpose: Purpose,
    pub(crate) attempt: u32,
    /// Where to look for it: a place before its first attempt. None: it was never attempted.
    pub(crate) from: Option<Cursor>,
    /// A key of the store that goes when it is posted.
    pub(crate) kept: Option<String>,
}

/// What became of it.
pub(crate) enum Posted {
    /// With its event, if the platform said it.
    Done(Option<String>),
    Again(Duration),
    GivenUp(String),
}

impl Occum {
    pub(crate) async fn deliver(&self, draft: Draft<'_>) -> Posted {
        let Draft { channel, text, purpose, attempt, from, kept } = draft;
        let mut certain = attempt == 1;
        if attempt > 1 {
            let posts = match self.posts(channel).await {
                Ok(posts) => posts,
                Err(error) => return later(None, attempt, format!("not posted: store: {error}")),
            };
            if let Some(id) = posts.find(&purpose) {
                return Posted::Done(id);
            }
            certain = self.memory.with(|memory| memory.take_unposted(&purpose)) || from.is_none();
            if let (false, Some(from)) = (certain, from) {
                let block = posts.block().map(|id| Cursor::After(id.to_owned()));
                let block = block.filter(|_| matches!(purpose, Purpose::Block { .. }));
                let places: Vec<_> = [from].into_iter().chain(block).collect();
                match self.look(channel, text, &purpose, &places, &posts).await {
                    Ok(Some(id)) => {
                        log::info!("was posted already", channel = channel, event = id, attempt = attempt);
                        self.remember(channel, &purpose, Some(&id), kept).await;
                        return Posted::Done(Some(id));
                    }
                    Ok(None) => {}
                    Err(doubt) => {
                        log::warn!(
                            "could not look whether it was posted: {doubt}",
                            channel = channel,
                            attempt = attempt
                        );
                        return later(
                            doubt.answer(),
                            attempt,
                            format!("perhaps posted; could not look: {doubt}"),
                        );
                    }
                }
            }
        }
        self.memory.with(|memory| memory.begins_post(channel));
        let posted = self.api.post(channel, text).await;
        self.memory.with(|memory| memory.ends_post(channel));
        let error = match posted {
            Ok(id) => {
                log::debug!("posted", channel = channel, bytes = text.len());
                self.remember(channel, &purpose, id.as_deref(), kept).await;
                return Posted::Done(id);
            }
            Err(error) => error,
        };
        log::warn!("could not post: {error}", channel = channel, attempt = attempt);
        match retry::outcome(&error) {
            Outcome::Refused => return Posted::GivenUp(format!("not posted: {error}")),
            Outcome::NotDone if certain => self.memory.with(|memory| memory.is_unposted(&purpose)),
            Outcome::NotDone | Outcome::Perhaps => {}
        }
        let reason = if retry::outcome(&error) == Outcome::NotDone { "not posted" } else { "perhaps posted" };
        later(Some(&error), attempt, format!("{reason}: {error}"))
    }
}

fn later(error: Option<&crate::api::Error>, attempt: u32, reason: String) -> Posted {
    if attempt < retry::ATTEMPTS {
        Posted::Again(retry::wait(error, attempt))
    } else {
        Posted::GivenUp(reason)
    }
}
