//! Who is let in, with what scopes, and what the others are told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use platforms::openclaw::scripted::Gateway;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Client, connect_params};

/// `connect` signed by the device of this seed.
fn signed(seed: u8, challenge: &Value, scopes: &[&str], auth: Value) -> Value {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let public = key.verifying_key().to_bytes();
    let id: String = Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect();
    let token = auth["token"].as_str().or(auth["deviceToken"].as_str()).unwrap_or_default();
    let (at, nonce) = (&challenge["ts"], challenge["nonce"].as_str().unwrap_or_default());
    let scopes_said = scopes.join(",");
    let text = format!("v3|{id}|test|test|operator|{scopes_said}|{at}|{token}|{nonce}|linux|");
    json!({
        "minProtocol": 4, "maxProtocol": 4, "scopes": scopes, "auth": auth,
        "client": { "id": "test", "version": "1", "platform": "Linux", "mode": "test" },
        "device": {
            "id": id, "publicKey": URL_SAFE_NO_PAD.encode(public), "signedAt": at, "nonce": nonce,
            "signature": URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes()),
        },
    })
}

/// One attempt of the device of seed 7; answers what it was told, and the connection.
async fn attempt(gateway: &Gateway, scopes: &[&str], auth: Value) -> anyhow::Result<(Value, Client)> {
    let (mut client, challenge) = Client::knock(&gateway.url()).await?;
    let answer = client.call("connect", signed(7, &challenge, scopes, auth)).await?;
    Ok((answer, client))
}

/// What somebody without a device is told, and with which code the connection ends.
async fn refused(gateway: &Gateway, change: impl FnOnce(&mut Value)) -> anyhow::Result<(Value, u16)> {
    let (mut client, _) = Client::knock(&gateway.url()).await?;
    let mut params = connect_params(gateway.token());
    change(&mut params);
    let answer = client.call("connect", params).await?;
    assert_eq!(answer["ok"], false, "{answer}");
    Ok((answer["error"].clone(), client.closed().await?))
}

#[tokio::test]
async fn whoever_is_not_in_order_is_told_why_and_closed() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let (error, code) = refused(&gateway, |params| params["auth"]["token"] = json!("wrong")).await?;
    assert_eq!((&error["details"]["code"], code), (&json!("AUTH_TOKEN_MISMATCH"), 1008));
    let (error, code) = refused(&gateway, |params| params["maxProtocol"] = json!(3)).await?;
    assert_eq!((&error["details"]["expectedProtocol"], code), (&json!(4), 1002));
    for (place, value) in [("mode", json!("operator")), ("id", json!("somebody")), ("more", json!(1))] {
        let (error, code) = refused(&gateway, |params| params["client"][place] = value).await?;
        assert_eq!((&error["code"], code), (&json!("INVALID_REQUEST"), 1008), "{place}");
    }
    let (error, _) = refused(&gateway, |params| params["auth"] = json!({})).await?;
    assert_eq!(error["details"]["code"], "DEVICE_IDENTITY_REQUIRED");
    gateway.still_starting(1);
    let (error, code) = refused(&gateway, |_| {}).await?;
    assert_eq!((&error["details"]["reason"], code), (&json!("startup-sidecars"), 1013));
    assert_eq!((&error["retryable"], &error["retryAfterMs"]), (&json!(true), &json!(500)));
    Client::connect(&gateway.url(), gateway.token()).await?;

    let (mut client, _) = Client::knock(&gateway.url()).await?;
    assert_eq!(client.call("health", json!({})).await?["error"]["message"], "first request must be connect");
    assert_eq!(client.closed().await?, 1008);
    let (mut client, _) = Client::knock(&gateway.url()).await?;
    client.raw("hello?").await?;
    assert_eq!(client.closed().await?, 1000);
    let (mut client, _) = Client::knock(&gateway.url()).await?;
    client.raw(&"x".repeat(70_000)).await?;
    assert_eq!(client.closed().await?, 1009);
    gateway.alone().await;
    Ok(())
}

