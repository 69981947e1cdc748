//! With the agent. What is told about a message goes out on the socket as `conversation kind attempt text`; the text of a
//! block is an order too: `panic` once, `poison` always, `refuse`, `refuse once`, `stubborn` twice.
use crate::{Imp, mischief};
use sdk::agent::{self, Accepted, Inbound, Outbound, OutboundError, Receipt, Reply, ReplyEvent};
use sdk::{Disposition, Event, timers, tools, websocket};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

#[derive(Deserialize)]
pub struct Talk {
    key: String,
    conversation: String,
    text: String,
    deadline_ms: Option<u64>,
}

/// Many messages, so many of them on their way at once. Their key begins with `flood`: nobody hears of their replies.
#[derive(Deserialize)]
pub struct Flood {
    key: String,
    count: u32,
    at_once: u32,
}

impl Imp {
    pub async fn talk(&self, talk: Talk) -> Result<Value, tools::Error> {
        let deadline = talk.deadline_ms.map(Duration::from_millis);
        Ok(match agent::dispatch(inbound(talk.key, talk.conversation, talk.text, deadline)).await {
            Ok(Accepted::New(ticket)) => json!({ "new": ticket.to_string() }),
            Ok(Accepted::Duplicate(ticket)) => json!({ "duplicate": ticket.to_string() }),
            Err(error) => json!({ "error": error.to_string() }),
        })
    }

    pub async fn flood(&self, flood: Flood) -> Result<Value, tools::Error> {
        let begun = std::time::Instant::now();
        let next = Cell::new(0);
        let refused = Cell::new(0u64);
        let lane = async || {
            while next.get() < flood.count {
                let number = next.replace(next.get() + 1);
                let key = format!("{}-{number}", flood.key);
                let inbound = || inbound(key.clone(), key.clone(), "x".into(), None);
                while agent::dispatch(inbound()).await.is_err() {
                    refused.set(refused.get() + 1);
                    let _ = timers::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        all((0..flood.at_once).map(|_| Box::pin(lane()) as Pin<Box<dyn Future<Output = ()>>>).collect())
            .await;
        Ok(json!({ "us": begun.elapsed().as_micros() as u64, "refused": refused.get() }))
    }
}

/// Side by side, until all have ended.
pub async fn all(mut lanes: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    poll_fn(|context| {
        lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
        if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await
}

fn inbound(key: String, conversation: String, text: String, deadline: Option<Duration>) -> Inbound {
    let sender = agent::Sender { id: "user:1".into(), label: "User #1".into(), ..Default::default() };
    Inbound { key, conversation, text, deadline, sender, to: "somewhere".into(), ..Inbound::default() }
}

impl agent::Handler for Imp {
    async fn on_reply(&self, event: Event, reply: ReplyEvent) -> Disposition {
        if reply.conversation.starts_with("flood") {
            return Disposition::Done;
        }
        let (kind, text) = match reply.reply {
            Reply::Started | Reply::Delta(_) => return Disposition::Done,
            Reply::Block(text) => ("block", text),
            Reply::Final(_) => ("final", String::new()),
            Reply::Failed(failure) => ("failed", failure.message),
            Reply::Aborted => ("aborted", String::new()),
        };
        match text.as_str() {
            "panic" if event.attempt == 1 => panic!("told to, by the agent"),
            "poison" => panic!("told to, by the agent"),
            "refuse" => return Disposition::Reject("told to".into()),
            "refuse once" if event.attempt == 1 => return Disposition::Reject("told to".into()),
            "stubborn" if event.attempt < 3 => drop(mischief::act("stubborn", 0).await),
            _ => {}
        }
        let line = format!("{} {kind} {} {text}", reply.conversation, event.attempt);
        match websocket::send("orders", line).await {
            Ok(()) => Disposition::Done,
            Err(_) => Disposition::Retry(Duration::from_millis(50)),
        }
    }

    async fn on_outbound(&self, event: Event, message: Outbound) -> Result<Receipt, OutboundError> {
        if message.text == "refuse" {
            return Err(OutboundError::Reject("told to".into()));
        }
        let line = format!("{} outbound {} {}", message.to, event.attempt, message.text);
        match websocket::send("orders", line).await {
            Ok(()) => Ok(Receipt { message_id: Some("sent".into()) }),
            Err(_) => Err(OutboundError::Retry(Duration::from_millis(50))),
        }
    }
}
