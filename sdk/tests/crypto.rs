//! The crypto room on the fake host: published vectors, the contract's limits, and a connector that pairs a device.

use sdk::crypto::{self, Class, Digest, Error, Kind, Part};
use sdk::testing::{Driver, FakeHost};
use sdk::{Connector, Descriptor, Event, Instance, NoConfig, Place, SecretRequest, StartError, host, tools};
use serde_json::{Value, json};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// RFC 8032, section 7.1, test 3: the message is `af 82`.
const SEED: &str = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
const PUBLIC: &str = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
const SIGNATURE: &str = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                         18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// A host for calls without a connector.
fn host() -> FakeHost {
    let host = FakeHost::new();
    host::install(Rc::new(host.clone()));
    host
}

/// Nothing of the fake's crypto room takes time.
fn now<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn a_signature_is_that_of_the_rfc_and_parts_have_nothing_between() {
    host().hold_key("device", Kind::Ed25519, Class::Identity, &bytes(SEED));
    let key = now(crypto::ensure("device", Kind::Ed25519, Class::Identity)).unwrap();
    assert_eq!(key.public, Some(bytes(PUBLIC)));
    let signature = now(crypto::sign("device", [[0xaf], [0x82]])).unwrap();
    assert_eq!(hex(&signature), SIGNATURE);
    assert_eq!(now(crypto::sign("device", [&b"\xaf\x82"[..]])).unwrap(), signature);
    assert_eq!(crypto::verify(&bytes(PUBLIC), b"\xaf\x82", &signature), Ok(true));
    assert_eq!(crypto::verify(&bytes(PUBLIC), b"\xaf\x83", &signature), Ok(false));
}

#[test]
fn verifying_is_strict() {
    host();
    // The same point with the group's order added to the scalar.
    let other =
        format!("{}05d391b0a77904e98404ef037747a56e4a7c15e9716ed28dc027beceea1ec41a", &SIGNATURE[..64]);
    assert_eq!(crypto::verify(&bytes(PUBLIC), b"\xaf\x82", &bytes(&other)), Ok(false));
    // The neutral point as key: every text would be signed by it.
    let (mut neutral, mut empty) = ([0; 32], [0; 64]);
    (neutral[0], empty[0]) = (1, 1);
    assert_eq!(crypto::verify(&neutral, b"anything", &empty), Ok(false));
    assert!(matches!(crypto::verify(&neutral[1..], b"", &empty), Err(Error::Invalid(_))));
    assert!(matches!(crypto::verify(&neutral, b"", &empty[1..]), Err(Error::Invalid(_))));
}

#[test]
fn tags_are_those_of_the_rfc() {
    let host = host();
    host.secret_value("jefe", "Jefe");
    // RFC 4231, test cases 2 and 1; a short HMAC key is filled up with zeros anyway.
    let tag = |algorithm| crypto::authenticate("jefe", algorithm, ["what do ya want ", "for nothing?"]);
    let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hex(&tag(Digest::Sha256).unwrap()), sha256);
    assert!(hex(&tag(Digest::Sha384).unwrap()).starts_with("af45d2e376484031617f78d2b58a6b1b"));
    let mut key = [0; 64];
    key[..20].fill(0x0b);
    host.hold_key("short", Kind::HmacSha256, Class::Session, &key[..32]);
    host.hold_key("long", Kind::HmacSha512, Class::Session, &key);
    let short = now(crypto::sign("short", ["Hi ", "There"])).unwrap();
    assert!(hex(&short).starts_with("b0344c61d8db38535ca8afceaf0bf12b"));
    let long = now(crypto::sign("long", ["Hi There"])).unwrap();
    assert!(hex(&long).starts_with("87aa7cdea5ef619d4ff0b4241a1d6cb0"));
    assert_eq!(now(crypto::verify_tag("short", ["Hi There"], short.clone())), Ok(true));
    assert_eq!(now(crypto::verify_tag("short", ["Hi there"], short.clone())), Ok(false));
    assert_eq!(now(crypto::verify_tag("short", ["Hi There"], &short[1..])), Ok(false));
}

