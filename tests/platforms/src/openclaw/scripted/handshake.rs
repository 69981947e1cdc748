//! Whether somebody is let in: the form, the protocol, the token, the device, in this order.

use serde_json::{Value, json};

use super::devices::Claim;
use super::refusal::Refusal;
use super::shape::{AUTH, CLIENT, CONNECT, DEVICE, METHODS, check};
use super::signature::{presented, verify};
use super::state::{Shared, State, now_ms, unique};

const PROTOCOL: u64 = 4;
pub(super) const MAX_PAYLOAD: usize = 26_214_400;
const MAX_BUFFERED: u64 = 52_428_800;

/// Somebody who is let in.
pub(super) struct Admitted {
    pub(super) hello: Value,
    pub(super) scopes: Vec<String>,
    pub(super) scoped: bool,
    pub(super) device: Option<String>,
    pub(super) presence: Value,
}

/// Somebody who is not: the answer, if there is one, and how the connection ends.
pub(super) struct Turned {
    pub(super) answer: Option<Value>,
    pub(super) code: u16,
    pub(super) reason: String,
}

/// Judge the first frame of a connection.
pub(super) fn judge(shared: &Shared, connection: u64, frame: &str, nonce: &str) -> Result<Admitted, Turned> {
    let Ok(frame) = serde_json::from_str::<Value>(frame) else {
        return Err(Turned { answer: None, code: 1000, reason: String::new() });
    };
    let id = frame["id"].as_str().unwrap_or_default();
    let turned = |code: u16, refusal: Refusal| Turned {
        answer: Some(refusal.answer(id)),
        code,
        reason: refusal.message().to_owned(),
    };
    if frame["type"] != "req" || frame["method"] != "connect" {
        return Err(turned(1008, Refusal::invalid("first request must be connect")));
    }
    let params = &frame["params"];
    shared.change(|state| {
        state.record.ask(connection, "connect", params);
        if let Some(left) = state.starting.checked_sub(1) {
            state.starting = left;
            let refusal = Refusal::unavailable("gateway starting", 500);
            return Err(turned(1013, refusal.details(json!({ "reason": "startup-sidecars" }))));
        }
        form(params).map_err(|refusal| turned(1008, refusal))?;
        protocol(params).map_err(|refusal| turned(1002, refusal))?;
        let mut admitted = admit(shared, state, params, nonce).map_err(|refusal| turned(1008, refusal))?;
        state.record.admit();
        admitted.hello = hello(shared, state, connection, id, &admitted);
        Ok(admitted)
    })
}

fn form(params: &Value) -> Result<(), Refusal> {
    check("connect", params, CONNECT)?;
    check("connect client", &params["client"], CLIENT)?;
    if let Some(device) = params.get("device") {
        check("connect device", device, DEVICE)?;
    }
    if let Some(auth) = params.get("auth") {
        check("connect auth", auth, AUTH)?;
    }
    match params["role"].as_str() {
        None | Some("operator" | "node") => Ok(()),
        Some(_) => Err(Refusal::invalid("invalid role")),
    }
}

fn protocol(params: &Value) -> Result<(), Refusal> {
    let number = |key: &str| params[key].as_u64().unwrap_or_default();
    if (number("minProtocol")..=number("maxProtocol")).contains(&PROTOCOL) {
        return Ok(());
    }
    let details = json!({ "code": "PROTOCOL_MISMATCH", "expectedProtocol": PROTOCOL });
    Err(Refusal::invalid("protocol mismatch").details(details))
}

fn admit(shared: &Shared, state: &mut State, params: &Value, nonce: &str) -> Result<Admitted, Refusal> {
    let texts = |key: &str| -> Vec<String> {
        let all = params[key].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let scopes = texts("scopes");
    let shared_token = params["auth"]["token"] == shared.settings.token.as_str();
    let device = params["device"]["id"].as_str().map(str::to_owned);
    let mut admitted = Admitted {
        hello: json!({}),
        scopes: scopes.clone(),
        scoped: texts("caps").iter().any(|cap| cap == "session-scoped-events"),
        device,
        presence: presence(params),
    };
    if admitted.device.is_some() {
        verify(params, &scopes, nonce, now_ms())?;
        if presented(params).is_empty() {
            return Err(wrong_token());
        }
        let token = state.devices.admit(&Claim { params, scopes: &scopes, shared_token })?;
        admitted.hello["deviceToken"] = json!(token);
        return Ok(admitted);
    }
    if presented(params).is_empty() || params["role"] == "node" {
        let details = json!({ "code": "DEVICE_IDENTITY_REQUIRED" });
        return Err(Refusal::new("NOT_PAIRED", "device identity required").details(details));
    }
    if !shared_token {
        return Err(wrong_token());
    }
    // Only OpenClaw's own programs get anything without a device.
    let client = &params["client"];
    let own = [("gateway-client", "backend"), ("cli", "cli")];
    if !own.iter().any(|(id, mode)| client["id"] == *id && client["mode"] == *mode) {
        admitted.scopes.clear();
    }
    Ok(admitted)
}

pub(super) fn wrong_token() -> Refusal {
    let details = json!({ "code": "AUTH_TOKEN_MISMATCH", "authReason": "token_mismatch" });
    Refusal::invalid("unauthorized: gateway token mismatch").details(details)
}

fn presence(params: &Value) -> Value {
    let client = &params["client"];
    json!({ "host": client["displayName"], "platform": client["platform"], "mode": client["mode"], "ts": now_ms() })
}

fn hello(shared: &Shared, state: &State, connection: u64, id: &str, admitted: &Admitted) -> Value {
    let mut auth = json!({ "method": "token", "role": "operator", "scopes": admitted.scopes });
    if let Some(token) = admitted.hello.get("deviceToken") {
        auth["deviceToken"] = token.clone();
        auth["issuedAtMs"] = json!(now_ms());
    }
    let others = state.memory.connections.values().map(|connection| &connection.presence);
    let tick = u64::try_from(shared.settings.tick.as_millis()).unwrap_or(u64::MAX);
    let up = u64::try_from(shared.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let events =
        ["agent", "chat", "chat.side_result", "health", "presence", "session.message", "shutdown", "tick"];
    let payload = json!({
        "type": "hello-ok", "protocol": PROTOCOL,
        "server": { "version": "2026.9.6", "bootId": unique(), "connId": format!("connection-{connection}") },
        "features": { "methods": METHODS, "events": events, "capabilities": [] },
        "snapshot": {
            "presence": others.collect::<Vec<_>>(), "health": {}, "uptimeMs": up,
            "stateVersion": { "presence": 1, "health": 1 },
            "sessionDefaults": {
                "defaultAgentId": "main", "mainKey": "main", "mainSessionKey": "agent:main:main", "scope": "per-sender",
            },
        },
        "auth": auth,
        "policy": { "maxPayload": MAX_PAYLOAD, "maxBufferedBytes": MAX_BUFFERED, "tickIntervalMs": tick },
    });
    json!({ "type": "res", "id": id, "ok": true, "payload": payload })
}
