//! An agent behind an OpenClaw gateway.
//!
//! Use when the agent has tools, a memory and sessions of its own there. One WebSocket for all instances, as an operator with
//! the least scopes (`operator.read`, `operator.write`) and a device identity whose key never leaves the key ring. Each
//! conversation of each instance is a session of its own.
//!
//! Messages go by the method `agent`: no text of a stranger is ever read as a command there, and the run bears our name.
//! What is said is told as it comes. Nothing is submitted twice where the gateway lets us find out: see [`errand`].
//!
//! Neither a token nor the text of a message gets into an error or a log line. What the gateway gives as its reason may.
mod connection;
mod errand;
mod gateway;
mod identity;
mod inbox;
mod memory;
mod offered;
mod options;
mod situation;

pub use options::{Invalid, Options, Permissions, Timeouts};

use errand::Errand;
use futures::future::BoxFuture;
use gateway::{Gateway, short};
use identity::Identity;
use options::Checked;
use ports::agent::{Backend, DatedTurn, Failed, Message, Question, Say};
use ports::dial::Dial;
use ports::identity::InstanceId;
use ports::keys::KeyRing;
use serde_json::{Value, json};
use std::sync::Arc;
use tracing::{Instrument, debug, debug_span};

/// One gateway, for any number of messages at once.
pub struct OpenClaw {
    gateway: Gateway,
}

impl OpenClaw {
    /// Begins to connect, and goes on trying for as long as it lives. To be called inside of a tokio runtime.
    ///
    /// # Errors
    /// [`Invalid`], naming the option.
    pub fn new(options: Options, dial: Arc<dyn Dial>, ring: Arc<dyn KeyRing>) -> Result<Self, Invalid> {
        let options = Checked::new(options)?;
        let identity = Identity::new(ring, &options.url);
        Ok(Self { gateway: Gateway::new(options, identity, dial) })
    }
}

impl Backend for OpenClaw {
    fn name(&self) -> &'static str {
        "openclaw"
    }

    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>> {
        let message = question.message;
        let span = debug_span!("openclaw.answer", instance = %message.instance, ticket = message.ticket);
        let answering = async move {
            let outcome = Errand::run(&self.gateway.shared, question, say).await.map_err(in_short);
            if !matches!(outcome, Err(Failed::Unavailable { .. })) {
                self.gateway.shared.name_of(&message.ticket);
            }
            match &outcome {
                Ok(()) => debug!("answered"),
                Err(failed) => debug!(%failed, "not answered"),
            }
            outcome
        };
        Box::pin(answering.instrument(span))
    }

    fn abort<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let shared = &self.gateway.shared;
            let key = shared.name_of(&message.ticket).unwrap_or_else(|| errand::key(message, 0));
            let number = shared.session_number(&message.instance, &message.conversation);
            let session = shared.session_key(&message.instance, &message.conversation, number);
            let params = json!({ "sessionKey": session, "runId": key });
            // One that comes back goes on with the message.
            let Ok(connected) = shared.ready().await else { return };
            match shared.request(&connected, "chat.abort", params, None).await {
                Ok(answer) => debug!(ticket = message.ticket, aborted = %answer["aborted"], "let go"),
                Err(trouble) => debug!(ticket = message.ticket, %trouble, "not let go"),
            }
        })
    }

    fn history<'a>(
        &'a self,
        id: &'a InstanceId,
        conversation: &'a str,
        limit: usize,
    ) -> Option<BoxFuture<'a, Result<Vec<DatedTurn>, String>>> {
        Some(Box::pin(memory::turns(&self.gateway.shared, id, conversation, limit)))
    }

    fn state(&self) -> Value {
        let shared = &self.gateway.shared;
        let mut state = shared.situation().as_json();
        state["gateway"] = shared.options.url.as_str().into();
        state
    }
}

fn in_short(failed: Failed) -> Failed {
    match failed {
        Failed::Refused(why) => Failed::Refused(short(why)),
        Failed::Agent(why) => Failed::Agent(short(why)),
        Failed::Unavailable { why, retry_after } => Failed::Unavailable { why: short(why), retry_after },
        Failed::Gone => Failed::Gone,
    }
}
