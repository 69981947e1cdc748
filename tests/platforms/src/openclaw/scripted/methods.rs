//! What a client that was let in may ask for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::devices::allows;
use super::ends;
use super::refusal::Refusal;
use super::runs;
use super::sessions::{canonical, history};
use super::shape::{REQUEST, check, method};
use super::state::{Run, Shared, State, now_ms, unique};

/// Text of a file that is no picture, and what a model without eyes says of one that is.
const NO_FILES: &str = "non-image attachments are not supported on this entrypoint";
const NO_EYES: &str = "active model does not accept image inputs";

/// Answer one frame. Runs go on after it.
pub(super) fn handle(shared: &Arc<Shared>, connection: u64, frame: &Value) {
    let id = frame["id"].as_str().unwrap_or_default();
    let name = frame["method"].as_str().unwrap_or_default();
    let empty = json!({});
    let params = frame.get("params").unwrap_or(&empty);
    shared.change(|state| {
        state.record.ask(connection, name, params);
        let outcome = check("request", frame, REQUEST)
            .and_then(|()| allowed(state, connection, name, params))
            .and_then(|()| dispatch(shared, state, connection, id, name, params));
        match outcome {
            Ok(Some(payload)) => {
                state.answer(connection, json!({ "type": "res", "id": id, "ok": true, "payload": payload }));
            }
            // It answers later, or has done so.
            Ok(None) => {}
            Err(refusal) => state.answer(connection, refusal.answer(id)),
        }
    });
}

fn allowed(state: &State, connection: u64, name: &str, params: &Value) -> Result<(), Refusal> {
    let Some((scope, fields)) = method(name) else {
        return Err(Refusal::invalid(format!("unknown method: {name}")));
    };
    let scopes =
        state.memory.connections.get(&connection).map(|one| one.scopes.as_slice()).unwrap_or_default();
    match scope {
        Some(scope) if !allows(scopes, scope) => Err(Refusal::missing_scope(scope)),
        _ => check(name, params, fields),
    }
}

fn dispatch(
    shared: &Arc<Shared>,
    state: &mut State,
    connection: u64,
    id: &str,
    name: &str,
    params: &Value,
) -> Result<Option<Value>, Refusal> {
    let text = |key: &str| params[key].as_str().unwrap_or_default();
    Ok(Some(match name {
        "agent" => return agent(shared, state, connection, id, params),
        "chat.abort" => return Ok(abort(state, connection, id, params)),
        "chat.history" => {
            let key = canonical(text("sessionKey"));
            let lane = state.lane(&key);
            history(state.sessions.get(&key), &key, lane.get(..1).unwrap_or_default(), params)
        }
        "sessions.messages.subscribe" | "sessions.messages.unsubscribe" => {
            let key = canonical(text("key"));
            let subscribed = name == "sessions.messages.subscribe";
            if let Some(connection) = state.memory.connections.get_mut(&connection) {
                if subscribed {
                    connection.subscribed.insert(key.clone());
                } else {
                    connection.subscribed.remove(&key);
                }
            }
            json!({ "subscribed": subscribed, "key": key })
        }
        "sessions.create" => {
            let made = || format!("agent:main:dashboard:{}", unique());
            let key = params["key"].as_str().map_or_else(made, canonical);
            state.sessions.ensure(&key);
            json!({ "ok": true, "key": key, "entry": { "permissionMode": params["permissionMode"] } })
        }
        "sessions.list" => {
            let sessions: Vec<_> = state.sessions.keys().map(|key| json!({ "key": key })).collect();
            json!({ "count": sessions.len(), "sessions": sessions })
        }
        "agents.list" => json!({
            "defaultId": "main", "mainKey": "main", "scope": "per-sender",
            "agents": [{ "id": "main", "defaultPermissionMode": "full" }],
        }),
        "tools.catalog" => json!({ "agentId": "main", "profiles": [], "groups": groups() }),
        "tools.effective" => {
            let key = text("sessionKey");
            if state.sessions.get(&canonical(key)).is_none() {
                return Err(Refusal::invalid(format!("unknown session key \"{key}\"")));
            }
            json!({ "agentId": "main", "profile": "full", "groups": groups() })
        }
        // A bare array, as only this one answers.
        "system-presence" => {
            state.memory.connections.values().map(|connection| connection.presence.clone()).collect()
        }
        "status" => {
            json!({ "runtimeVersion": "scripted", "sessions": { "count": state.sessions.keys().count() } })
        }
        _ => json!({ "ok": true, "ts": now_ms() }),
    }))
}