#[tokio::test]
async fn scopes_are_asked_for_and_params_are_closed() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let (mut client, _) = Client::knock(&gateway.url()).await?;
    let mut params = connect_params(gateway.token());
    params["scopes"] = json!(["operator.read"]);
    let hello = client.call("connect", params.clone()).await?;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(["operator.read"]));
    let error =
        client.call("agent", json!({ "message": "hi", "idempotencyKey": "a" })).await?["error"].clone();
    assert_eq!(error["details"]["missingScope"], "operator.write");
    assert_eq!(client.call("nonsense", json!({})).await?["error"]["message"], "unknown method: nonsense");
    let error = client.call("chat.history", json!({ "sessionKey": "x", "limit": 1_001 })).await?;
    assert_eq!(error["error"]["code"], "INVALID_REQUEST");
    assert!(client.call("system-presence", json!({})).await?["payload"].is_array());

    // No scopes at all for a strange client without a device.
    let (mut client, _) = Client::knock(&gateway.url()).await?;
    params["client"]["id"] = json!("test");
    assert_eq!(client.call("connect", params).await?["payload"]["auth"]["scopes"], json!([]));
    assert_eq!(client.call("status", json!({})).await?["error"]["details"]["code"], "MISSING_SCOPE");
    assert_eq!(client.call("health", json!({})).await?["ok"], true);
    Ok(())
}

#[tokio::test]
async fn a_device_waits_to_be_approved_and_comes_back_with_its_own_token() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    gateway.require_pairing();
    let (shared, read) = (json!({ "token": gateway.token() }), ["operator.read"]);
    let (first, mut client) = attempt(&gateway, &read, shared.clone()).await?;
    assert_eq!(first["error"]["code"], "NOT_PAIRED");
    assert_eq!(first["error"]["details"]["reason"], "not-paired");
    assert_eq!(client.closed().await?, 1008);
    let (second, _) = attempt(&gateway, &read, shared.clone()).await?;
    let request = &first["error"]["details"]["requestId"];
    assert_eq!(&second["error"]["details"]["requestId"], request);
    assert!(gateway.approve(request.as_str().unwrap_or_default()));
    assert_eq!(gateway.pairings(), []);

    let (hello, _) = attempt(&gateway, &read, shared.clone()).await?;
    let own = json!({ "deviceToken": hello["payload"]["auth"]["deviceToken"] });
    let (hello, mut client) = attempt(&gateway, &read, own.clone()).await?;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(["operator.read"]));
    let (error, _) = attempt(&gateway, &["operator.write"], own.clone()).await?;
    assert_eq!(error["error"]["details"]["code"], "AUTH_SCOPE_MISMATCH");
    let (error, _) = attempt(&gateway, &["operator.write"], shared).await?;
    assert_eq!(error["error"]["details"]["reason"], "scope-upgrade");

    let device = signed(7, &json!({}), &read, json!({}))["device"]["id"].clone();
    assert!(gateway.remove_device(device.as_str().unwrap_or_default()));
    assert_eq!(client.closed().await?, 4001);
    let (error, _) = attempt(&gateway, &read, own).await?;
    assert_eq!(error["error"]["details"]["code"], "AUTH_DEVICE_TOKEN_MISMATCH");
    Ok(())
}

#[tokio::test]
async fn a_signature_for_another_connection_is_refused() -> anyhow::Result<()> {
    let gateway = Gateway::start().await?;
    let (_, old) = Client::knock(&gateway.url()).await?;
    let (mut client, challenge) = Client::knock(&gateway.url()).await?;
    let auth = json!({ "token": gateway.token() });
    let mut params = signed(7, &old, &["operator.read"], auth);
    params["device"]["nonce"] = challenge["nonce"].clone();
    let error = client.call("connect", params).await?;
    assert_eq!(error["error"]["details"]["code"], "DEVICE_AUTH_SIGNATURE_INVALID");
    Ok(())
}
