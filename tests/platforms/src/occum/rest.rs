//! REST: what the platform answers to an agent.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::door::door;
use super::event::{Agent, Event, EventType, Sender};
use super::happening::Happening;
use super::refusal::Refusal;
use super::requests::SOCKET_PATH;
use super::socket;
use super::state::Platform;

/// Events in one answer: when nothing is asked for, and at most. Section "The platform", fixed there.
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 100;

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new()
        .route("/v1/agents/me", get(me))
        .route("/v1/channels", get(channels))
        .route("/v1/channels/{channel}/events", get(events))
        .route("/v1/channels/{channel}/messages", post(say))
        .route("/v1/channels/{channel}/work", post(open_work))
        .route("/v1/channels/{channel}/work/{session}/complete", post(complete_work))
        .route(SOCKET_PATH, get(socket::upgrade))
        .fallback(|| async { Refusal::unknown("path") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method")
        })
        .layer(from_fn_with_state(Arc::clone(&platform), door))
        .with_state(platform)
}

/// The door knows who asks.
type Caller = Extension<Arc<Agent>>;

async fn me(Extension(agent): Caller) -> Json<Value> {
    Json(json!({ "id": agent.id, "name": agent.name, "controlChannelId": agent.control_channel }))
}

async fn channels(State(platform): State<Arc<Platform>>, Extension(agent): Caller) -> Response {
    Json(platform.world().channels_of(&agent)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<usize>,
    after: Option<String>,
}

async fn events(
    State(platform): State<Arc<Platform>>,
    Extension(agent): Caller,
    Path(channel): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Arc<Event>>>, Refusal> {
    let Query(page) = page.map_err(Refusal::bad)?;
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Refusal::bad(format_args!("limit must be 1 to {LIMIT_MAX}")));
    }
    let world = platform.world();
    let history = &world.room_of(&agent, &channel)?.history;
    match page.after {
        None => Ok(Json(history.newest(limit))),
        Some(id) => history.after(&id, limit).map(Json).ok_or(Refusal::unknown("event")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    text: String,
}

async fn say(
    State(platform): State<Arc<Platform>>,
    Extension(agent): Caller,
    Path(channel): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let Say { text } = parse(&body)?;
    if text.is_empty() {
        return Err(Refusal::bad("text is empty"));
    }
    platform.world().room_of(&agent, &channel)?;
    let from = Sender::from(&*agent);
    let event =
        platform.publish(&channel, from, EventType::Message, json!({ "text": text }), Happening::Posted)?;
    Ok((StatusCode::CREATED, Json(event)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OpenWork {
    session_id: String,
}

async fn open_work(
    State(platform): State<Arc<Platform>>,
    Extension(agent): Caller,
    Path(channel): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let OpenWork { session_id } = parse(&body)?;
    if Uuid::try_parse(&session_id).is_err() {
        return Err(Refusal::bad("sessionId is not a UUID"));
    }
    let session = {
        let mut world = platform.world();
        world.room_of(&agent, &channel)?;
        let session = Arc::new(world.work.open(&channel, &session_id, &agent.id)?);
        platform.recorder.note(Happening::Work(Arc::clone(&session)));
        session
    };
    let first = session.opened == 1;
    if first {
        let body = json!({ "sessionId": session_id, "status": "started" });
        platform.publish(&channel, Sender::from(&*agent), EventType::Work, body, Happening::Event)?;
    }
    let status = if first { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!({ "sessionId": session_id, "channelId": channel }))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompleteWork {
    summary: String,
}

async fn complete_work(
    State(platform): State<Arc<Platform>>,
    Extension(agent): Caller,
    Path((channel, session_id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let CompleteWork { summary } = parse(&body)?;
    let session = {
        let mut world = platform.world();
        world.room_of(&agent, &channel)?;
        let session = Arc::new(world.work.complete(&channel, &session_id, &agent.id, &summary)?);
        platform.recorder.note(Happening::Work(Arc::clone(&session)));
        session
    };
    let first = session.completed == 1;
    if first {
        let body = json!({ "sessionId": session_id, "status": "completed", "summary": summary });
        platform.publish(&channel, Sender::from(&*agent), EventType::Work, body, Happening::Event)?;
    }
    Ok(Json(json!({ "sessionId": session_id, "channelId": channel, "summary": summary })))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(Refusal::bad)
}
