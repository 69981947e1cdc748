//! Events into the mailbox, numbered. While one waits there, the socket is not read.
use super::event::{Event, What};
use futures::future::BoxFuture;
use ports::mailbox::{Closed, Mailbox};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a message may wait for a place in the mailbox while the socket is not read. Long enough for a guest that
/// is being replaced (a second), short enough that the platform does not give up on us first.
pub(super) const MAILBOX_PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Teller {
    pub(super) mailbox: Mailbox<Event>,
    pub(super) name: Arc<str>,
    pub(super) told: u64,
}

/// An event that found the mailbox full. It keeps its place in the line as long as this lives.
pub(super) struct Letter {
    pub(super) post: BoxFuture<'static, Result<(), Closed>>,
    pub(super) until: Instant,
    /// Openings and closings are never dropped.
    pub(super) keep: bool,
}

impl Teller {
    /// At once if the mailbox has a place, otherwise a letter; nothing else may be told before that one is posted.
    pub(super) fn tell(&mut self, what: What) -> Option<Letter> {
        let bytes = what.bytes();
        let keep = !matches!(what, What::Message(_));
        let event = Event { name: self.name.clone(), sequence: self.told + 1, what };
        match self.mailbox.try_post(event.clone(), bytes) {
            Ok(()) => {
                self.told += 1;
                None
            }
            Err(_full) => {
                let mailbox = self.mailbox.clone();
                let post = Box::pin(async move { mailbox.post(event, bytes).await });
                Some(Letter { post, until: Instant::now() + MAILBOX_PATIENCE, keep })
            }
        }
    }

    /// Waits as long as the event is worth: for ever, or until the message's time is up. Whether it was posted.
    ///
    /// # Errors
    /// [`Closed`]: the instance has ended.
    pub(super) async fn finish(&mut self, letter: Letter) -> Result<bool, Closed> {
        let posted = match letter.keep {
            true => letter.post.await.map(|()| true)?,
            false => match tokio::time::timeout_at(letter.until, letter.post).await {
                Ok(posted) => posted.map(|()| true)?,
                Err(_late) => false,
            },
        };
        self.told += u64::from(posted);
        Ok(posted)
    }
}
