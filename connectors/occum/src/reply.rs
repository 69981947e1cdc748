//! From the agent to the platform: blocks are posted, the end completes the work session.

use crate::context::Context;
use crate::cursor::Cursor;
use crate::posting::{Draft, Posted};
use crate::posts::Purpose;
use crate::{Occum, format};
use sdk::agent::{Reply, ReplyEvent, Ticket};
use sdk::{Disposition, Event};

impl Occum {
    pub(crate) async fn replied(&self, event: Event, reply: ReplyEvent) -> Disposition {
        let context = match reply.context_json::<Context>() {
            Ok(context) => context,
            Err(_) => return Disposition::Reject("the context is not ours".into()),
        };
        match reply.reply {
            Reply::Started | Reply::Delta(_) => Disposition::Done,
            Reply::Block(text) if text.is_empty() => Disposition::Done,
            Reply::Block(text) => self.block(event, reply.ticket, context, &text).await,
            Reply::Final(text) => self.complete(event, &context, &format::summary(&text)).await,
            Reply::Failed(failure) => {
                self.complete(event, &context, &format::failure(&failure.message)).await
            }
            Reply::Aborted => self.complete(event, &context, "Aborted").await,
        }
    }

    async fn block(&self, event: Event, ticket: Ticket, context: Context, text: &str) -> Disposition {
        let draft = Draft {
            channel: &context.channel,
            text,
            purpose: Purpose::Block { ticket: ticket.0, sequence: event.sequence },
            attempt: event.attempt,
            from: Some(Cursor::After(context.event)),
            kept: None,
        };
        match self.deliver(draft).await {
            Posted::Done(_) => Disposition::Done,
            Posted::Again(delay) => Disposition::Retry(delay),
            Posted::GivenUp(reason) => Disposition::Reject(reason),
        }
    }
}
