//! The connector on a fake host: what it does, told as a story.

use occum::Occum;
use sdk::agent::{self, Failure, FailureClass, Inbound, Outbound, OutboundError, Receipt, Reply};
use sdk::http::{self, Sent};
use sdk::testing::{Call, Driver, FakeHost};
use sdk::websocket::CloseReason;
use sdk::{Connector, Disposition, Fill, Form, Place, StartError, StopReason, tools};
use serde_json::{Value, json};
use std::time::Duration;

const API: &str = "https://api.occum.net/v1";
const CHANNEL: &str = "01989c2e-7b1a-7cc3-9f54-0d2b6a3e9c11";
const CONTROL: &str = "01989c2e-7b1a-7cc3-9f54-00000000c0de";

/// A platform that agrees to everything.
fn host() -> FakeHost {
    let host = FakeHost::new();
    host.secret("agentToken");
    host.on("GET */agents/me")
        .answer(200, json!({ "id": "a1", "name": "Anna", "controlChannelId": CONTROL }));
    host.on("POST */messages").answer(201, json!({ "id": "ev_posted" }));
    host.on("POST */work").answer(201, json!({}));
    host.on("POST */complete").answer(200, json!({}));
    host
}

fn start(host: &FakeHost) -> Driver<Occum> {
    let occum = Driver::start(host, json!({})).unwrap();
    host.forget();
    occum
}

fn logged_in(host: &FakeHost) -> Driver<Occum> {
    let occum = start(host);
    occum.opens("events").answer();
    occum.receives("events", auth_ok(Some("a1"))).answer();
    host.forget();
    occum
}

fn auth_ok(agent: Option<&str>) -> String {
    json!({ "type": "auth_ok", "userId": "u1", "agentId": agent, "channels": [CHANNEL] }).to_string()
}

fn said_in(channel: &str, id: &str, sender: Value, text: &str) -> String {
    let (user, agent) = (sender["user"].clone(), sender["agent"].clone());
    let kind = if user.is_null() { "agent" } else { "user" };
    json!({
        "type": "event", "id": id, "channelId": channel, "eventType": "message", "senderType": kind,
        "senderUserId": user, "senderAgentId": agent, "body": { "text": text }, "createdAt": "2026-01-01T00:00:00.000Z",
    })
    .to_string()
}

fn said(id: &str, text: &str) -> String {
    said_in(CHANNEL, id, json!({ "user": "42" }), text)
}

fn agent_said(id: &str, agent: &str) -> String {
    said_in(CHANNEL, id, json!({ "agent": agent }), "and you?")
}

/// A message that the agent has been given.
fn given(host: &FakeHost, occum: &Driver<Occum>) -> Inbound {
    occum.receives("events", said("ev_1", "hello")).answer();
    let inbound = host.dispatched().remove(0);
    host.forget();
    inbound
}

fn session(host: &FakeHost) -> String {
    let body = host.requests().remove(0).body.unwrap();
    serde_json::from_slice::<Value>(&body).unwrap()["sessionId"].as_str().unwrap().to_owned()
}

mod starting {
    use super::*;

    #[test]
    fn it_wants_one_socket_that_logs_in_and_stays_alive_by_itself() {
        let host = host();
        Driver::<Occum>::start(&host, json!({ "apiUrl": "http://localhost:9/" })).unwrap();
        let [Call::Subscribe { name, url, options }] = &host.calls()[..] else {
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
            let Err(StartError::Configuration(how)) = Driver::<Occum>::start(&host(), config) else {
                panic!()
            };
            assert!(how.contains("apiUrl") || how.contains("apiURL"), "{how}");
        }
    }

    #[test]
    fn the_descriptor_names_the_platform() {
        let descriptor = Occum::describe();
        assert_eq!((descriptor.id.as_str(), descriptor.label.as_str()), ("occum", "Occum.net"));
        assert_eq!(descriptor.tools.len(), 3);
    }
}

mod connecting {
    use super::*;

    #[test]
    fn it_authenticates_then_is_connected() {
        let host = host();
        let occum = start(&host);
        occum.opens("events").answer();
        occum.receives("events", auth_ok(Some("a1"))).answer();
        let me = format!("GET {API}/agents/me");
        assert_eq!(host.story(), ["status connecting: authenticating", &me, "status connected"]);
    }

