use crate::setup::*;
use sdk::{Connector, Fill, Form, Place, StartError};

#[test]
fn it_wants_one_socket_that_logs_in_and_stays_alive_by_itself() {
    let host = host();
    Driver::<Occum>::start(&host, json!({ "apiUrl": "http://localhost:9/" })).unwrap();
    let calls = host.calls();
    let Some(Call::Subscribe { name, url, options }) =
        calls.iter().find(|call| matches!(call, Call::Subscribe { .. }))
    else {
        panic!("{:?}", host.story())
    };
    assert_eq!((name.as_str(), url.as_str()), ("events", "ws://localhost:9/v1/ws"));
    let first = options.first_frame.as_ref().unwrap();
    assert_eq!(first.text, r#"{"type":"auth","token":""}"#);
    assert_eq!(first.fills, [Fill::new("agentToken", Place::json("/token"), Form::Raw)]);
    let ping = options.ping.as_ref().unwrap();
    assert_eq!((ping.every, ping.within), (Duration::from_secs(30), Duration::from_secs(10)));
    assert_eq!((ping.text.as_str(), ping.answer.equals.as_str()), (r#"{"type":"ping"}"#, Some("pong")));
    assert_eq!(options.ready.as_ref().unwrap().equals, "auth_ok");
}

#[test]
fn without_a_token_it_says_so_and_stays_idle() {
    let host = FakeHost::new();
    Driver::<Occum>::start(&host, json!({})).unwrap();
    assert_eq!(host.story(), ["status idle: configure the secret agentToken"]);
    assert_eq!(host.logs(), ["warn: no secret agentToken is configured: idle"]);
}

#[test]
fn a_wrong_configuration_names_the_key() {
    for config in [json!({ "apiUrl": "api.occum.net" }), json!({ "apiURL": "https://a" })] {
        let Err(StartError::Configuration(how)) = Driver::<Occum>::start(&host(), config) else { panic!() };
        assert!(how.contains("apiUrl") || how.contains("apiURL"), "{how}");
    }
}

#[test]
fn the_descriptor_names_the_platform() {
    let descriptor = Occum::describe();
    assert_eq!((descriptor.id.as_str(), descriptor.label.as_str()), ("occum", "Occum.net"));
    assert_eq!(descriptor.tools.len(), 3);
}

#[test]
fn the_first_start_notes_where_every_channel_stands_before_it_wants_the_socket() {
    let host = host();
    host.on("GET */channels").answer(200, json!([{ "id": CHANNEL }, { "id": CONTROL }, { "id": "../x" }]));
    host.on(&format!("GET */{CHANNEL}/events*")).answer(200, json!([event("ev_old", "long ago")]));
    Driver::<Occum>::start(&host, json!({})).unwrap();
    assert_eq!(
        story(&host),
        [
            format!("GET {API}/channels"),
            format!("GET {API}/channels/{CONTROL}/events?limit=1"),
            format!("GET {API}/channels/{CHANNEL}/events?limit=1"),
            "subscribe events wss://api.occum.net/v1/ws".to_owned(),
        ]
    );
    assert_eq!(host.kept(CURSOR), Some(b"\"ev_old\"".to_vec()));
    assert_eq!(host.kept(&format!("cursor/{CONTROL}")), Some(b"null".to_vec()));
    assert!(host.kept("begun").is_some());
}

#[test]
fn a_platform_that_does_not_answer_does_not_stop_the_start() {
    let host = host();
    host.on("GET */channels").wait(Duration::from_secs(6)).fail(http::Error::Timeout(Sent::Maybe));
    Driver::<Occum>::start(&host, json!({})).unwrap();
    assert!(host.is_subscribed("events"));
    assert_eq!((host.kept("begun"), host.has_timer("catch-up")), (None, false));
}

#[test]
fn every_later_start_only_reads_its_store() {
    let host = host();
    host.keep("begun", "1").keep(CURSOR, "\"ev_1\"");
    Driver::<Occum>::start(&host, json!({})).unwrap();
    assert_eq!(story(&host), ["subscribe events wss://api.occum.net/v1/ws"]);
    assert!(host.has_timer("catch-up"), "the socket may be open: nobody would log in");
}

#[test]
fn without_its_store_it_does_not_start_as_if_it_were_new() {
    let host = host();
    host.fail_read(store::Error::Unavailable("disk".into()));
    let Err(error) = Driver::<Occum>::start(&host, json!({})) else { panic!() };
    assert_eq!(error, StartError::Unavailable("store: unavailable: disk".into()));
    assert!(!host.is_subscribed("events"));
}

#[test]
fn a_first_look_that_stays_incomplete_does_not_move_the_others() {
    let host = host();
    host.on("GET */channels").answer(200, json!([{ "id": CHANNEL }, { "id": CONTROL }]));
    host.on(&format!("GET */{CONTROL}/events*")).answer(403, json!({}));
    Driver::<Occum>::start(&host, json!({})).unwrap();
    assert_eq!((host.kept(CURSOR), host.kept("begun")), (Some(b"null".to_vec()), None));
    host.on(&format!("GET */{CHANNEL}/events*"))
        .answer(200, json!([event("ev_1", "hi")]))
        .answer(200, json!([]));
    let occum = Driver::<Occum>::start(&host, json!({})).unwrap();
    fire(&host, &occum);
    assert_eq!(dispatched(&host), ["ev_1"]);
}
