//! What the agent sends by itself.

use crate::channel::ChannelId;
use crate::cursor::Cursor;
use crate::posting::{Draft, Posted};
use crate::posts::Purpose;
use crate::retry::{self, Outcome};
use crate::{Occum, format};
use sdk::agent::{Outbound, OutboundError, Receipt};
use sdk::{Event, log, store};

impl Occum {
    pub(crate) async fn send(&self, event: Event, message: Outbound) -> Result<Receipt, OutboundError> {
        let channel =
            ChannelId::try_from(message.to).map_err(|error| OutboundError::Reject(format!("to: {error}")))?;
        let key = format::outbound_key(&message.id);
        let from = self.place_before(&key, &channel, event.attempt).await?;
        let draft = Draft {
            channel: &channel,
            text: &message.text,
            purpose: Purpose::Outbound(message.id),
            attempt: event.attempt,
            from,
            kept: Some(key.clone()),
        };
        match self.deliver(draft).await {
            Posted::Done(message_id) => Ok(Receipt { message_id }),
            Posted::Again(delay) => Err(OutboundError::Retry(delay)),
            Posted::GivenUp(reason) => {
                if let Err(error) = store::delete(&key).await {
                    log::debug!("could not delete a place: {error}");
                }
                Err(OutboundError::Reject(reason))
            }
        }
    }

    /// The place that was kept before the first attempt. None: this is the first, and a place is kept now.
    async fn place_before(
        &self,
        key: &str,
        channel: &ChannelId,
        attempt: u32,
    ) -> Result<Option<Cursor>, OutboundError> {
        let later = |error: Option<&crate::api::Error>, reason: String| {
            log::warn!("could not keep the place before a message: {reason}", attempt = attempt);
            if attempt < retry::ATTEMPTS {
                OutboundError::Retry(retry::wait(error, attempt))
            } else {
                OutboundError::Reject(format!("not sent: {reason}"))
            }
        };
        match store::get_json(key).await {
            Ok(Some(place)) => return Ok(Some(place)),
            Ok(None) => {}
            Err(error) => return Err(later(None, format!("store: {error}"))),
        }
        let place = match self.newest(channel).await {
            Ok(place) => place,
            // The post will say the same.
            Err(error) if retry::outcome(&error) == Outcome::Refused => Cursor::Beginning,
            Err(error) => return Err(later(Some(&error), error.to_string())),
        };
        let kept = store::set_json(key, &place).await;
        kept.map(|_| None).map_err(|error| later(None, format!("store: {error}")))
    }

    /// A place that everything from now on comes after.
    async fn newest(&self, channel: &ChannelId) -> Result<Cursor, crate::api::Error> {
        let live = self.lanes.with(|lanes| {
            let lane = lanes.lane(channel).filter(|lane| lane.is_live());
            lane.and_then(|lane| lane.cursor.clone())
        });
        match live {
            Some(place) => Ok(place),
            None => {
                let page = self.api.page(channel, &Cursor::Beginning, 1).await?;
                Ok(page.events.last().map(|event| event.id.clone()).into())
            }
        }
    }
}
