//! Messages that the connector could not deal with: kept for the operator, and delivered once more if he wants.
use crate::driver::{self, Frame, What};
use crate::{Event, Seat};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Reviver, SetAside};
use futures::FutureExt;
use ports::log_budget::printable;
use ports::mailbox::History;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};

#[derive(Serialize, Deserialize)]
struct Kept {
    name: Arc<str>,
    frame: KeptFrame,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptFrame {
    Text(Arc<str>),
    /// Base64.
    Binary(String),
}

/// Opening and closing mean nothing later.
pub fn set_aside(event: &driver::Event) -> Option<SetAside> {
    let What::Message(frame) = &event.what else { return None };
    let kept = Kept {
        name: event.name.clone(),
        frame: match frame {
            Frame::Text(text) => KeptFrame::Text(text.clone()),
            Frame::Binary(bytes) => KeptFrame::Binary(STANDARD.encode(bytes)),
        },
    };
    let about = format!("frame of {} bytes on socket {}", frame.len(), printable(&event.name, 64));
    Some(SetAside { about, body: serde_json::to_vec(&kept).ok()? })
}

pub fn reviver(seat: &Seat) -> Reviver {
    let (mailbox, numbers, listed) = (seat.mailbox.clone(), seat.numbers.clone(), seat.listed.clone());
    Arc::new(move |body, past| {
        let (mailbox, numbers, listed) = (mailbox.clone(), numbers.clone(), listed.clone());
        async move {
            let kept: Kept = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
            let frame = match kept.frame {
                KeptFrame::Text(text) => Frame::Text(text),
                KeptFrame::Binary(text) => {
                    Frame::Binary(STANDARD.decode(text).map_err(|error| error.to_string())?.into())
                }
            };
            let subscription = {
                let listed = listed.lock().unwrap_or_else(PoisonError::into_inner);
                listed.get(&kept.name).map(|entry| entry.lasts.clone())
            };
            let subscription = subscription.filter(|lasts| lasts.upgrade().is_some());
            let subscription =
                subscription.ok_or_else(|| format!("the connector has no socket {} now", kept.name))?;
            let bytes = frame.len();
            let sequence = numbers.fetch_add(1, Relaxed);
            let event = driver::Event { name: kept.name, sequence, what: What::Message(frame) };
            let history = History { past, revived: true, ..History::default() };
            let settled = mailbox.deliver_with(Event { event, subscription }, bytes, history).await;
            settled.map_err(|error| error.to_string())
        }
        .boxed()
    })
}
