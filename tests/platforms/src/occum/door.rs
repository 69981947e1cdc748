//! The door every request comes through: the record, the faults, the token, the content type.

use std::sync::{Arc, OnceLock};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::event::Agent;
use super::faults::Door;
use super::happening::{self, Happening};
use super::line::Cut;
use super::refusal::Refusal;
use super::requests::SOCKET_PATH;
use super::state::Platform;
use super::trouble::Outcome;

/// Larger bodies are refused with 413.
const MAX_BODY_BYTES: usize = 1 << 20;

/// What stands behind it finds the agent that asks as an extension.
pub(super) async fn door(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large").into_response();
    };
    let agent = bearer(&platform, &parts.headers);
    let asked = Arc::new(happening::Request {
        connection: cut.connection,
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        content_type: header_text(&parts.headers, header::CONTENT_TYPE).map(str::to_owned),
        agent: agent.as_ref().map(|agent| agent.id.clone()),
        body: body.clone(),
        status: OnceLock::new(),
    });
    platform.recorder.note(Happening::Asked(Arc::clone(&asked)));
    let met = platform.faults.meet(&asked.method, &asked.path);
    met.pause().await;

    let response = match (met.outcome, admit(&asked)) {
        (Outcome::RequestLost, _) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        (Outcome::Failed(status, retry_after), _) => {
            let mut response = Refusal::new(status, "told to fail").into_response();
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        (Outcome::Served | Outcome::AnswerLost, Err(refusal)) => refusal.into_response(),
        (Outcome::Served | Outcome::AnswerLost, Ok(())) => {
            if let Some(agent) = agent {
                parts.extensions.insert(agent);
            }
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
    };
    met.pause_before_answer().await;
    let lost = matches!(met.outcome, Outcome::RequestLost | Outcome::AnswerLost);
    if lost {
        // The response is still handed back: it never leaves, because writing it fails.
        cut.now();
    }
    // Set here only, and each request comes by once.
    let _ = asked.status.set((!lost).then(|| response.status().as_u16()));
    platform.recorder.note(Happening::Answered(asked));
    response
}

/// Token and content type. The WebSocket has no bearer token: its first frame says who it is.
fn admit(asked: &happening::Request) -> Result<(), Refusal> {
    if asked.path == SOCKET_PATH {
        return Ok(());
    }
    if !asked.authorised() {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "no token, or a bad one"));
    }
    let media_type = asked.content_type.as_deref().and_then(|kind| kind.split(';').next()).map(str::trim);
    if asked.method == Method::POST
        && !media_type.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
    {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the content type is not application/json",
        ));
    }
    Ok(())
}

fn bearer(platform: &Platform, headers: &HeaderMap) -> Option<Arc<Agent>> {
    let token = header_text(headers, header::AUTHORIZATION)?.strip_prefix("Bearer ")?;
    if platform.faults.refuses(token, Door::Rest) { None } else { platform.world().agent(token) }
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
