//! What the agent sends by itself.

use crate::Occum;
use crate::channel::ChannelId;
use crate::retry::{Verdict, judge};
use sdk::agent::{Outbound, OutboundError, Receipt};
use sdk::{Event, log};

impl Occum {
    pub(crate) async fn send(&self, event: Event, message: Outbound) -> Result<Receipt, OutboundError> {
        let channel =
            ChannelId::try_from(message.to).map_err(|error| OutboundError::Reject(format!("to: {error}")))?;
        match self.api.post(&channel, &message.text).await {
            Ok(message_id) => Ok(Receipt { message_id }),
            Err(error) => {
                log::warn!(
                    "could not send: {error}",
                    message = message.id,
                    channel = channel,
                    attempt = event.attempt
                );
                Err(match judge(&error, event.attempt) {
                    Verdict::Again(delay) => OutboundError::Retry(delay),
                    Verdict::Never => OutboundError::Reject(error.to_string()),
                    Verdict::Unknown => OutboundError::Reject(format!("perhaps sent: {error}")),
                })
            }
        }
    }
}
