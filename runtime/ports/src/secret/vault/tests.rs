use super::*;
use crate::json_test::JsonTest;
use crate::reach::UrlRule;
use serde_json::json;
use std::sync::Mutex;

const URL: &str = "https://api.test/v1/channels/1/messages";

fn place(url: &str, at: At, when: Vec<JsonTest>) -> Place {
    Place { url: url.parse().unwrap(), at, when }
}

fn test(pointer: &str, equals: &str) -> JsonTest {
    JsonTest { pointer: pointer.into(), equals: json!(equals) }
}

fn vault_of(entry: Entry) -> Vault {
    Vault::new(BTreeMap::from([("token".into(), entry)]))
}

fn vault() -> Vault {
    let auth = test("/type", "auth");
    let places = vec![
        place("GET,POST https://api.test/v1/*", At::Header("authorization".into()), vec![]),
        place("wss://api.test/v1/ws", At::Json("/token".into()), vec![auth]),
    ];
    vault_of(Entry {
        value: Some(Secret::new("s3cret-value".into())),
        places,
        signs: vec!["device".into()],
        ..Entry::default()
    })
}

fn fill(at: At) -> Fill {
    Fill { secret: "token".into(), at, form: Form::Bearer }
}

#[test]
fn a_secret_goes_to_its_places_and_nowhere_else() {
    let url = CheckedUrl::parse(URL).unwrap();
    let body = json!({"text": "x", "token": "", "type": "auth"});
    let to = Destination { method: Some("POST"), url: &url, json: Some(&body) };
    let filled = vault().fill(&fill(At::Header("authorization".into())), to).unwrap();
    assert_eq!(filled.expose(), "Bearer s3cret-value");
    for at in [
        At::Json("/text".into()),
        At::Json("/token".into()),
        At::Query("token".into()),
        At::Header("x-a".into()),
    ] {
        assert!(matches!(vault().fill(&fill(at), to), Err(FillError::NotAPlace { .. })));
    }
    let unknown = Fill { secret: "other".into(), ..fill(At::Header("authorization".into())) };
    assert_eq!(vault().fill(&unknown, to).unwrap_err(), FillError::Unknown("other".into()));
}

#[test]
fn a_frame_must_pass_its_test() {
    let url = CheckedUrl::parse("wss://api.test/v1/ws").unwrap();
    let (auth, say) = (json!({"type": "auth", "token": ""}), json!({"type": "say", "token": ""}));
    let to = |json| Destination { method: None, url: &url, json };
    assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&auth))).is_ok());
    assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&say))).is_err());
    assert!(vault().fill(&fill(At::Json("/token".into())), to(None)).is_err());
}

#[test]
fn a_secret_is_part_of_what_its_keys_sign_and_of_nothing_else() {
    assert_eq!(vault().part("token", "device").unwrap().expose(), "s3cret-value");
    for key in ["other", "", "Device"] {
        assert!(matches!(vault().part("token", key), Err(FillError::NotForThis { .. })));
    }
    assert!(vault().authenticator("token").is_err());
    let open = vault_of(Entry { authenticates: true, ..Entry::default() });
    assert_eq!(open.authenticator("token"), Err(FillError::Absent("token".into())));
    assert!(open.rotate("token", Secret::new("x".into())) && open.authenticator("token").is_ok());
}

