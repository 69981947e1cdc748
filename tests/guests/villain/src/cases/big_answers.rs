//! Rows 11 and 42, doors `on_fire` (by itself), `call`, `command` and `on_outbound` (by the CLI). Answers with
//! megabytes: a reason to reject, a tool's result, a text for people, the name of a message.
//!
//! Must happen: it lives, or is ended for the bytes (`host_call_kib`). Reasons are cut at 1 KiB in log, status and
//! dead letters; a result over 256 KiB is told to the caller as too large, and so the others; what the CLI prints of
//! them is escaped. Memory of the host stays flat.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::ODD;
use sdk::agent::{Outbound, OutboundError, Receipt};
use sdk::{Disposition, Event, tools};
use serde_json::{Value, json};

#[derive(Default)]
pub struct Villain;

fn big() -> String {
    let odd = ODD.concat();
    odd.repeat((6 << 20) / odd.len())
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        Disposition::Reject(big())
    }

    async fn call(&self, _: Event) -> Result<Value, tools::Error> {
        Ok(json!("x".repeat(2 << 20)))
    }

    async fn command(&self, _: Event) -> Result<String, tools::Error> {
        Err(tools::Error::Failed(big()))
    }

    async fn on_outbound(&self, _: Event, _: Outbound) -> Result<Receipt, OutboundError> {
        Ok(Receipt { message_id: Some(big()) })
    }
}
