//! Every recorded connection through the link, the chat events and the runs.

use crate::recorded::{self, Line};
use openclaw::agent::{AgentAccepted, AgentEnded, AgentStatus};
use openclaw::chat::{Chat, ChatEvent, Outcome, Run, Step};
use openclaw::connect::{Auth, Client, Hello, Wish};
use openclaw::frame::Problem;
use openclaw::link::{Gap, Incoming, Link, RequestId};
use serde_json::Value;
use std::collections::BTreeMap;

/// The answer to a request of some method.
#[derive(Debug)]
struct Answer {
    method: String,
    result: Result<Value, Problem>,
    payload_of_refusal: Option<Value>,
    is_last: bool,
}

/// What came out of one recording.
#[derive(Default)]
struct Replay {
    hellos: Vec<Hello>,
    refused: Vec<Problem>,
    gaps: Vec<Gap>,
    unexpected: Vec<String>,
    answers: Vec<Answer>,
    chats: Vec<ChatEvent>,
}

/// Sends what was sent under our own ids, and receives what was received under them.
fn replay(name: &str) -> Replay {
    let mut out = Replay::default();
    let mut link = Link::new(1);
    let mut ours: BTreeMap<String, String> = BTreeMap::new();
    let mut methods: BTreeMap<String, String> = BTreeMap::new();
    for (now, Line { direction, mut frame }) in (0..).zip(recorded::lines(name)) {
        match direction.as_str() {
            "close" => link = Link::new(link.next_request_number()),
            "send" => {
                let method = frame["method"].as_str().unwrap_or("none").to_owned();
                let text = match method.as_str() {
                    "connect" => link.connect(
                        &wish(),
                        None,
                        &openclaw::connect::Challenge { nonce: "n".into(), ts: 1 },
                    ),
                    _ => link.request(&method, frame["params"].take(), u64::MAX).1,
                };
                let sent: Value = serde_json::from_str(&text).unwrap();
                let id = sent["id"].as_str().unwrap().to_owned();
                ours.insert(frame["id"].as_str().unwrap_or_default().to_owned(), id.clone());
                methods.insert(id, method);
            }
            "recv" => {
                if let Some(id) = frame["id"].as_str().and_then(|id| ours.get(id)) {
                    frame["id"] = id.as_str().into();
                }
                let incoming = link.receive(&frame.to_string(), now);
                note(incoming.unwrap_or_else(|error| panic!("{name}: {error}")), &methods, &mut out);
            }
            _ => {}
        }
    }
    out
}

fn note(incoming: Incoming, methods: &BTreeMap<String, String>, out: &mut Replay) {
    match incoming {
        Incoming::Challenge(challenge) => assert_eq!(challenge.nonce.len(), 36),
        Incoming::Hello(hello) => out.hellos.push(*hello),
        Incoming::Refused(problem) => out.refused.push(problem),
        Incoming::Response { id, result, payload_of_refusal, is_last } => {
            let method = method(methods, id);
            out.answers.push(Answer { method, result, payload_of_refusal, is_last });
        }
        Incoming::Event { event, gap } => {
            out.gaps.extend(gap);
            out.chats.extend(ChatEvent::read(&event).map(|read| read.expect("a chat event")));
        }
        Incoming::Unexpected(what) => out.unexpected.push(what),
    }
}

fn method(methods: &BTreeMap<String, String>, id: RequestId) -> String {
    methods[&id.to_string()].clone()
}

fn wish() -> Wish {
    Wish::operator(Client::backend("0.1.0"), &["operator.read"], Auth::Token)
}

/// These hold two connections at once, so their numbers interleave.
const INTERLEAVED: [&str; 2] = ["node.jsonl", "pairing.jsonl"];

#[test]
fn every_recorded_frame_is_understood_and_in_order() {
    for name in recorded::names() {
        let replay = replay(&name);
        for hello in &replay.hellos {
            assert_eq!((hello.protocol, hello.server_version.as_str()), (4, "2026.9.6"), "{name}");
            assert_eq!((hello.connection_id.len(), hello.scopes.is_some()), (36, true), "{name}");
        }
        assert!(replay.unexpected.is_empty(), "{name}: {:?}", replay.unexpected);
        let is_trimmed = name == "errors.jsonl"; // kept without events other than chat
        if !is_trimmed && !INTERLEAVED.contains(&name.as_str()) {
            let cut = usize::from(name == "shutdown.jsonl");
            assert_eq!(replay.gaps.len(), cut, "{name}: {:?}", replay.gaps);
        }
    }
}

#[test]
fn every_recorded_run_folds_to_its_recorded_end() {
    let (mut finals, mut silent, mut aborted, mut failed) = (0, 0, 0, 0);
    for name in recorded::names() {
        let mut runs: BTreeMap<String, (Run, String)> = BTreeMap::new();
        for ChatEvent { run, chat, .. } in replay(&name).chats {
            let (fold, screen) = runs.entry(run).or_default();
            for step in fold.take(&chat) {
                match step {
                    Step::Append(text) => screen.push_str(&text),
                    Step::Replace(text) => *screen = text,
                    Step::Done(outcome) => match (&chat, outcome) {
                        (Chat::Final { text: Some(text), .. }, Outcome::Answered(whole)) => {
                            assert_eq!((text, &whole), (&*screen, &*screen), "{name}");
                            finals += 1;
                        }
                        (Chat::Final { text: None, .. }, Outcome::Silent) => silent += 1,
                        (Chat::Aborted { .. }, Outcome::Aborted { text, .. }) => {
                            assert_eq!(text, *screen);
                            aborted += 1;
                        }
                        (Chat::Error { .. }, Outcome::Failed { message, .. }) => {
                            assert!(
                                !message.starts_with("⚠️ Agent failed before reply"),
                                "the second error counted"
                            );
                            failed += 1;
                        }
                        (chat, outcome) => panic!("{name}: {chat:?} became {outcome:?}"),
                    },
                }
                assert_eq!(screen, fold.said(), "{name}");
            }
        }
    }
    assert_eq!((finals, silent, aborted, failed), ENDS);
}