    #[test]
    fn not_finding_out_who_we_are_is_a_warning() {
        let host = host();
        host.on("GET */agents/me").answer(500, json!({}));
        let occum = start(&host);
        assert_eq!(occum.opens("events").answer(), Disposition::Done);
        assert_eq!(host.logs()[1], "warn: could not find out who we are: the platform answered 500");
    }

    #[test]
    fn a_login_without_an_agent_id_does_not_forget_the_known_one() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", auth_ok(None)).answer();
        occum.receives("events", agent_said("ev_1", "a1")).answer();
        assert_eq!(host.story(), ["status connected"]);
    }

    #[test]
    fn a_refused_token_ends_it() {
        let host = host();
        let occum = start(&host);
        occum
            .receives("events", json!({ "type": "auth_error", "message": "bad token" }).to_string())
            .answer();
        assert!(host.story()[0].starts_with("status failed: the platform refused the token"));
        assert_eq!(host.story()[1], "close events");
        assert!(!host.is_subscribed("events"));
    }

    #[test]
    fn a_lost_connection_is_reported() {
        let host = host();
        let occum = start(&host);
        occum.closes("events", CloseReason::Silent, Some(Duration::from_secs(2))).answer();
        occum.closes("events", CloseReason::Refused(403), None).answer();
        assert_eq!(
            host.story(),
            ["status connecting: no pong in time", "status failed: the platform refused the socket with 403"]
        );
    }
}

mod hearing {
    use super::*;

    #[test]
    fn a_message_is_dispatched_before_the_work_session_begins() {
        let host = host();
        let occum = logged_in(&host);
        assert_eq!(occum.receives("events", said("ev_1", "hello")).answer(), Disposition::Done);
        let conversation = format!("occum-default-{CHANNEL}");
        let session = session(&host);
        assert_eq!(
            host.story(),
            [
                format!("dispatch ev_1 of {conversation}"),
                format!(r#"POST {API}/channels/{CHANNEL}/work {{"sessionId":"{session}"}}"#),
            ]
        );
        let inbound = host.dispatched().remove(0);
        assert_eq!(inbound.sender.id, "user:42");
        assert_eq!(inbound.sender.label, "User #42");
        assert_eq!(inbound.sender.trust, agent::Trust::User);
        assert_eq!((inbound.to.as_str(), inbound.text.as_str()), (CHANNEL, "hello"));
        assert_eq!(inbound.sent_at_ms, 1_767_225_600_000);
        let context: Value = serde_json::from_slice(&inbound.context).unwrap();
        assert_eq!(context, json!({ "channel": CHANNEL, "event": "ev_1", "session": session }));
    }

    #[test]
    fn every_request_carries_the_token_by_name_only() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", said("ev_1", "hello")).answer();
        let request = host.requests().remove(0);
        assert_eq!(request.fills, [Fill::bearer("agentToken")]);
        assert_eq!(request.headers, [("content-type".into(), "application/json".into())]);
    }

    #[test]
    fn messages_go_side_by_side_and_are_dispatched_in_order() {
        let host = host();
        host.on("POST */work").wait(Duration::from_secs(5)).answer(201, json!({}));
        let occum = logged_in(&host);
        let first = occum.receives("events", said("ev_1", "one"));
        let second = occum.receives("events", said("ev_2", "two"));
        assert_eq!((first.poll(), second.poll()), (None, None));
        let keys: Vec<_> = host.dispatched().into_iter().map(|inbound| inbound.key).collect();
        assert_eq!(keys, ["ev_1", "ev_2"]);
        occum.pass(Duration::from_secs(5));
        assert_eq!((first.answer(), second.answer()), (Disposition::Done, Disposition::Done));
    }

    #[test]
    fn a_work_session_that_does_not_begin_is_only_a_warning() {
        let host = host();
        host.on("POST */work").fail(http::Error::Unreachable("dns".into()));
        let occum = logged_in(&host);
        assert_eq!(occum.receives("events", said("ev_1", "hello")).answer(), Disposition::Done);
        assert!(host.logs().iter().any(|line| line.starts_with("warn: could not begin the work session")));
    }