fn agent(
    shared: &Arc<Shared>,
    state: &mut State,
    connection: u64,
    request: &str,
    params: &Value,
) -> Result<Option<Value>, Refusal> {
    let text = |key: &str| params[key].as_str().unwrap_or_default();
    let (key, message) = (text("idempotencyKey"), text("message"));
    let session = canonical(params["sessionKey"].as_str().unwrap_or("main"));
    let command = message.split_whitespace().next().unwrap_or_default();
    if ["/new", "/reset"].contains(&command) {
        return Err(Refusal::missing_scope("operator.admin"));
    }
    if params.get("model").is_some() || params.get("provider").is_some() {
        return Err(Refusal::invalid("provider/model overrides are not authorized for this caller."));
    }
    attachments(params, shared.settings.vision)?;
    // The same key again, whatever its text: what is known of it.
    if let Some(run) = state.memory.runs.get(key) {
        let active = || json!({ "runId": key, "status": "in_flight", "sessionKey": run.session, "agentId": runs::agent(&run.session) });
        return Ok(Some(run.ended.clone().unwrap_or_else(active)));
    }
    let kept = state.sessions.get(&session);
    if kept.is_some_and(|session| session.lost(key)) {
        let ended = "Pending input ownership ended; submit a new turn to continue";
        return Err(Refusal::new("UNAVAILABLE", ended));
    }
    let known = kept.is_some_and(|session| session.has_row(key));
    let run = Run::new(&session, message, text("extraSystemPrompt"), Some((connection, request.to_owned())));
    if known {
        // It is from before a crash: the history knows it, the memory does not.
        let payload = json!({ "runId": key, "sessionKey": session, "agentId": runs::agent(&session), "status": "accepted" });
        state.answer(connection, json!({ "type": "res", "id": request, "ok": true, "payload": payload }));
        state.memory.runs.insert(key.to_owned(), run);
        ends::failed(state, key, "The agent run failed before producing a reply.");
        return Ok(None);
    }
    if let Some(after) = state.script.refusal() {
        return Err(Refusal::unavailable("gateway busy", after));
    }
    let plan = state.script.take(message);
    runs::begin(shared, state, key, run, plan);
    Ok(None)
}

fn attachments(params: &Value, vision: bool) -> Result<(), Refusal> {
    for attachment in params["attachments"].as_array().into_iter().flatten() {
        let text = |key: &str| attachment[key].as_str().unwrap_or_default();
        // Without content it is passed over.
        let picture = text("mimeType").starts_with("image/");
        let wrong = if attachment["content"].is_null() || picture && vision {
            continue;
        } else if picture {
            NO_EYES
        } else {
            NO_FILES
        };
        let name = text("fileName");
        return Err(Refusal::invalid(format!("UnsupportedAttachmentError: attachment {name}: {wrong}")));
    }
    Ok(())
}

/// One run, or all of the session. Nothing to abort is no error.
fn abort(state: &mut State, connection: u64, request: &str, params: &Value) -> Option<Value> {
    let session = canonical(params["sessionKey"].as_str().unwrap_or_default());
    let wanted = params["runId"].as_str();
    let mut ids = state.lane(&session);
    ids.retain(|id| wanted.is_none_or(|wanted| wanted == id));
    let payload = json!({ "ok": true, "aborted": !ids.is_empty(), "runIds": ids });
    let mut answer = Some(json!({ "type": "res", "id": request, "ok": true, "payload": payload }));
    for id in &ids {
        runs::abort(state, id, |state| {
            if let Some(answer) = answer.take() {
                state.answer(connection, answer);
            }
        });
    }
    answer.map(|_| payload)
}

fn groups() -> Value {
    let tool = |id: &str| json!({ "id": id, "label": id, "description": id, "source": "core" });
    json!([
        { "id": "fs", "label": "Files", "source": "core", "tools": [tool("read"), tool("write")] },
        { "id": "runtime", "label": "Runtime", "source": "core", "tools": [tool("exec")] },
    ])
}