/// The recorded runs by their first terminal event: a final with text, one without, an abort, an error.
const ENDS: (usize, usize, usize, usize) = (26, 3, 3, 5);

#[test]
fn a_steered_run_says_both_answers_and_the_other_is_silent() {
    let chats = replay("queue.jsonl").chats;
    let first = &chats[0].run;
    let mut run = Run::new();
    let steps: Vec<_> =
        chats.iter().filter(|chat| chat.run == *first).flat_map(|chat| run.take(&chat.chat)).collect();
    let Some(Step::Done(Outcome::Answered(text))) = steps.last() else { panic!("{steps:?}") };
    assert!(text.starts_with("echo: first w0") && text.ends_with("w19\n\necho: second"), "{text}");
}

#[test]
fn a_lost_delta_is_made_good() {
    let chats = replay("chat.jsonl").chats;
    let first = &chats.iter().find(|chat| chat.chat.is_terminal()).unwrap().run;
    let deltas: Vec<_> = chats.iter().filter(|chat| chat.run == *first).collect();
    for lost in 0..deltas.len() - 1 {
        let mut run = Run::new();
        let kept = deltas.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, chat)| &chat.chat);
        let steps: Vec<_> = kept.flat_map(|chat| run.take(chat)).collect();
        assert!(steps.iter().all(|step| !matches!(step, Step::Replace(_))), "{steps:?}");
        assert_eq!(steps.last(), Some(&Step::Done(Outcome::Answered("echo: hi".into()))));
    }
}

#[test]
fn a_broken_stream_takes_back_what_was_said() {
    let chats = replay("errors.jsonl").chats;
    let broken =
        &chats.iter().find(|chat| matches!(chat.chat, Chat::Delta { replace: true, .. })).unwrap().run;
    let mut run = Run::new();
    let steps: Vec<_> =
        chats.iter().filter(|chat| chat.run == *broken).flat_map(|chat| run.take(&chat.chat)).collect();
    assert_eq!(
        steps[..3],
        [Step::Append("echo:".into()), Step::Append(" boom".into()), Step::Replace(String::new())]
    );
    let Some(Step::Done(Outcome::Failed { kind, .. })) = steps.last() else { panic!("{steps:?}") };
    assert_eq!(kind.as_deref(), Some("timeout"));
}

#[test]
fn agent_is_answered_twice() {
    let answers = replay("agentRpc.jsonl").answers;
    let agents: Vec<_> = answers.into_iter().filter(|answer| answer.method == "agent").collect();
    let [first, last, third, refused] = agents.as_slice() else { panic!("{agents:?}") };
    let accepted = AgentAccepted::read(first.result.as_ref().unwrap()).unwrap();
    let ended = AgentEnded::read(last.result.as_ref().unwrap()).unwrap();
    assert!(!first.is_last && last.is_last && !third.is_last && refused.is_last);
    assert!(accepted.session_key.unwrap().starts_with("agent:main:study-agent"));
    assert_eq!((&ended.run_id, ended.status), (&accepted.run_id, AgentStatus::Ok));
    assert_eq!(ended.text.as_deref(), Some("echo: agent rpc w0 w1 w2 w3"));
    assert_eq!(AgentEnded::read(first.result.as_ref().unwrap()), None);

    let problem = refused.result.as_ref().unwrap_err();
    let ended = AgentEnded::read(refused.payload_of_refusal.as_ref().unwrap()).unwrap();
    assert_eq!((problem.code.as_str(), ended.status), ("UNAVAILABLE", AgentStatus::Error));
    assert_eq!(ended.summary.as_deref(), Some("Unsupported channel: zalo"));
}

#[test]
fn the_wait_for_an_agent_gives_its_answer() {
    let answers = replay("agentRpc.jsonl").answers;
    let waited = answers.iter().find(|answer| answer.method == "agent.wait").unwrap();
    let ended = AgentEnded::read(waited.result.as_ref().unwrap()).unwrap();
    assert_eq!(ended.text.as_deref(), Some("echo: agent rpc w0 w1 w2 w3"));
}

#[test]
fn the_whole_hello_is_read() {
    let hello = replay("deviceToken.jsonl").hellos.remove(0);
    assert_eq!(hello.role, "operator");
    assert!(hello.has_scope("operator.read") && hello.has_device_token && hello.device_token.is_some());
    assert_eq!(hello.tick_interval, Some(std::time::Duration::from_secs(30)));
    assert_eq!((hello.max_payload, hello.default_agent.as_deref()), (Some(26_214_400), Some("main")));
    assert!(hello.max_attachment.is_some() && hello.max_image.is_some() && hello.boot_id.is_some());
    assert!(!format!("{hello:?}").contains(hello.device_token.as_ref().unwrap()), "a secret in the log");
}

#[test]
fn a_side_result_is_no_answer_of_the_run() {
    let chats = replay("side.jsonl").chats;
    let side = chats.iter().find(|chat| matches!(chat.chat, Chat::SideResult { .. })).unwrap();
    let Chat::SideResult { question, text, is_error } = &side.chat else { unreachable!() };
    assert_eq!((question.as_deref(), *is_error), (Some("what is up"), false));
    assert!(text.starts_with("echo: Answer this side question only."));
    assert_eq!(Run::new().take(&side.chat), []);
}