#[test]
fn hashes_are_right_and_may_be_of_nothing() {
    host();
    assert!(hex(&crypto::hash(Digest::Sha256, b"")).starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    assert!(hex(&crypto::hash(Digest::Sha384, b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
    assert_eq!(crypto::hash(Digest::Sha512, b"abc").len(), 64);
}

#[test]
fn random_bytes_go_on_and_repeat_in_the_next_run() {
    let drawn = || {
        host();
        (crypto::random_array::<16>().unwrap(), crypto::random(100).unwrap(), crypto::random(100).unwrap())
    };
    let first = drawn();
    assert_ne!(first.1, first.2);
    assert_eq!(first.2.len(), 100);
    assert_eq!(first, drawn());
    assert!(matches!(crypto::random(0), Err(Error::Invalid(_))));
    assert!(matches!(crypto::random(65_537), Err(Error::Invalid(_))));
    assert_eq!(crypto::random(65_536).unwrap().len(), 65_536);
}

#[test]
fn a_key_is_the_same_until_it_is_forgotten() {
    let host = host();
    let made = || now(crypto::ensure("device", Kind::Ed25519, Class::Identity)).unwrap();
    let first = made();
    assert_eq!(first, made());
    assert_eq!(now(crypto::keys()).unwrap(), std::slice::from_ref(&first));
    assert_eq!(now(crypto::ensure("device", Kind::HmacSha256, Class::Identity)), Err(Error::Taken));
    assert_eq!(now(crypto::ensure("device", Kind::Ed25519, Class::Session)), Err(Error::Taken));
    assert_eq!(now(crypto::forget("device")), Ok(true));
    assert_eq!(now(crypto::forget("device")), Ok(false));
    assert_eq!(now(crypto::sign("device", ["x"])), Err(Error::UnknownKey));
    assert_eq!(host.held_key("device"), None);
    assert_ne!(first.public, made().public);
}

#[test]
fn session_keys_end_with_the_process() {
    let host = host();
    now(crypto::ensure("device", Kind::Ed25519, Class::Identity)).unwrap();
    let session = now(crypto::ensure("cookies", Kind::HmacSha512, Class::Session)).unwrap();
    assert_eq!(session.public, None);
    host.lose_session_keys();
    assert_eq!(now(crypto::sign("cookies", ["x"])), Err(Error::UnknownKey));
    assert!(now(crypto::sign("device", ["x"])).is_ok());
}

#[test]
fn what_the_contract_forbids_is_refused() {
    let host = host();
    host.secret_value("token", "t");
    let ensure = |name: &str| now(crypto::ensure(name, Kind::HmacSha256, Class::Session));
    for name in ["", "a\nb", &"x".repeat(65)] {
        assert!(matches!(ensure(name), Err(Error::Invalid(_))), "{name:?}");
    }
    ensure(&"x".repeat(64)).unwrap();
    let sign = |parts: Vec<Part>| now(crypto::sign(&"x".repeat(64), parts));
    assert!(sign(vec!["a".into(); 64]).is_ok());
    assert!(matches!(sign(vec!["a".into(); 65]), Err(Error::Invalid(_))));
    let full = vec![0; (1 << 20) - 1];
    assert!(sign(vec![full.clone().into(), Part::secret("token")]).is_ok());
    assert!(matches!(sign(vec![full.into(), Part::secret("token"), "a".into()]), Err(Error::Invalid(_))));
    assert!(matches!(sign(vec![Part::secret("none")]), Err(Error::Denied(_))));
    let secret = crypto::authenticate("token", Digest::Sha256, [Part::secret("token")]);
    assert!(matches!(secret, Err(Error::Invalid(_))));
    now(crypto::ensure("device", Kind::Ed25519, Class::Session)).unwrap();
    let signature = now(crypto::sign("device", ["a"])).unwrap();
    assert!(matches!(now(crypto::verify_tag("device", ["a"], signature)), Err(Error::Invalid(_))));
    for more in 2..64 {
        ensure(&more.to_string()).unwrap();
    }
    assert_eq!(ensure("one more"), Err(Error::Quota));
}

/// Has a token that arrives, and signs with it.
struct Device;

impl Connector for Device {
    type Config = NoConfig;

    fn describe() -> Descriptor {
        let token = SecretRequest::arrives("token")
            .capture("wss://hub.example/agent", Place::json("/auth/token"))
            .signs("device");
        Descriptor::new("device", "Device", "1.0.0")
            .secret(token)
            .secret(SecretRequest::required("webhook").authenticates())
    }

    async fn start(_: Instance, _: NoConfig) -> Result<Self, StartError> {
        crypto::ensure("device", Kind::Ed25519, Class::Identity).await?;
        crypto::ensure("spare", Kind::HmacSha256, Class::Session).await?;
        Ok(Device)
    }
}

impl tools::Handler for Device {
    /// Signs `v2|<secret>|<nonce>` with the key of this name.
    async fn call(&self, _: Event, key: String, secret: tools::Arguments) -> Result<Value, tools::Error> {
        let nonce = crypto::random_array::<16>().expect("16 is in range");
        let secret: String = secret.parse()?;
        let signed = match key.as_str() {
            "authenticate" => crypto::authenticate(&secret, Digest::Sha256, ["v2"]),
            _ => {
                let parts = ["v2|".into(), Part::secret(secret), "|".into(), nonce.into()];
                crypto::sign(&key, parts).await
            }
        };
        Ok(json!(signed.map_or_else(|error| error.to_string(), |bytes| hex(&bytes))))
    }
}

sdk::connector!(Device: tools);

fn device(host: &FakeHost) -> Driver<Device> {
    let device = Driver::start(host, json!({})).unwrap();
    host.forget();
    device
}

#[test]
fn a_platform_can_check_what_a_device_signed_over_a_secret() {
    let host = FakeHost::new();
    let device = device(&host);
    host.secret_value("token", "t0p");
    let signature = device.calls("device", json!("token")).answer().unwrap();
    assert_eq!(host.story(), ["sign device v2|[token]|[16 bytes]"]);
    let Some(sdk::testing::Call::Sign { parts, .. }) = host.calls().pop() else { panic!() };
    let Part::Bytes(nonce) = &parts[3] else { panic!() };
    let public = host.held_key("device").unwrap().public.unwrap();
    let text = [b"v2|t0p|", nonce.as_slice()].concat();
    assert_eq!(crypto::verify(&public, &text, &bytes(signature.as_str().unwrap())), Ok(true));
}

#[test]
fn a_secret_is_used_only_as_the_descriptor_asks() {
    let host = FakeHost::new();
    let device = device(&host);
    let answer = |key: &str, secret: &str| {
        let answer = device.calls(key, json!(secret)).answer().unwrap();
        answer.as_str().unwrap().to_owned()
    };
    assert_eq!(answer("device", "token"), "not granted: there is no secret \"token\"");
    host.secret_value("token", "t").secret_value("webhook", "w");
    assert_eq!(answer("device", "token").len(), 128);
    assert!(answer("spare", "token").starts_with("not granted: "));
    assert!(answer("device", "webhook").starts_with("not granted: "));
    assert!(answer("authenticate", "token").starts_with("not granted: "));
    assert_eq!(answer("authenticate", "webhook").len(), 64);
}

#[test]
fn a_failure_is_the_next_answer_and_says_whether_starting_again_helps() {
    let host = FakeHost::new();
    host.fail_crypto(Error::Unavailable("disk".into()));
    let Err(error) = Driver::<Device>::start(&host, json!({})) else { panic!() };
    assert_eq!(error, StartError::Unavailable("crypto: unavailable: disk".into()));
    host.hold_key("device", Kind::HmacSha256, Class::Identity, &[0; 32]);
    let Err(StartError::Configuration(_)) = Driver::<Device>::start(&host, json!({})) else { panic!() };
    now(crypto::forget("device")).unwrap();
    assert!(Driver::<Device>::start(&host, json!({})).is_ok());
}
