//! Devices: who they say they are, what they may, and the tokens they have for it. All of it is on disk.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::handshake::wrong_token;
use super::refusal::Refusal;
use super::signature::{fold, presented, text};

#[derive(Default)]
pub(super) struct Devices {
    paired: BTreeMap<String, Device>,
    pending: BTreeMap<String, Pairing>,
    pub(super) pairing_required: bool,
}

struct Device {
    scopes: Vec<String>,
    /// Platform and family.
    kind: (String, String),
    token: String,
}

/// A device that waits to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// The same for every attempt until it is approved.
    pub request_id: String,
    pub device_id: String,
    pub scopes: Vec<String>,
    kind: (String, String),
}

/// What `connect` says about the one who connects.
pub(super) struct Claim<'a> {
    pub(super) params: &'a Value,
    pub(super) scopes: &'a [String],
    pub(super) shared_token: bool,
}

impl Devices {
    /// The device's token, once everything is in order.
    pub(super) fn admit(&mut self, claim: &Claim<'_>) -> Result<String, Refusal> {
        let id = text(&claim.params["device"], "id").to_owned();
        let client = &claim.params["client"];
        let kind = (fold(text(client, "platform")), fold(text(client, "deviceFamily")));
        let pairing_required = self.pairing_required;
        let Some(device) = self.paired.get_mut(&id) else {
            if !claim.shared_token {
                return Err(wrong(claim));
            }
            if pairing_required {
                return Err(self.ask("not-paired", id, claim.scopes, kind));
            }
            return Ok(self.pair(id, claim.scopes.to_vec(), kind));
        };
        if !claim.shared_token && presented(claim.params) != device.token {
            return Err(wrong(claim));
        }
        if device.kind != kind {
            return Err(self.ask("metadata-upgrade", id, claim.scopes, kind));
        }
        let more = claim.scopes.iter().any(|scope| !allows(&device.scopes, scope));
        match (more, claim.shared_token) {
            (false, _) => {}
            (true, false) => return Err(device_token("AUTH_SCOPE_MISMATCH")),
            (true, true) if pairing_required => {
                return Err(self.ask("scope-upgrade", id, claim.scopes, kind));
            }
            (true, true) => device.scopes = claim.scopes.to_vec(),
        }
        Ok(device.token.clone())
    }

    pub(super) fn pending(&self) -> Vec<Pairing> {
        self.pending.values().cloned().collect()
    }

    pub(super) fn approve(&mut self, request_id: &str) -> bool {
        let Some(pairing) = self.pending.values().find(|pairing| pairing.request_id == request_id).cloned()
        else {
            return false;
        };
        self.pending.remove(&pairing.device_id);
        self.pair(pairing.device_id, pairing.scopes, pairing.kind);
        true
    }

    pub(super) fn remove(&mut self, device_id: &str) -> bool {
        self.paired.remove(device_id).is_some()
    }

    fn pair(&mut self, id: String, scopes: Vec<String>, kind: (String, String)) -> String {
        let token = format!("device-{}", Uuid::now_v7().simple());
        self.paired.insert(id, Device { scopes, kind, token: token.clone() });
        token
    }

    fn ask(&mut self, reason: &str, id: String, scopes: &[String], kind: (String, String)) -> Refusal {
        let pairing = self.pending.entry(id.clone()).or_insert_with(|| Pairing {
            request_id: Uuid::now_v7().to_string(),
            device_id: id,
            scopes: Vec::new(),
            kind: kind.clone(),
        });
        pairing.scopes = scopes.to_vec();
        pairing.kind = kind;
        Refusal::new("NOT_PAIRED", "pairing required").details(json!({
            "code": "PAIRING_REQUIRED", "reason": reason, "requestId": pairing.request_id,
            "deviceId": pairing.device_id, "requestedScopes": scopes,
        }))
    }
}

/// Named after the place in which it was presented.
fn wrong(claim: &Claim<'_>) -> Refusal {
    match text(&claim.params["auth"], "token") {
        "" => device_token("AUTH_DEVICE_TOKEN_MISMATCH"),
        _ => wrong_token(),
    }
}

fn device_token(code: &str) -> Refusal {
    Refusal::invalid("unauthorized: device token mismatch").details(json!({ "code": code }))
}

/// Whether these scopes include that one.
pub(super) fn allows(scopes: &[String], wanted: &str) -> bool {
    let has = |scope: &str| scopes.iter().any(|one| one == scope);
    has(wanted) || has("operator.admin") || wanted == "operator.read" && has("operator.write")
}
