//! The platform's REST side.

use crate::TOKEN;
use crate::channel::ChannelId;
use crate::config::Base;
use crate::cursor::Cursor;
use crate::format::escaped;
use crate::parse::{self, Event, id};
use sdk::http::{self, Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

/// What the platform allows per page.
pub(crate) const MOST_EVENTS: u32 = 100;

/// A page of events whose texts are long.
const PAGE_BYTES: u32 = 4 << 20;

// One handler has 30 s, and none makes more than three calls in a row without looking at the clock.
const TIME_TO_READ: Duration = Duration::from_secs(6);
const TIME_TO_POST: Duration = Duration::from_secs(10);
const TIME_TO_SHOW_WORK: Duration = Duration::from_secs(5);

pub(crate) struct Api {
    base: String,
}

/// Events in the platform's order.
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    /// As many as were asked for: there may be more.
    pub(crate) full: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// NB: `body` may hold what people wrote; it is for the agent, never for the log.
    #[error("the platform answered {status}")]
    Status { status: u16, retry_after: Option<Duration>, body: String },
    #[error(transparent)]
    Http(#[from] http::Error),
    #[error("unexpected answer of the platform")]
    Answer(#[from] serde_json::Error),
    #[error("the platform's events have no ids")]
    Page,
}

impl Error {
    /// What was asked about is not there.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Status { status: 404, .. })
    }
}

/// Who we are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    #[serde(default, deserialize_with = "id")]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) control_channel_id: Option<ChannelId>,
}

impl Api {
    pub(crate) fn new(base: &Base) -> Self {
        Self { base: base.rest.clone() }
    }

    pub(crate) async fn me(&self) -> Result<Me, Error> {
        self.get("/agents/me").await
    }

    pub(crate) async fn channels(&self) -> Result<Vec<Value>, Error> {
        self.get("/channels").await
    }

    /// Oldest first; `after` is exclusive, without it the newest.
    pub(crate) async fn events(
        &self,
        channel: &ChannelId,
        limit: Option<u32>,
        after: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        let limit = limit.map(|limit| format!("limit={limit}"));
        let after = after.map(|after| format!("after={}", escaped(after)));
        let query: Vec<_> = limit.into_iter().chain(after).collect();
        let question = if query.is_empty() { "" } else { "?" };
        self.get(&format!("/channels/{channel}/events{question}{}", query.join("&"))).await
    }

    /// The next events behind a place. From the beginning the platform shows the newest, and no more than a page.
    pub(crate) async fn page(&self, channel: &ChannelId, from: &Cursor, limit: u32) -> Result<Page, Error> {
        let after = match from {
            Cursor::Beginning => None,
            Cursor::After(id) => Some(id.as_str()),
        };
        let mut limit = limit;
        let items = loop {
            match self.events(channel, Some(limit), after).await {
                // Some long messages together: fewer at a time.
                Err(Error::Http(http::Error::TooLarge(..))) if limit > 1 => limit = (limit / 10).max(1),
                items => break items?,
            }
        };
        let full = items.len() >= limit as usize;
        let empty = items.is_empty();
        let events: Vec<_> = items.into_iter().filter_map(|item| parse::item(channel, item)).collect();
        if events.is_empty() && !empty { Err(Error::Page) } else { Ok(Page { events, full }) }
    }

    /// Posts a message; the id of its event, if the platform says it.
    pub(crate) async fn post(&self, channel: &ChannelId, text: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Posted {
            #[serde(default, deserialize_with = "id")]
            id: Option<String>,
        }
        let path = format!("/channels/{channel}/messages");
        let answer = self.send(path, &json!({ "text": text }), TIME_TO_POST).await?;
        // It is posted, whatever the body looks like.
        Ok(answer.json::<Posted>().ok().and_then(|posted| posted.id))
    }

    pub(crate) async fn work(&self, channel: &ChannelId, session: &str) -> Result<(), Error> {
        let path = format!("/channels/{channel}/work");
        self.send(path, &json!({ "sessionId": session }), TIME_TO_SHOW_WORK).await.map(drop)
    }

    pub(crate) async fn complete(
        &self,
        channel: &ChannelId,
        session: &str,
        summary: &str,
    ) -> Result<(), Error> {
        let path = format!("/channels/{channel}/work/{session}/complete");
        self.send(path, &json!({ "summary": summary }), TIME_TO_SHOW_WORK).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let request = Request::get(format!("{}{path}", self.base)).header("content-type", "application/json");
        let request = request.bearer(TOKEN).timeout(TIME_TO_READ).max_response_bytes(PAGE_BYTES);
        Ok(checked(request.send().await?)?.json()?)
    }

    async fn send(&self, path: String, body: &Value, time: Duration) -> Result<Response, Error> {
        let request = Request::post(format!("{}{path}", self.base)).bearer(TOKEN).json(body);
        checked(request.timeout(time).send().await?)
    }
}

fn checked(response: Response) -> Result<Response, Error> {
    if response.is_success() {
        return Ok(response);
    }
    // The other form, a date, is not worth a clock: without a number the usual back-off holds.
    let retry_after = response.header("retry-after").and_then(|value| value.trim().parse().ok());
    Err(Error::Status {
        status: response.status,
        retry_after: retry_after.map(Duration::from_secs),
        body: response.text(),
    })
}
