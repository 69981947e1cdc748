//! Keys that the spy names and never sees.
use crate::reach::{Lay, Siege};
use crate::setup::Result;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;

const TOKEN: &str = "c4nary-t0ken-value";

async fn crypto(siege: &Siege, order: Value) -> anyhow::Result<Value> {
    siege.runtime.call("spy", "spy_crypto", &order).await
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

async fn public(siege: &Siege, name: &str, lasting: bool) -> anyhow::Result<Vec<u8>> {
    let key = crypto(siege, json!({ "ensure": [name, "ed25519", lasting] })).await?;
    Ok(bytes(&key["public"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_over_parts_holds_the_secret_that_the_guest_never_saw() -> Result {
    let siege = Siege::lay(&[("token", TOKEN), ("stamp", "st4mp-value")]).await?;
    let public = public(&siege, "device", true).await?;
    // As the gateway of OpenClaw wants it (v3): the token stands in the middle of what is signed.
    let id: String = Sha256::digest(&public).iter().map(|byte| format!("{byte:02x}")).collect();
    let (before, after) =
        (format!("v3|{id}|gateway-client|backend|operator|operator.read|1795200000000|"), "|nonce|linux|");
    let signed = crypto(&siege, json!({ "sign": ["device", [before, "$token", after]] })).await?;
    let signature = Signature::from_slice(&bytes(&signed))?;
    let key = VerifyingKey::from_bytes(&public.as_slice().try_into()?)?;
    key.verify_strict(format!("{before}{TOKEN}{after}").as_bytes(), &signature)?;
    assert!(key.verify_strict(format!("{before}$token{after}").as_bytes(), &signature).is_err());
    let verified = json!({ "verify": [public, "text", bytes(&crypto(&siege, json!({ "sign": ["device", ["te", "xt"]] })).await?)] });
    assert_eq!(crypto(&siege, verified).await?, true);

    let tag = bytes(&crypto(&siege, json!({ "authenticate": ["stamp", ["POST\n", "/v1/x"]] })).await?);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"st4mp-value")?;
    mac.update(b"POST\n/v1/x");
    assert_eq!(tag, mac.finalize().into_bytes().to_vec());

    crypto(&siege, json!({ "ensure": ["mac", "hmac-sha256", false] })).await?;
    let tag = bytes(&crypto(&siege, json!({ "sign": ["mac", ["a", "b"]] })).await?);
    assert_eq!(crypto(&siege, json!({ "verify-tag": ["mac", ["ab"], tag] })).await?, true);
    assert_eq!(crypto(&siege, json!({ "verify-tag": ["mac", ["ac"], tag] })).await?, false);
    for (order, error) in [
        (json!({ "sign": ["nobody", ["x"]] }), "UnknownKey"),
        (json!({ "ensure": ["device", "hmac-sha256", true] }), "Taken"),
        (json!({ "ensure": ["", "ed25519", true] }), "Invalid"),
        (json!({ "verify-tag": ["device", ["x"], [1]] }), "Invalid"),
        (json!({ "random": 0 }), "Invalid"),
        (json!({ "random": 65537 }), "Invalid"),
    ] {
        let said = crypto(&siege, order.clone()).await?;
        assert!(said["error"].as_str().is_some_and(|it| it.starts_with(error)), "{order}: {said}");
    }
    assert_eq!(bytes(&crypto(&siege, json!({ "hash": "abc" })).await?), Sha256::digest(b"abc").to_vec());
    let random = [
        bytes(&crypto(&siege, json!({ "random": 32 })).await?),
        bytes(&crypto(&siege, json!({ "random": 32 })).await?),
    ];
    assert!(random[0].len() == 32 && random[0] != random[1]);
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_outlives_the_process_and_a_session_key_does_not() -> Result {
    let mut siege = Siege::of(Lay { account: "limits = { keys = 2 }\n".into(), ..Lay::default() }).await?;
    let before = (public(&siege, "device", true).await?, public(&siege, "session", false).await?);
    let third = crypto(&siege, json!({ "ensure": ["third", "ed25519", true] })).await?;
    assert_eq!(third["error"], "Quota");
    let listed = String::from_utf8(siege.runtime.ask(&["keys"]).await?.stdout)?;
    let hex: String = before.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(listed.contains("device") && listed.contains("identity") && listed.contains(&hex), "{listed}");
    let key = siege.runtime.home().state().join("operator.key");
    assert_eq!(std::fs::metadata(&key)?.permissions().mode() & 0o777, 0o600);
    siege.runtime = siege.runtime.killed_and_started_again().await?;
    let after = (public(&siege, "device", true).await?, public(&siege, "session", false).await?);
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
    // Under another operator's key nothing is made up in its place.
    let home = siege.runtime.home().clone();
    siege.runtime.stop().await?;
    std::fs::remove_file(&key)?;
    siege.runtime = home.ready().await?;
    let said = crypto(&siege, json!({ "ensure": ["device", "ed25519", true] })).await?;
    assert!(said["error"].as_str().is_some_and(|it| it.starts_with("Unavailable")), "{said}");
    let log = siege.runtime.stop().await?.log;
    assert!(log.contains("another operator's key"), "{log}");
    Ok(())
}
