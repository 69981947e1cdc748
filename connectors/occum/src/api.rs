//! The platform's REST side.

use crate::TOKEN;
use crate::channel::ChannelId;
use crate::config::Base;
use crate::format::escaped;
use crate::parse::id;
use sdk::http::{self, Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) struct Api {
    base: String,
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
    pub(crate) fn new(base: Base) -> Self {
        Self { base: base.rest }
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

    /// Posts a message; the id of its event, if the platform says it.
    pub(crate) async fn post(&self, channel: &ChannelId, text: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Posted {
            #[serde(default, deserialize_with = "id")]
            id: Option<String>,
        }
        let answer = self.send(format!("/channels/{channel}/messages"), &json!({ "text": text })).await?;
        // It is posted, whatever the body looks like.
        Ok(answer.json::<Posted>().ok().and_then(|posted| posted.id))
    }

    pub(crate) async fn work(&self, channel: &ChannelId, session: &str) -> Result<(), Error> {
        self.send(format!("/channels/{channel}/work"), &json!({ "sessionId": session })).await.map(drop)
    }

    pub(crate) async fn complete(
        &self,
        channel: &ChannelId,
        session: &str,
        summary: &str,
    ) -> Result<(), Error> {
        let path = format!("/channels/{channel}/work/{session}/complete");
        self.send(path, &json!({ "summary": summary })).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let request = Request::get(format!("{}{path}", self.base)).header("content-type", "application/json");
        Ok(checked(request.bearer(TOKEN).send().await?)?.json()?)
    }

    async fn send(&self, path: String, body: &Value) -> Result<Response, Error> {
        checked(Request::post(format!("{}{path}", self.base)).bearer(TOKEN).json(body).send().await?)
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
