//! Whether a device is the one it says it is, and signed this very connection.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// How far a signature's time may be from ours.
const SKEW_MS: u64 = 120_000;

/// The token that is presented, which is also the one that is signed.
pub(super) fn presented(params: &Value) -> &str {
    let auth = &params["auth"];
    let given = |key: &str| auth[key].as_str().filter(|token| !token.is_empty());
    given("token").or_else(|| given("deviceToken")).or_else(|| given("bootstrapToken")).unwrap_or_default()
}

/// The third version of the text, and the second, which is older and says less.
pub(super) fn verify(params: &Value, scopes: &[String], nonce: &str, now_ms: u64) -> Result<(), Refusal> {
    let device = &params["device"];
    let wrong = |code: &str| {
        Refusal::invalid(format!("device identity: {code}"))
            .details(json!({ "code": format!("DEVICE_AUTH_{code}") }))
    };
    let key: [u8; 32] = decode(text(device, "publicKey")).ok_or_else(|| wrong("SIGNATURE_INVALID"))?;
    if hex(&Sha256::digest(key)) != text(device, "id") {
        return Err(wrong("DEVICE_ID_MISMATCH"));
    }
    if text(device, "nonce") != nonce {
        return Err(wrong("NONCE_MISMATCH"));
    }
    let signed_at = device["signedAt"].as_u64().unwrap_or_default();
    if signed_at.abs_diff(now_ms) > SKEW_MS {
        return Err(wrong("SIGNATURE_EXPIRED"));
    }
    let signature: [u8; 64] = decode(text(device, "signature")).ok_or_else(|| wrong("SIGNATURE_INVALID"))?;
    let client = &params["client"];
    let base = [
        text(device, "id").to_owned(),
        text(client, "id").to_owned(),
        text(client, "mode").to_owned(),
        params["role"].as_str().unwrap_or("operator").to_owned(),
        scopes.join(","),
        signed_at.to_string(),
        presented(params).to_owned(),
        nonce.to_owned(),
    ]
    .join("|");
    let family = fold(text(client, "deviceFamily"));
    let third = format!("v3|{base}|{}|{family}", fold(text(client, "platform")));
    let second = format!("v2|{base}");
    let key = VerifyingKey::from_bytes(&key).map_err(|_| wrong("SIGNATURE_INVALID"))?;
    let signature = Signature::from_bytes(&signature);
    let signed = |text: &str| key.verify_strict(text.as_bytes(), &signature).is_ok();
    if signed(&third) || signed(&second) { Ok(()) } else { Err(wrong("SIGNATURE_INVALID")) }
}

fn decode<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?.try_into().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn fold(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the description, which was checked with the real gateway's own functions.
    fn vector() -> Value {
        json!({
            "client": { "id": "gateway-client", "mode": "backend", "platform": "Linux " },
            "auth": { "token": "test-token" },
            "device": {
                "id": "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c",
                "publicKey": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                "signature": "RQrSmlm2eeMhdu5_d38nhIw8pYLa2nlTTAZI-0yekBo7cW7BgG7TQSh9dxpeCUtW8km4X3-u5ZUNzi7SAkEkAA",
                "signedAt": 1_795_200_000_000_u64,
                "nonce": "5f0c1d6e-3a54-4c8e-9d2b-7f1e0a9b8c7d",
            },
        })
    }

    fn judged(params: &Value, now_ms: u64) -> String {
        let scopes = ["operator.read".to_owned(), "operator.write".to_owned()];
        match verify(params, &scopes, "5f0c1d6e-3a54-4c8e-9d2b-7f1e0a9b8c7d", now_ms) {
            Ok(()) => "fine".to_owned(),
            Err(refusal) => refusal.error()["details"]["code"].as_str().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn the_described_vector_is_accepted_in_both_versions() {
        assert_eq!(judged(&vector(), 1_795_200_110_000), "fine");
        let mut second = vector();
        second["device"]["signature"] =
            json!("_JQYIdOTD0qLJsKVQWS1JzNdwMQZN24DixzbOQB0hb-L09jeBmBRgTQghDvcNYqZqRuXIQ3-M5WSsaB18oG-Cg");
        assert_eq!(judged(&second, 1_795_200_000_000), "fine");
    }

    #[test]
    fn what_was_not_signed_is_refused_with_its_own_code() {
        assert_eq!(judged(&vector(), 1_795_200_130_000), "DEVICE_AUTH_SIGNATURE_EXPIRED");
        for (place, value, code) in [
            ("/device/nonce", "another", "DEVICE_AUTH_NONCE_MISMATCH"),
            ("/device/id", "00", "DEVICE_AUTH_DEVICE_ID_MISMATCH"),
            ("/client/mode", "cli", "DEVICE_AUTH_SIGNATURE_INVALID"),
            ("/auth/token", "another", "DEVICE_AUTH_SIGNATURE_INVALID"),
            ("/device/signature", "AAAA", "DEVICE_AUTH_SIGNATURE_INVALID"),
        ] {
            let mut params = vector();
            *params.pointer_mut(place).expect("the vector has it") = json!(value);
            assert_eq!(judged(&params, 1_795_200_000_000), code, "{place}");
        }
    }
}
