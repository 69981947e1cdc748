//! The device that we are: approved, given a token, removed, refused.
use super::raw::Raw;
use super::support::{House, ask, backend, message, options, stands, unavailable};
use backend_openclaw::{Options, Timeouts};
use platforms::openclaw::scripted::{Gateway, Settings};
use ports::secret::Secret;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// What each connect logged in with.
fn logins(gateway: &Gateway) -> Vec<Value> {
    let asked = gateway.record(|record| record.asked("connect"));
    asked.iter().map(|request| request.params["auth"].clone()).collect()
}

fn impatient(options: Options) -> Options {
    let timeouts = Timeouts { patience: Duration::from_millis(200), ..options.timeouts };
    Options { timeouts, ..options }
}

#[tokio::test]
async fn a_device_that_waits_for_its_approval_says_how_and_goes_on_after_it() {
    let gateway = Gateway::start().await.unwrap();
    gateway.require_pairing();
    let folder = TempDir::new().unwrap();
    let backend = backend(impatient(options(&gateway.url(), gateway.token())), folder.path());
    let state = stands(&backend, "awaits-approval").await;
    let pairing = gateway.pairings().remove(0);
    assert_eq!(
        (&state["request"], &state["device"]),
        (&json!(pairing.request_id), &json!(pairing.device_id))
    );
    let (why, _) = unavailable(ask(&backend, &message("hello")).await.1);
    assert!(why.contains(&format!("openclaw devices approve {}", pairing.request_id)), "{why}");
    assert!(gateway.approve(&pairing.request_id));
    stands(&backend, "connected").await;
    let (heard, outcome) = ask(&backend, &message("hello")).await;
    assert_eq!((heard.text(), outcome), ("echo: From Ada: hello", Ok(())));
}

#[tokio::test]
async fn the_device_s_own_token_is_kept_and_used_from_then_on() {
    let house = House::new().await;
    stands(&house.backend, "connected").await;
    let House { gateway, backend: first, folder } = house;
    drop(first);
    gateway.alone().await;
    // The operator may take the shared one away.
    let second = backend(Options { token: None, ..options(&gateway.url(), "") }, folder.path());
    stands(&second, "connected").await;
    let logins = logins(&gateway);
    assert_eq!(logins[0], json!({ "token": gateway.token() }));
    assert!(
        logins[1]["deviceToken"].as_str().is_some_and(|token| token.starts_with("device-")),
        "{logins:?}"
    );
    assert_eq!(logins[1].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn another_gateway_never_gets_it() {
    let House { gateway, backend: first, folder } = House::new().await;
    stands(&first, "connected").await;
    drop(first);
    let other =
        Gateway::start_with(Settings { token: "another".into(), ..Settings::default() }).await.unwrap();
    let second = backend(options(&other.url(), "another"), folder.path());
    stands(&second, "connected").await;
    assert_eq!(logins(&other), [json!({ "token": "another" })]);
    drop(second);
    let third = backend(options(&gateway.url(), gateway.token()), folder.path());
    stands(&third, "connected").await;
    assert!(logins(&gateway)[1]["deviceToken"].is_string(), "the first one's is still there");
}

#[tokio::test]
async fn a_device_that_was_removed_logs_in_with_the_shared_token_again() {
    let house = House::new().await;
    stands(&house.backend, "connected").await;
    let connect = house.gateway.asked("connect", 1).await;
    let device = connect[0].params["device"]["id"].as_str().unwrap();
    assert!(house.gateway.remove_device(device));
    house.gateway.connected(2).await;
    let logins = logins(&house.gateway);
    let shared = json!({ "token": house.gateway.token() });
    assert_eq!((&logins[0], &logins[2], logins.len()), (&shared, &shared, 3));
    assert!(logins[1]["deviceToken"].is_string(), "{logins:?}");
    assert_eq!(ask(&house.backend, &message("hello")).await.1, Ok(()));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_messages_wait() {
    let wrong = |options| impatient(Options { token: Some(Secret::new("wr0ng-t0ken".into())), ..options });
    let house = House::with(Settings::default(), wrong).await;
    let state = stands(&house.backend, "refused").await;
    assert!(state["detail"].as_str().unwrap().contains("token mismatch"), "{state}");
    let (why, _) = unavailable(ask(&house.backend, &message("hello")).await.1);
    assert!(why.contains("refuses us") && !why.contains("wr0ng"), "{why}");
    assert_eq!(logins(&house.gateway).len(), 1, "nobody is locked out by trying on");
}

#[tokio::test]
async fn a_wrong_token_is_refused_whatever_the_gateway_takes_it_for() {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend = backend(options(&gateway.url(), "t"), folder.path());
    let error = json!({
        "code": "INVALID_REQUEST", "message": "mismatch", "details": { "code": "AUTH_DEVICE_TOKEN_MISMATCH" },
    });
    gateway.peer().await.turn_away(error, 1008, "mismatch").await;
    stands(&backend, "refused").await;
}

#[tokio::test]
async fn a_gateway_that_still_starts_is_asked_again() {
    let gateway = Gateway::start().await.unwrap();
    gateway.still_starting(1);
    let folder = TempDir::new().unwrap();
    let backend = backend(options(&gateway.url(), gateway.token()), folder.path());
    assert_eq!(ask(&backend, &message("hello")).await.1, Ok(()));
    assert_eq!(logins(&gateway).len(), 2);
}

#[tokio::test]
async fn without_the_scopes_that_it_needs_it_is_refused() {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend = backend(impatient(options(&gateway.url(), "t")), folder.path());
    let mut peer = gateway.peer().await;
    peer.welcome(json!({ "scopes": ["operator.read"] })).await;
    let state = stands(&backend, "refused").await;
    assert!(state["detail"].as_str().unwrap().contains("operator.write"), "{state}");
    unavailable(ask(&backend, &message("hello")).await.1);
}

#[tokio::test]
async fn a_gateway_that_does_not_tell_its_scopes_is_believed() {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend = backend(options(&gateway.url(), "t"), folder.path());
    let mut peer = gateway.peer().await;
    peer.welcome(json!({})).await;
    stands(&backend, "connected").await;
}

#[tokio::test]
async fn it_asks_for_no_more_than_it_needs() {
    let house = House::new().await;
    let connect = &house.gateway.asked("connect", 1).await[0].params;
    assert_eq!(connect["scopes"], json!(["operator.read", "operator.write"]));
    assert_eq!((&connect["role"], &connect["caps"]), (&json!("operator"), &json!(["session-scoped-events"])));
}

#[tokio::test]
async fn when_it_is_dropped_it_says_goodbye() {
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let backend = backend(options(&gateway.url(), "t"), folder.path());
    let peer = gateway.guest().await;
    stands(&backend, "connected").await;
    drop(backend);
    assert_eq!(peer.farewell().await, Some(1000));
    let House { gateway, backend, folder: _folder } = House::new().await;
    gateway.connected(1).await;
    drop(backend);
    gateway.alone().await;
}
