//! How runs end, and what their clients hear of them.

use serde_json::{Value, json};

use super::runs::agent;
use super::sessions::blocks;
use super::state::{State, now_ms};

pub(super) fn last(state: &mut State, id: &str, text: Option<&str>) {
    let Some(session) = state.run(id).map(|run| run.session.clone()) else { return };
    let mut payload = json!({ "state": "final", "stopReason": "stop" });
    let mut payloads = Vec::new();
    if let Some(text) = text {
        let row = state.sessions.ensure(&session).assistant(id, text, now_ms());
        state.tell_row(&session, &row);
        payload["message"] = json!({ "role": "assistant", "content": blocks(text), "timestamp": now_ms() });
        payloads.push(json!({ "text": text, "mediaUrl": null }));
    }
    lifecycle(state, id, json!({ "phase": "end", "stopReason": "stop" }));
    chat(state, id, payload);
    let result = json!({ "payloads": payloads, "meta": {} });
    end(state, id, json!({ "runId": id, "status": "ok", "summary": "completed", "result": result }), None);
}

/// The real gateway says it twice, and the second time differently.
pub(super) fn failed(state: &mut State, id: &str, message: &str) {
    let Some(session) = state.run(id).map(|run| run.session.clone()) else { return };
    chat(state, id, json!({ "state": "error", "errorMessage": message, "errorKind": "unknown" }));
    let again = json!({
        "runId": id, "sessionKey": session, "seq": 1, "state": "error", "errorMessage": format!("Error: {message}"),
    });
    state.tell_session("chat", &session, &again);
    let row = state.sessions.ensure(&session).failed(id, now_ms());
    state.tell_row(&session, &row);
    let error = json!({ "code": "UNAVAILABLE", "message": message });
    end(state, id, json!({ "runId": id, "status": "error", "summary": message }), Some(error));
}

pub(super) fn aborted(state: &mut State, id: &str) {
    let Some(run) = state.run(id) else { return };
    let (session, text) = (run.session.clone(), run.so_far.clone());
    let mut payload = json!({ "state": "aborted", "stopReason": "rpc" });
    if !text.is_empty() {
        payload["message"] = json!({ "role": "assistant", "content": blocks(&text), "timestamp": now_ms() });
        let row = state.sessions.ensure(&session).aborted(id, &text, now_ms());
        state.tell_row(&session, &row);
    }
    chat(state, id, payload);
    lifecycle(state, id, json!({ "phase": "end", "aborted": true, "stopReason": "rpc" }));
}

/// The second answer, and the next one's turn.
pub(super) fn end(state: &mut State, id: &str, payload: Value, error: Option<Value>) {
    let Some(run) = state.memory.runs.get_mut(id) else { return };
    run.ended = Some(payload.clone());
    let (session, asked) = (run.session.clone(), run.asked.clone());
    if let Some(lane) = state.memory.lanes.get_mut(&session) {
        lane.retain(|run| run != id);
    }
    let kept = state.sessions.ensure(&session);
    kept.forget(id);
    if kept.active.as_deref() == Some(id) {
        kept.active = None;
    }
    state.record.end();
    if let Some((connection, request)) = asked {
        let mut frame = json!({ "type": "res", "id": request, "ok": error.is_none(), "payload": payload });
        if let Some(error) = error {
            frame["error"] = error;
        }
        state.answer(connection, frame);
    }
}

pub(super) fn chat(state: &mut State, id: &str, payload: Value) {
    state.tell_run("chat", id, payload);
}

pub(super) fn lifecycle(state: &mut State, id: &str, data: Value) {
    state.tell_run("agent", id, json!({ "stream": "lifecycle", "data": data, "ts": now_ms() }));
}

impl State {
    pub(super) fn tell_run(&mut self, event: &str, id: &str, mut payload: Value) {
        let Some(run) = self.memory.runs.get_mut(id) else { return };
        run.seq += 1;
        payload["runId"] = json!(id);
        payload["sessionKey"] = json!(run.session);
        payload["agentId"] = json!(agent(&run.session));
        payload["seq"] = json!(run.seq);
        let session = run.session.clone();
        self.tell_session(event, &session, &payload);
    }
}