    #[test]
    fn what_is_not_for_the_agent_is_left_alone() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", agent_said("ev_1", "a1")).answer();
        occum.receives("events", said("ev_2", "")).answer();
        occum.receives("events", "rubbish").answer();
        occum.receives("events", vec![1, 2, 3]).answer();
        occum.receives("events", said_in("../../agents", "ev_3", json!({ "user": "1" }), "hi")).answer();
        assert_eq!(host.story(), [""; 0]);
    }

    #[test]
    fn the_same_event_twice_is_handled_once() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", said("ev_1", "hello")).answer();
        occum.receives("events", said("ev_1", "hello")).answer();
        assert_eq!(host.story().len(), 2);
    }

    #[test]
    fn a_repeat_after_a_death_begins_the_same_session_again() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", said("ev_1", "hello")).answer();
        let session_before = session(&host);
        occum.kill();
        let occum = start(&host);
        occum.attempt(2).receives("events", said("ev_1", "hello")).answer();
        assert_eq!(session(&host), session_before);
        assert_eq!(host.story().len(), 2);
    }

    #[test]
    fn a_busy_agent_gets_it_again() {
        let host = host();
        host.fail_dispatch(agent::Error::Quota);
        let occum = logged_in(&host);
        let answer = occum.receives("events", said("ev_1", "hello")).answer();
        assert_eq!(answer, Disposition::Retry(Duration::from_secs(1)));
        assert_eq!(occum.attempt(2).receives("events", said("ev_1", "hello")).answer(), Disposition::Done);
        assert_eq!(host.requests().len(), 1);
    }

    #[test]
    fn an_agent_that_is_not_granted_is_final() {
        let host = host();
        host.fail_dispatch(agent::Error::Denied("agent".into()));
        let occum = logged_in(&host);
        let answer = occum.receives("events", said("ev_1", "hello")).answer();
        assert_eq!(answer, Disposition::Reject("dispatch: not granted: agent".into()));
    }

    #[test]
    fn woken_by_an_agents_message_it_asks_who_it_is_first() {
        let host = host();
        let occum = start(&host);
        occum.receives("events", agent_said("ev_1", "a1")).answer();
        occum.receives("events", agent_said("ev_2", "a2")).answer();
        assert_eq!(host.story()[0], format!("GET {API}/agents/me"));
        assert_eq!(host.dispatched().len(), 1);
        assert_eq!(host.dispatched()[0].sender.id, "agent:a2");
    }

    #[test]
    fn not_knowing_who_it_is_it_does_not_answer_agents() {
        let host = host();
        host.on("GET */agents/me").answer(500, json!({}));
        let occum = start(&host);
        let first = occum.receives("events", agent_said("ev_1", "a1")).answer();
        assert_eq!(first, Disposition::Retry(Duration::from_secs(1)));
        let last = occum.attempt(10).receives("events", agent_said("ev_1", "a1")).answer();
        assert!(matches!(last, Disposition::Reject(_)));
    }

    #[test]
    fn two_agents_do_not_answer_each_other_for_ever() {
        let host = host();
        let occum = logged_in(&host);
        for n in 0..20 {
            occum.receives("events", agent_said(&format!("ev_{n}"), "a2")).answer();
        }
        assert_eq!(host.dispatched().len(), 8);
        let warnings = host.logs().iter().filter(|line| line.contains("among themselves")).count();
        assert_eq!(warnings, 1);
        occum.receives("events", said("ev_u", "go on")).answer();
        occum.receives("events", agent_said("ev_v", "a2")).answer();
        assert_eq!(host.dispatched().len(), 10);
    }

    #[test]
    fn nobodys_words_are_logged() {
        let host = host();
        host.on("POST */messages").answer(400, json!({ "error": "xyzzy" }));
        let occum = logged_in(&host);
        occum.receives("events", said("ev_1", "xyzzy")).answer();
        let inbound = host.dispatched().remove(0);
        occum.replies(&inbound, Reply::Block("xyzzy".into())).answer();
        occum.replies(&inbound, Reply::Final("xyzzy".into())).answer();
        assert!(!host.logs().concat().contains("xyzzy"));
    }
}

