//! Work sessions: begun when a message is with the agent, always completed.
//!
//! A session is begun once, by whoever dispatched its message. If that one died in between nobody begins it again: the
//! answer may be there already, and a session begun after its completion would stay open for ever. Instead the
//! platform says 404 when it is to be completed, and it is begun and completed in one go.

use crate::Occum;
use crate::api::Error;
use crate::channel::ChannelId;
use crate::context::Context;
use crate::retry::{self, Outcome};
use sdk::{Disposition, Event, log};

impl Occum {
    /// Begins the session of a message that was just dispatched. Nothing depends on it.
    pub(crate) async fn begin(&self, context: &Context) {
        let (channel, session) = (&context.channel, &context.session);
        if self.memory.with(|memory| memory.is_session_completed(session)) {
            self.memory.with(|memory| memory.session_begun(session));
            return;
        }
        if let Err(error) = self.api.work(channel, session).await {
            log::warn!("could not begin the work session: {error}", event = context.event, channel = channel);
        }
        // The answer was faster than the request: completing has to come last.
        if let Some(summary) = self.memory.with(|memory| memory.session_begun(session))
            && let Err(error) = self.api.complete(channel, session, &summary).await
        {
            log::warn!(
                "could not complete the work session: {error}",
                event = context.event,
                channel = channel
            );
        }
    }

    /// Completing twice does no harm, so an unknown outcome is tried again too.
    pub(crate) async fn complete(&self, event: Event, context: &Context, summary: &str) -> Disposition {
        let Err(error) = self.end(&context.channel, &context.session, summary).await else {
            self.memory.with(|memory| memory.session_completed(&context.session, summary));
            return Disposition::Done;
        };
        log::warn!(
            "could not complete the work session: {error}",
            event = context.event,
            channel = context.channel,
            attempt = event.attempt
        );
        let again =
            retry::patience(&error, event.attempt).filter(|_| retry::outcome(&error) != Outcome::Refused);
        match again {
            Some(delay) => Disposition::Retry(delay),
            None => Disposition::Reject(format!("work session not completed: {error}")),
        }
    }

    async fn end(&self, channel: &ChannelId, session: &str, summary: &str) -> Result<(), Error> {
        match self.api.complete(channel, session, summary).await {
            Err(error) if error.is_unknown() => {
                self.api.work(channel, session).await?;
                self.api.complete(channel, session, summary).await
            }
            answer => answer,
        }
    }
}
