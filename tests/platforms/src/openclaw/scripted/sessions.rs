//! Sessions as they are on disk: rows, and inputs that wait for their turn. They survive a crash.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

/// The tool that the real gateway names when it goes on after a crash.
pub(super) const RECOVERY: &str = "main_session_restart_recovery";
const INTERRUPTED: &str = "[System] Your previous turn was interrupted by a gateway restart while OpenClaw was waiting on \
    tool/model work. The restart did not cancel the user's task. Continue from the existing transcript.";

/// Rows in an answer if nobody says how many.
const ROWS: usize = 200;

#[derive(Default)]
pub(super) struct Sessions {
    all: BTreeMap<String, Session>,
}

pub(super) struct Session {
    id: String,
    rows: Vec<Value>,
    pending: Vec<Pending>,
    /// The run whose row is there and whose end is not.
    pub(super) active: Option<String>,
}

struct Pending {
    run: String,
    state: &'static str,
    text: String,
    at_ms: u64,
}

/// `agent:<agent>:<rest>` in lower case.
pub(super) fn canonical(key: &str) -> String {
    let key = key.to_lowercase();
    if key.starts_with("agent:") { key } else { format!("agent:main:{key}") }
}

impl Sessions {
    pub(super) fn get(&self, key: &str) -> Option<&Session> {
        self.all.get(key)
    }

    pub(super) fn ensure(&mut self, key: &str) -> &mut Session {
        self.all.entry(key.to_owned()).or_insert_with(|| Session {
            id: Uuid::now_v7().to_string(),
            rows: Vec::new(),
            pending: Vec::new(),
            active: None,
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.all.keys()
    }

    /// What a restart finds: inputs that never had their turn never will, and these runs did not end.
    pub(super) fn interrupt(&mut self) -> Vec<(String, String)> {
        let mut active = Vec::new();
        for (key, session) in &mut self.all {
            for pending in &mut session.pending {
                pending.state = "interrupted";
            }
            active.extend(session.active.take().map(|run| (key.clone(), run)));
        }
        active
    }
}

impl Session {
    pub(super) fn wait(&mut self, run: &str, text: &str, at_ms: u64) {
        let (run, text) = (run.to_owned(), text.to_owned());
        self.pending.push(Pending { run, state: "queued", text, at_ms });
    }

    pub(super) fn forget(&mut self, run: &str) {
        self.pending.retain(|pending| pending.run != run);
    }

    /// Whether this run waited for its turn when everything ended.
    pub(super) fn lost(&self, run: &str) -> bool {
        self.pending.iter().any(|pending| pending.run == run && pending.state == "interrupted")
    }

    pub(super) fn has_row(&self, run: &str) -> bool {
        let key = format!("{run}:user");
        self.rows.iter().any(|row| row["idempotencyKey"] == key.as_str())
    }

    /// What the user said in this run.
    pub(super) fn said(&self, run: &str) -> Option<&str> {
        let key = format!("{run}:user");
        self.rows.iter().find(|row| row["idempotencyKey"] == key.as_str())?["content"].as_str()
    }

    pub(super) fn user(&mut self, run: &str, text: &str, at_ms: u64) -> Value {
        self.forget(run);
        self.active = Some(run.to_owned());
        let key = format!("{run}:user");
        self.add(json!({ "role": "user", "content": text, "idempotencyKey": key }), None, at_ms)
    }

    /// The gateway's own words after a crash.
    pub(super) fn system(&mut self, key: &str, run: &str, at_ms: u64) -> Value {
        self.active = Some(run.to_owned());
        let row = json!({
            "role": "user", "content": INTERRUPTED, "idempotencyKey": format!("{run}:user"),
            "provenance": { "kind": "internal_system", "sourceSessionKey": key, "sourceTool": RECOVERY },
        });
        self.add(row, None, at_ms)
    }

    pub(super) fn assistant(&mut self, run: &str, text: &str, at_ms: u64) -> Value {
        let row = json!({ "role": "assistant", "content": blocks(text), "stopReason": "stop" });
        self.add(row, Some(run), at_ms)
    }

    /// What there was of an answer when it was aborted.
    pub(super) fn aborted(&mut self, run: &str, text: &str, at_ms: u64) -> Value {
        let row = json!({
            "role": "assistant", "content": blocks(text), "stopReason": "stop", "model": "gateway-injected",
            "idempotencyKey": format!("{run}:assistant"),
            "openclawAbort": { "aborted": true, "origin": "rpc", "runId": run },
        });
        self.add(row, Some(run), at_ms)
    }

    pub(super) fn failed(&mut self, run: &str, at_ms: u64) -> Value {
        let row = json!({
            "role": "assistant", "content": blocks("The agent run failed before producing a reply."),
            "stopReason": "error", "idempotencyKey": format!("{run}:terminal-error"),
        });
        self.add(row, Some(run), at_ms)
    }

    fn add(&mut self, mut row: Value, run: Option<&str>, at_ms: u64) -> Value {
        let mut ours = json!({
            "id": Uuid::now_v7().to_string(), "recordTimestampMs": at_ms, "seq": self.rows.len() + 1,
        });
        match run {
            Some(run) => ours["runId"] = json!(run),
            None => ours["senderIsOwner"] = json!(false),
        }
        if let Some(key) = row.get("idempotencyKey") {
            ours["idempotencyKey"] = key.clone();
        }
        row["timestamp"] = json!(at_ms);
        row["__openclaw"] = ours;
        self.rows.push(row.clone());
        row
    }

    fn pending(&self) -> Value {
        let items: Vec<_> = self.pending.iter().map(Pending::item).collect();
        json!({ "total": items.len(), "items": items })
    }
}

impl Pending {
    fn item(&self) -> Value {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, self.run.as_bytes()).to_string();
        json!({
            "id": id, "acceptedAt": self.at_ms, "state": self.state, "runId": self.run,
            "message": {
                "role": "user", "content": self.text, "timestamp": self.at_ms,
                "__openclaw": { "senderIsOwner": false, "id": format!("pending:{id}") },
            },
        })
    }
}

/// The payload of `chat.history`: the newest rows, or older ones by `offset`.
pub(super) fn history(session: Option<&Session>, key: &str, active: &[String], params: &Value) -> Value {
    let number = |name: &str| params[name].as_u64().and_then(|number| usize::try_from(number).ok());
    let rows = session.map(|session| session.rows.as_slice()).unwrap_or_default();
    let offset = number("offset").unwrap_or(0).min(rows.len());
    let end = rows.len() - offset;
    let start = end.saturating_sub(number("limit").unwrap_or(ROWS));
    let mut payload = json!({
        "sessionKey": params["sessionKey"],
        "messages": rows[start..end],
        "pendingInputs": session.map_or_else(|| json!({ "items": [], "total": 0 }), Session::pending),
        "hasMore": start > 0,
        "totalMessages": rows.len(),
        "defaults": { "modelProvider": "scripted", "model": "scripted" },
        "sessionInfo": { "key": key, "hasActiveRun": !active.is_empty(), "activeRunIds": active },
    });
    if let Some(session) = session {
        payload["sessionId"] = json!(session.id);
    }
    if params.get("offset").is_some() {
        payload["offset"] = params["offset"].clone();
        if start > 0 {
            payload["nextOffset"] = json!(rows.len() - start);
        }
    }
    payload
}

pub(super) fn blocks(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}
