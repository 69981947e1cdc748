use crate::gateway::*;
use sdk::{Fill, crypto};

/// The bytes of unpadded base64url.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in text.bytes() {
        bits = (bits << 6) | LETTERS.iter().position(|known| *known == letter).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// Checks the login's signature as the gateway does, over the text with this token in it.
fn is_signed(host: &FakeHost, login: &Value, token: &str) -> bool {
    let device = &login["params"]["device"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let public = decoded(&text(&device["publicKey"]));
    assert_eq!(host.held_key("device").unwrap().public, Some(public.clone()));
    let id: String =
        crypto::hash(crypto::Digest::Sha256, &public).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(device["id"], id.as_str());
    let challenge = &recorded::challenge()["payload"];
    assert_eq!((&device["nonce"], &device["signedAt"]), (&challenge["nonce"], &challenge["ts"]));
    let (nonce, ts) = (text(&challenge["nonce"]), &challenge["ts"]);
    let signed = format!("v3|{id}|gateway-client|backend|operator|operator.read|{ts}|{token}|{nonce}|linux|");
    crypto::verify(&public, signed.as_bytes(), &decoded(&text(&device["signature"]))).unwrap()
}

fn fills(host: &FakeHost) -> Vec<Fill> {
    let fills = |call| if let Call::Send { fills, .. } = call { Some(fills) } else { None };
    host.calls().into_iter().find_map(fills).unwrap()
}

#[test]
fn it_signs_the_challenge_with_its_device_and_the_token_that_it_never_sees() {
    let host = host();
    let center = start(&host);
    let login = login(&host, &center);
    assert_eq!((&login["type"], &login["method"]), (&json!("req"), &json!("connect")));
    let params = &login["params"];
    assert_eq!(
        (&params["client"]["id"], &params["client"]["mode"]),
        (&json!("gateway-client"), &json!("backend"))
    );
    assert_eq!((&params["role"], &params["scopes"]), (&json!("operator"), &json!(["operator.read"])));
    assert_eq!((&params["minProtocol"], &params["maxProtocol"]), (&json!(3), &json!(4)));
    assert_eq!(params["auth"], json!({ "token": "" }));
    assert_eq!(fills(&host), [Fill::json("gatewayToken", "/params/auth/token")]);
    assert!(is_signed(&host, &login, TOKEN));
    assert!(!is_signed(&host, &login, ""));
    assert!(!host.story().iter().chain(&host.logs()).any(|line| line.contains(TOKEN)));
}

#[test]
fn from_the_second_login_on_it_uses_the_token_that_the_gateway_gave_this_device() {
    let host = host();
    let center = connected(&host);
    center
        .closes(NAME, CloseReason::Peer(Some(1012), "service restart".into()), Some(Duration::from_secs(1)))
        .answer();
    let login = login(&host, &center);
    assert_eq!(login["params"]["auth"], json!({ "deviceToken": "" }));
    assert_eq!(fills(&host), [Fill::json("deviceToken", "/params/auth/deviceToken")]);
    assert!(is_signed(&host, &login, DEVICE_TOKEN));
}

#[test]
fn without_a_token_the_device_logs_in_alone() {
    let host = FakeHost::new();
    let center = start(&host);
    let login = login(&host, &center);
    assert_eq!(login["params"].get("auth"), None);
    assert!(fills(&host).is_empty());
    assert!(is_signed(&host, &login, ""));
}

#[test]
fn once_let_in_it_says_so_and_asks_for_everything() {
    let host = host();
    let center = start(&host);
    let_in(&host, &center);
    assert_eq!(
        asked(&host),
        ["sessions.subscribe", "agents.list", "sessions.list", "system-presence", "health"]
    );
    assert_eq!(statuses(&host), ["status connected"]);
    let gateway = shown(&host, "gateway");
    assert_eq!((&gateway["state"], &gateway["stale"]), (&json!("connected"), &json!(true)));
    assert_eq!((&gateway["protocol"], &gateway["version"]), (&json!(4), &json!("2026.9.6")));
    serve(&host, &center);
    assert_eq!(shown(&host, "gateway")["stale"], json!(false));
}

#[test]
fn an_older_gateway_is_understood() {
    let host = host();
    let center = start(&host);
    center.opens(NAME).answer();
    host.forget();
    hear(&center, &json!({ "type": "event", "event": "connect.challenge", "params": { "nonce": "n-1" } }));
    let login = sent(&host).remove(0);
    host.forget();
    let hello = json!({ "connId": "c-1", "features": { "methods": ["agents.list"], "events": [] } });
    hear(&center, &json!({ "type": "res", "id": login["id"], "result": hello }));
    assert_eq!(statuses(&host), ["status connected"]);
    let requests = sent(&host);
    for request in &requests {
        let known = request["method"] == "agents.list";
        let (result, error) =
            (json!({ "agents": [{ "id": "main" }] }), json!({ "code": 404, "message": "unknown" }));
        let part = if known { json!({ "result": result }) } else { json!({ "error": error }) };
        let mut frame = json!({ "type": "res", "id": request["id"] });
        frame.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        hear(&center, &frame);
    }
    assert_eq!(shown(&host, "gateway")["connectionId"], "c-1");
    assert_eq!(shown_keys(&host, "agents/"), ["main"]);
    let last = statuses(&host).pop().unwrap();
    assert!(last.starts_with("status degraded: ") && last.contains("refused: 404: unknown"), "{last}");
}

#[test]
fn nothing_is_asked_of_the_gateway_but_to_be_read() {
    let host = host();
    let center = start(&host);
    assert!(told(&host, "subscribe gateway ws://127.0.0.1:18789"));
    assert_eq!(login(&host, &center)["params"]["scopes"], json!(["operator.read"]));
}