mod replying {
    use super::*;

    #[test]
    fn blocks_are_posted_and_the_end_completes_the_session() {
        let host = host();
        let occum = logged_in(&host);
        occum.receives("events", said("ev_1", "hello")).answer();
        let (inbound, session) = (host.dispatched().remove(0), session(&host));
        host.forget();
        let all = [
            Reply::Started,
            Reply::Delta(agent::Delta::Append("o".into())),
            Reply::Block("one".into()),
            Reply::Block(String::new()),
            Reply::Block("two".into()),
            Reply::Final("onetwo".into()),
        ];
        for reply in all {
            assert_eq!(occum.replies(&inbound, reply).answer(), Disposition::Done);
        }
        assert_eq!(
            host.story(),
            [
                format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"one"}}"#),
                format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"two"}}"#),
                format!(r#"POST {API}/channels/{CHANNEL}/work/{session}/complete {{"summary":"onetwo"}}"#),
            ]
        );
    }

    #[test]
    fn a_new_instance_can_post_what_an_old_one_dispatched() {
        let host = host();
        let occum = logged_in(&host);
        let inbound = given(&host, &occum);
        occum.kill();
        let occum = start(&host);
        assert_eq!(occum.replies(&inbound, Reply::Block("late".into())).answer(), Disposition::Done);
        assert_eq!(host.story(), [format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"late"}}"#)]);
    }

    /// The summary under which a session ends.
    fn summary_of(reply: Reply) -> String {
        let host = host();
        let occum = logged_in(&host);
        let inbound = given(&host, &occum);
        assert_eq!(occum.replies(&inbound, reply).answer(), Disposition::Done);
        let body = host.requests().remove(0).body.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["summary"].as_str().unwrap().to_owned()
    }

    #[test]
    fn every_end_completes_the_session_with_its_own_summary() {
        let failed =
            |message: &str| Reply::Failed(Failure { class: FailureClass::Agent, message: message.into() });
        assert_eq!(summary_of(Reply::Final(String::new())), "Completed");
        assert_eq!(summary_of(Reply::Final("ü".repeat(130))), format!("{}…", "ü".repeat(120)));
        assert_eq!(summary_of(failed(&"x".repeat(130))), format!("Error: {}", "x".repeat(100)));
        assert_eq!(summary_of(Reply::Aborted), "Aborted");
    }

    /// What a block is answered when the post goes so.
    fn answer_when(attempt: u32, error: http::Error) -> Disposition {
        let host = host();
        host.on("POST */messages").fail(error);
        let occum = logged_in(&host);
        let inbound = given(&host, &occum);
        occum.attempt(attempt).replies(&inbound, Reply::Block("hi".into())).answer()
    }

    #[test]
    fn a_post_that_certainly_failed_is_tried_again_and_no_other() {
        assert_eq!(
            answer_when(1, http::Error::Timeout(Sent::No)),
            Disposition::Retry(Duration::from_secs(1))
        );
        assert_eq!(
            answer_when(3, http::Error::Unreachable("x".into())),
            Disposition::Retry(Duration::from_secs(4))
        );
        assert!(matches!(answer_when(10, http::Error::Unreachable("x".into())), Disposition::Reject(_)));
        assert_eq!(answer_when(1, http::Error::Broken("x".into(), Sent::Maybe)), Disposition::Done);
        assert!(matches!(answer_when(1, http::Error::Denied("x".into())), Disposition::Reject(_)));
    }

    #[test]
    fn a_busy_platform_is_waited_for_as_it_wishes() {
        let host = host();
        host.on("POST */messages").respond(http::Response {
            status: 429,
            headers: vec![("Retry-After".into(), b"17".to_vec())],
            body: vec![],
            url: String::new(),
        });
        let occum = logged_in(&host);
        let inbound = given(&host, &occum);
        let answer = occum.replies(&inbound, Reply::Block("hi".into())).answer();
        assert_eq!(answer, Disposition::Retry(Duration::from_secs(17)));
    }

    #[test]
    fn completing_is_tried_again_even_if_it_may_have_been_done() {
        let host = host();
        host.on("POST */complete").fail(http::Error::Timeout(Sent::Maybe)).answer(200, json!({}));
        let occum = logged_in(&host);
        let inbound = given(&host, &occum);
        let answer = occum.replies(&inbound, Reply::Final("hi".into())).answer();
        assert_eq!(answer, Disposition::Retry(Duration::from_secs(1)));
        assert_eq!(occum.attempt(2).replies(&inbound, Reply::Final("hi".into())).answer(), Disposition::Done);
    }

    #[test]
    fn a_strange_context_is_rejected() {
        let host = host();
        let occum = logged_in(&host);
        let mut inbound = given(&host, &occum);
        inbound.context = br#"{"channel":"../x","event":"e","session":"s"}"#.to_vec();
        assert!(matches!(occum.replies(&inbound, Reply::Started).answer(), Disposition::Reject(_)));
    }
}

