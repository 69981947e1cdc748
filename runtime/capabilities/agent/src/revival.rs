//! What was set aside, once more.
use crate::bindings::exports::connector::runtime::agent_handler::Outbound;
use crate::desk::{Accepted, Arrival, Inner};
use crate::kept::{self, Context, Kept, KeptMessage};
use crate::line;
use crate::outbox::Outbox;
use contract::Reviver;
use futures::FutureExt;
use ports::journal::Past;
use ports::mailbox::{History, Settled};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub fn reviver(desk: &Arc<Inner>, outbox: &Outbox) -> Reviver {
    let (desk, outbox) = (Arc::downgrade(desk), outbox.clone());
    Arc::new(move |body, past| revive(desk.clone(), outbox.clone(), body, past).boxed())
}

async fn revive(desk: Weak<Inner>, outbox: Outbox, body: Vec<u8>, past: Past) -> Result<Settled, String> {
    let kept = kept::read(&body).ok_or("this version of the runtime cannot read it")?;
    let desk = desk.upgrade().ok_or("the instance has ended")?;
    let history = History { past, revived: true, ..History::default() };
    match kept {
        Kept::Reply(told) => {
            let (event, bytes) = line::event(told);
            let settled = desk.mailbox.deliver_with(event, bytes, history).await;
            settled.map_err(|error| error.to_string())
        }
        Kept::Outbound { id, to, text } => {
            let message = Outbound { id, to, text };
            let settled = outbox.deliver(&desk.mailbox, message, None, history).await;
            settled.map_err(|error| error.to_string())
        }
        Kept::Message {
            key,
            patience_ms,
            kept: KeptMessage { message, context: Context(context), progress },
        } => {
            // Its own key is known; this is the same message for the second time, on purpose.
            let key = format!("{key}~{}", message.ticket);
            let patience = Duration::from_millis(patience_ms);
            match desk.accept(Arrival { key, message, context, progress, patience, past: history.past }).await
            {
                Ok(Accepted::New(_) | Accepted::Duplicate(_)) => Ok(Settled::Done),
                Err(refused) => Err(refused.to_string()),
            }
        }
    }
}