#[test]
fn a_secret_is_in_no_debug_output_and_can_be_taken_out_of_a_text() {
    assert_eq!(format!("{:?}", vault()), r#"{"token"}"#);
    assert_eq!(vault().redact("got s3cret-value!"), "got [redacted]!");
    assert!(vault().is_in("czNjcmV0LXZhbHVl") && !vault().is_in("s3cret"));
}

#[test]
fn a_rotated_secret_is_filled_at_once_and_its_former_values_are_still_cut_out() {
    let (vault, url) = (vault(), CheckedUrl::parse(URL).unwrap());
    let changes = vault.changes();
    let to = Destination { method: Some("GET"), url: &url, json: None };
    assert!(vault.rotate("token", Secret::new("n3w-value".into())));
    assert!(!vault.rotate("token", Secret::new("n3w-value".into())), "the same again is no change");
    assert!(changes.has_changed().unwrap() && *changes.borrow() == 1);
    let filled = vault.fill(&fill(At::Header("authorization".into())), to).unwrap();
    assert_eq!(filled.expose(), "Bearer n3w-value");
    assert_eq!(vault.redact("s3cret-value n3w-value"), "[redacted] [redacted]");
    for bad in [String::new(), "x".repeat(MAX_SECRET_BYTES + 1)] {
        assert!(!vault.rotate("token", Secret::new(bad)));
    }
    assert!(!vault.rotate("other", Secret::new("n3w-value".into())), "only what was granted");
    for nth in 0..100 {
        vault.rotate("token", Secret::new(format!("value {nth:2}")));
    }
    assert_eq!(vault.redact("n3w-value value 90 value 99"), "n3w-value [redacted] [redacted]");
}

#[test]
fn what_arrives_elsewhere_than_granted_is_withheld_and_does_not_become_the_secret() {
    let url: UrlRule = "POST https://api.test/v1/sessions".parse().unwrap();
    let capture = Capture { url, at: At::Json("/token".into()), when: vec![] };
    let vault = vault_of(Entry { captures: vec![capture], ..Entry::default() });
    let arrives = |method: &str, path: &str, value: &str| {
        let url = CheckedUrl::parse(&format!("https://api.test/v1/{path}")).unwrap();
        let mut json = json!({ "token": value });
        let (method, json) = (Some(method), Some(&mut json));
        vault.capture(Arrival { method, url: &url, headers: &mut [], json }).json
    };
    assert_eq!(arrives("POST", "sessions", "the-real-token"), 1);
    for (method, path) in [("GET", "sessions"), ("POST", "Sessions/"), ("PUT", "%73essions")] {
        assert_eq!(arrives(method, path, "a-****-mask"), 1, "withheld all the same");
        assert_eq!(vault.arrived("token").unwrap().expose(), "the-real-token");
    }
    assert_eq!(vault.redact("a-****-mask the-real-token"), "[redacted] [redacted]", "and sought");
    // What lies in another value, or around it, would be found everywhere.
    for nested in ["the-real-token!", "real-token"] {
        assert_eq!(arrives("POST", "sessions", nested), 1);
        assert_eq!(vault.arrived("token").unwrap().expose(), "the-real-token");
    }
    assert!(vault.rotate("token", Secret::new("the operator's".into())) && vault.arrived("token").is_none());
    vault.remember("token", Secret::new("from an earlier process".into()));
    assert_eq!(vault.redact("from an earlier process"), "[redacted]");
    assert_eq!(vault.version("token"), 2);
}

#[test]
fn what_arrives_is_kept_and_the_guest_finds_a_mark_in_its_place() {
    let capture = |at, when| Capture { url: "POST https://api.test/v1/*".parse().unwrap(), at, when };
    let ok = test("/type", "paired");
    let entry = Entry {
        captures: vec![
            capture(At::Json("/auth/token".into()), vec![ok.clone()]),
            capture(At::Header("x-token".into()), vec![]),
        ],
        ..Entry::default()
    };
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeper = kept.clone();
    let vault = vault_of(entry).keeping(move |name| keeper.lock().unwrap().push(name.to_owned()));
    let url = CheckedUrl::parse(URL).unwrap();
    for spelled in ["v1/channels/1/messages", "V1/%63hannels//1/messages/", "x/../v1/channels;a=b/1"] {
        let url = CheckedUrl::parse(&format!("https://api.test/{spelled}?a=b")).unwrap();
        assert!(vault.awaits(Some("GET"), &url) && vault.awaits_json(Some("POST"), &url), "{spelled}");
    }
    for other in ["https://api.test/v2/x", "https://b.test/v1/x", "https://api.test:444/v1/x"] {
        assert!(!vault.awaits(Some("POST"), &CheckedUrl::parse(other).unwrap()), "{other}");
    }
    let arrives = |headers: &mut [(String, Vec<u8>)], mut json: Value| {
        let method = Some("POST");
        let taken = vault.capture(Arrival { method, url: &url, headers, json: Some(&mut json) });
        (taken, json)
    };
    assert!(!vault.exists("token"));
    let other = json!({"type": "other", "auth": {"token": "arrived-1"}});
    assert_eq!(arrives(&mut [], other.clone()), (Taken::default(), other));
    let paired = |token: Value| json!({"type": "paired", "auth": {"token": token}});
    let (taken, json) = arrives(&mut [], paired(json!("arrived-1")));
    assert_eq!((taken, json), (Taken { json: 1, headers: 0 }, paired(json!("[captured]"))));
    assert!(vault.exists("token") && vault.redact("arrived-1") == "[redacted]");
    for strange in [json!(17), json!({"a": 1}), json!(""), json!(true)] {
        assert_eq!(arrives(&mut [], paired(strange)).1, paired(json!("[captured]")));
    }
    assert_eq!(arrives(&mut [], paired(Value::Null)).0, Taken::default(), "nothing has arrived");
    let mut headers = [("x-token".to_owned(), b"arrived-2".to_vec()), ("x".into(), b"y".to_vec())];
    assert_eq!(arrives(&mut headers, json!(1)).0, Taken { headers: 1, json: 0 });
    assert_eq!(headers[0].1, b"[captured]");
    assert_eq!(*kept.lock().unwrap(), ["token", "token"]);
    assert_eq!(vault.arrived("token").unwrap().expose(), "arrived-2");
    arrives(&mut [], paired(json!("x".repeat(MAX_ARRIVED_BYTES + 1))));
    assert_eq!(vault.arrived("token").unwrap().expose(), "arrived-2", "what is too long is withheld only");
    // However many arrive, what was the operator's stays known.
    vault.rotate("token", Secret::new("the operator's".into()));
    assert_eq!(vault.arrived("token"), None);
    for nth in 0..200 {
        arrives(&mut [], paired(json!(format!("arrived again {nth:3}"))));
    }
    let last = vault.arrived("token").unwrap();
    assert_eq!(last.expose(), "arrived again  17", "20 in ten seconds, three of them before");
    assert_eq!(vault.redact("the operator's, arrived again   9"), "[redacted], [redacted]");
    assert_eq!(vault.provided("token").unwrap().expose(), "the operator's");
}