mod sending {
    use super::*;

    fn outbound(to: &str) -> Outbound {
        Outbound { id: "o1".into(), to: to.into(), text: "by myself".into() }
    }

    #[test]
    fn what_the_agent_sends_by_itself_is_posted() {
        let host = host();
        let occum = logged_in(&host);
        let receipt = occum.says(outbound(CHANNEL)).answer().unwrap();
        assert_eq!(receipt, Receipt { message_id: Some("ev_posted".into()) });
        assert_eq!(
            host.story(),
            [format!(r#"POST {API}/channels/{CHANNEL}/messages {{"text":"by myself"}}"#)]
        );
    }

    #[test]
    fn a_place_that_is_no_channel_is_rejected_unsent() {
        let host = host();
        let occum = logged_in(&host);
        let answer = occum.says(outbound("../agents/me")).answer();
        assert_eq!(answer, Err(OutboundError::Reject("to: not a channel id".into())));
        assert_eq!(host.story(), [""; 0]);
    }

    #[test]
    fn a_failure_says_whether_to_try_again() {
        let host = host();
        host.on("POST */messages").answer(503, json!({})).fail(http::Error::Timeout(Sent::Maybe));
        let occum = logged_in(&host);
        let answer = occum.says(outbound(CHANNEL)).answer();
        assert_eq!(answer, Err(OutboundError::Retry(Duration::from_secs(1))));
        let answer = occum.says(outbound(CHANNEL)).answer();
        assert_eq!(answer, Err(OutboundError::Reject("perhaps sent: out of time".into())));
    }
}

mod tooling {
    use super::*;

    #[test]
    fn a_message_without_a_channel_goes_to_the_control_channel() {
        let host = host();
        let occum = start(&host);
        let sent = occum.calls("occum_send_message", json!({ "text": "hi" })).answer().unwrap();
        assert_eq!(sent, json!({ "sent": true, "eventId": "ev_posted", "channelId": CONTROL }));
        let sent = occum
            .calls("occum_send_message", json!({ "text": "hi", "channelId": CHANNEL }))
            .answer()
            .unwrap();
        assert_eq!(sent["channelId"], CHANNEL);
        occum.stop(StopReason::Idle).answer();
    }

    #[test]
    fn without_a_control_channel_it_answers_an_error_object() {
        let host = host();
        host.on("GET */agents/me")
            .answer(200, json!({ "id": "a1", "name": "Anna", "controlChannelId": null }));
        let occum = start(&host);
        let answer = occum.calls("occum_send_message", json!({ "text": "hi" })).answer().unwrap();
        assert_eq!(answer, json!({ "error": "No control channel found for this agent" }));
    }

    #[test]
    fn channels_are_listed_with_what_matters() {
        let host = host();
        let channel =
            json!({ "id": CHANNEL, "name": "c", "type": "group", "description": null, "secret": 1 });
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
            host.story(),
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
        assert_eq!(host.story(), [""; 0]);
    }

    #[test]
    fn the_model_reads_why_the_platform_refused() {
        let host = host();
        host.on("POST */messages").answer(403, json!({ "error": "not a member" }));
        let occum = start(&host);
        let answer =
            occum.calls("occum_send_message", json!({ "text": "hi", "channelId": CHANNEL })).answer();
        assert_eq!(answer, Err(tools::Error::Failed(r#"API 403: {"error":"not a member"}"#.into())));
    }
}
