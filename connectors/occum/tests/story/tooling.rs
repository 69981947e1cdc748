use crate::setup::*;
use sdk::{StopReason, tools};

#[test]
fn a_message_without_a_channel_goes_to_the_control_channel() {
    let host = host();
    let occum = start(&host);
    let sent = occum.calls("occum_send_message", json!({ "text": "hi" })).answer().unwrap();
    assert_eq!(sent, json!({ "sent": true, "eventId": "ev_posted", "channelId": CONTROL }));
    let sent =
        occum.calls("occum_send_message", json!({ "text": "hi", "channelId": CHANNEL })).answer().unwrap();
    assert_eq!(sent["channelId"], CHANNEL);
    occum.stop(StopReason::Idle).answer();
}

#[test]
fn without_a_control_channel_it_answers_an_error_object() {
    let host = host();
    host.on("GET */agents/me").answer(200, json!({ "id": "a1", "name": "Anna", "controlChannelId": null }));
    let occum = start(&host);
    let answer = occum.calls("occum_send_message", json!({ "text": "hi" })).answer().unwrap();
    assert_eq!(answer, json!({ "error": "No control channel found for this agent" }));
}

#[test]
fn channels_are_listed_with_what_matters() {
    let host = host();
    let channel = json!({ "id": CHANNEL, "name": "c", "type": "group", "description": null, "secret": 1 });
    host.on("GET */channels").answer(200, json!([channel]));
    let occum = start(&host);
    let answer = occum.calls("occum_list_channels", json!({})).answer().unwrap();
    let brief = json!({ "id": CHANNEL, "name": "c", "type": "group", "description": null });
    assert_eq!(answer, json!({ "channels": [brief] }));
}

#[test]
fn events_are_fetched_by_page() {
    let host = host();
    host.on("GET */events*").answer(200, json!([{ "id": "ev_1" }, { "id": "ev_2" }]));
    let occum = start(&host);
    let wanted = json!({ "channelId": CHANNEL, "limit": 2, "after": "ev_0&limit=9" });
    let answer = occum.calls("occum_get_events", wanted).answer().unwrap();
    assert_eq!(answer, json!({ "events": [{ "id": "ev_1" }, { "id": "ev_2" }], "count": 2 }));
    occum.calls("occum_get_events", json!({ "channelId": CHANNEL })).answer().unwrap();
    assert_eq!(
        story(&host),
        [
            format!("GET {API}/channels/{CHANNEL}/events?limit=2&after=ev_0%26limit%3D9"),
            format!("GET {API}/channels/{CHANNEL}/events"),
        ]
    );
}

#[test]
fn bad_arguments_are_named_and_nothing_is_sent() {
    let host = host();
    let occum = start(&host);
    let invalid = |name: &str, arguments: Value| {
        let answer = occum.calls(name, arguments).answer();
        assert!(matches!(answer, Err(tools::Error::Invalid(_))), "{answer:?}");
    };
    invalid("occum_send_message", json!({ "text": "" }));
    invalid("occum_send_message", json!({ "text": "hi", "channelId": "../agents/me" }));
    invalid("occum_send_message", json!({ "text": "hi", "to": "x" }));
    invalid("occum_get_events", json!({ "channelId": CHANNEL, "limit": 101 }));
    invalid("occum_list_channels", json!({ "x": 1 }));
    assert!(matches!(occum.calls("other", json!({})).answer(), Err(tools::Error::Failed(_))));
    assert_eq!(story(&host), [""; 0]);
}

#[test]
fn the_model_reads_why_the_platform_refused() {
    let host = host();
    host.on("POST */messages").answer(403, json!({ "error": "not a member" }));
    let occum = start(&host);
    let answer = occum.calls("occum_send_message", json!({ "text": "hi", "channelId": CHANNEL })).answer();
    assert_eq!(answer, Err(tools::Error::Failed(r#"API 403: {"error":"not a member"}"#.into())));
}
