use super::*;
use crate::SecretRequest;
use serde_json::json;

const URL: &str = "https://hub.test/pair";

fn granted(secrets: Vec<SecretRequest>) -> Vec<Capture> {
    let descriptor = secrets.into_iter().fold(Descriptor::new("hub", "Hub", "1.0.0"), Descriptor::secret);
    captures(&descriptor, &json!({}))
}

/// What the guest reads, and what was kept.
fn arrives(captures: &[Capture], mut json: Value) -> (Value, Vec<String>) {
    let arrival = Arrival { method: Some("POST"), url: URL, headers: &mut [], json: Some(&mut json) };
    let taken = take(captures, arrival);
    assert_eq!(taken.json, json.to_string().contains(CAPTURED));
    (json, taken.secrets.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
}

fn token(rule: &str) -> SecretRequest {
    SecretRequest::arrives("token").capture(rule, Place::json("/token"))
}

#[test]
fn text_is_kept_and_what_is_no_value_is_withheld() {
    let captures = granted(vec![token(URL)]);
    let hidden = json!({ "token": "[captured]" });
    assert_eq!(arrives(&captures, json!({ "token": "t0ken" })), (hidden.clone(), vec!["token=t0ken".into()]));
    for strange in [json!(7), json!({ "a": 1 }), json!(""), json!(true), json!("x".repeat(VALUE_BYTES + 1))] {
        assert_eq!(arrives(&captures, json!({ "token": strange })), (hidden.clone(), vec![]));
    }
    for nothing in [json!({ "token": null }), json!({ "other": "t0ken" }), json!("t0ken")] {
        assert_eq!(arrives(&captures, nothing.clone()), (nothing, vec![]));
    }
}

#[test]
fn another_method_or_url_hands_out_nothing() {
    for rule in ["GET https://hub.test/pair", "https://hub.test/other", "wss://hub.test/pair"] {
        let sent = json!({ "token": "t0ken" });
        assert_eq!(arrives(&granted(vec![token(rule)]), sent.clone()), (sent, vec![]), "{rule}");
    }
}

#[test]
fn all_tests_hold_before_anything_is_taken() {
    let when = vec![JsonTest::new("/type", "ok"), JsonTest::new("/token", "t0ken")];
    let spare = SecretRequest::arrives("spare").capture_when(URL, Place::json("/spare"), when);
    let captures = granted(vec![token(URL), spare]);
    let (_, kept) = arrives(&captures, json!({ "type": "ok", "token": "t0ken", "spare": "sp4re" }));
    assert_eq!(kept, ["token=t0ken", "spare=sp4re"]);
    let (json, kept) = arrives(&captures, json!({ "type": "no", "token": "t0ken", "spare": "sp4re" }));
    assert_eq!((&json["spare"], kept), (&json!("sp4re"), vec!["token=t0ken".into()]));
}

#[test]
fn of_two_secrets_at_one_place_the_first_gets_it() {
    let second = SecretRequest::arrives("second").capture(URL, Place::json("/token"));
    assert_eq!(arrives(&granted(vec![token(URL), second]), json!({ "token": "t0ken" })).1, ["token=t0ken"]);
}

#[test]
fn a_header_arrives_without_json_too() {
    let secret = SecretRequest::arrives("token").capture(URL, Place::header("x-token"));
    let captures = granted(vec![secret]);
    let mut headers = [("X-Token".to_owned(), b"t0ken".to_vec()), ("x-token".to_owned(), vec![0xff])];
    let taken = take(&captures, Arrival { method: Some("GET"), url: URL, headers: &mut headers, json: None });
    assert!(headers.iter().all(|(_, value)| value == CAPTURED.as_bytes()));
    assert_eq!((taken.secrets, taken.json), (vec![("token".into(), "t0ken".into())], false));
}

#[test]
#[should_panic = "secret token asks for \"https://hub.test/{key}\": the schema has no property \"key\""]
fn a_capture_that_the_host_would_refuse_says_so() {
    granted(vec![token("https://hub.test/{key}")]);
}

#[test]
#[should_panic = "nothing arrives in a query key"]
fn nothing_arrives_in_a_query() {
    granted(vec![SecretRequest::arrives("token").capture(URL, Place::query("token"))]);
}
