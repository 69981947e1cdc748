//! From the agent to the platform: blocks are posted, the end completes the work session.

use crate::context::Context;
use crate::retry::{Verdict, judge};
use crate::{Occum, format};
use sdk::agent::{Reply, ReplyEvent};
use sdk::{Disposition, Event, log};

impl Occum {
    pub(crate) async fn replied(&self, event: Event, reply: ReplyEvent) -> Disposition {
        let context = match reply.context_json::<Context>() {
            Ok(context) => context,
            Err(_) => return Disposition::Reject("the context is not ours".into()),
        };
        match reply.reply {
            Reply::Started | Reply::Delta(_) => Disposition::Done,
            Reply::Block(text) if text.is_empty() => Disposition::Done,
            Reply::Block(text) => self.post(event, &context, &text).await,
            Reply::Final(text) => self.complete(event, &context, &format::summary(&text)).await,
            Reply::Failed(failure) => {
                self.complete(event, &context, &format::failure(&failure.message)).await
            }
            Reply::Aborted => self.complete(event, &context, "Aborted").await,
        }
    }

    /// Posting twice is worse than not at all: only what certainly was not posted is tried again.
    async fn post(&self, event: Event, context: &Context, text: &str) -> Disposition {
        let Err(error) = self.api.post(&context.channel, text).await else {
            log::debug!("posted", event = context.event, channel = context.channel, bytes = text.len());
            return Disposition::Done;
        };
        log::warn!(
            "could not post: {error}",
            event = context.event,
            channel = context.channel,
            attempt = event.attempt
        );
        match judge(&error, event.attempt) {
            Verdict::Again(delay) => Disposition::Retry(delay),
            Verdict::Never => Disposition::Reject(format!("not posted: {error}")),
            Verdict::Unknown => Disposition::Done,
        }
    }

    /// Completing twice does no harm, so an unknown outcome is tried again too.
    async fn complete(&self, event: Event, context: &Context, summary: &str) -> Disposition {
        let Err(error) = self.api.complete(&context.channel, &context.session, summary).await else {
            return Disposition::Done;
        };
        log::warn!(
            "could not complete the work session: {error}",
            event = context.event,
            channel = context.channel,
            attempt = event.attempt
        );
        match judge(&error, event.attempt) {
            Verdict::Again(delay) => Disposition::Retry(delay),
            Verdict::Unknown => {
                crate::retry::delay(event.attempt).map_or(Disposition::Done, Disposition::Retry)
            }
            Verdict::Never => Disposition::Done,
        }
    }
}
