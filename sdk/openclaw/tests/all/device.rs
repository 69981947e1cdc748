//! The signature of the device against a vector that the gateway's own code has verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use openclaw::connect::{self, Auth, Challenge, Client, Device, Wish};
use openclaw::device::{self, Edition, Part, Signing};
use serde_json::{Value, json};

fn vector() -> Value {
    serde_json::from_str(include_str!("../recorded/device-auth-vector.json")).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&std::array::from_fn(|at| at as u8))
}

fn wish() -> Wish {
    let client = Client { platform: "Linux ".into(), ..Client::backend("0.1.0") };
    Wish::operator(client, &["operator.read", "operator.write"], Auth::Token)
}

fn challenge(vector: &Value) -> Challenge {
    let inputs = &vector["inputs"];
    Challenge::read(&json!({ "nonce": inputs["nonce"], "ts": inputs["signedAt"] })).unwrap()
}

#[test]
fn both_editions_sign_what_the_gateway_checks() {
    let (vector, key, wish) = (vector(), key(), wish());
    let (public, challenge) = (key.verifying_key().to_bytes(), challenge(&vector));
    assert_eq!(device::id(&public), vector["deviceId"]);
    for (edition, name) in [(Edition::V3, "v3"), (Edition::V2, "v2")] {
        let signing = Signing { edition, ..Signing::new(&public, &wish, &challenge) };
        let text = device::text(&signing.parts(), "test-token");
        assert_eq!(text, vector[name]["string"]);
        let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes());
        assert_eq!(signature, vector[name]["signature_base64url"]);
    }
}

#[test]
fn the_secret_is_a_part_only_where_it_is_signed() {
    let (vector, public) = (vector(), key().verifying_key().to_bytes());
    let challenge = challenge(&vector);
    for (auth, signed) in
        [(Auth::None, false), (Auth::Token, true), (Auth::DeviceToken, true), (Auth::Password, false)]
    {
        let wish = Wish { auth, ..wish() };
        let parts = Signing::new(&public, &wish, &challenge).parts();
        assert_eq!(parts.contains(&Part::Token), signed, "{auth:?}");
        assert!(device::text(&parts, "").contains("|1795200000000||5f0c1d6e"), "{auth:?}");
    }
}

#[test]
fn the_connect_frame_has_an_empty_place_for_the_secret() {
    let (vector, wish) = (vector(), wish());
    let public_key = key().verifying_key().to_bytes();
    let device = Device { public_key, signature: [7; 64] };
    let frame = connect::frame("9", &wish, Some(&device), &challenge(&vector));
    assert_eq!(frame.pointer(wish.auth.pointer().unwrap()), Some(&json!("")));
    assert_eq!(frame["params"]["device"]["publicKey"], vector["publicKey_base64url"]);
    assert_eq!(frame["params"]["device"]["id"], vector["deviceId"]);
    assert_eq!(frame["params"]["device"]["signedAt"], 1_795_200_000_000_u64);
    assert_eq!(
        frame["params"]["client"],
        json!({
            "id": "gateway-client", "mode": "backend", "version": "0.1.0", "platform": "Linux "
        })
    );
    assert_eq!(
        (&frame["type"], &frame["id"], &frame["method"]),
        (&json!("req"), &json!("9"), &json!("connect"))
    );
    assert_eq!((&frame["params"]["minProtocol"], &frame["params"]["maxProtocol"]), (&json!(3), &json!(4)));

    let without = connect::frame("1", &Wish { auth: Auth::None, ..wish }, None, &challenge(&vector));
    assert!(without["params"].get("auth").is_none() && without["params"].get("device").is_none());
}

#[test]
fn a_nonce_that_would_bend_the_signed_text_is_refused() {
    for nonce in ["", "a|linux|", "a\nb", &"n".repeat(257)] {
        assert_eq!(Challenge::read(&json!({ "nonce": nonce, "ts": 1 })), None, "{nonce:?}");
    }
}
