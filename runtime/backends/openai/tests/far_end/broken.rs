//! A far end that cannot be reached, falls silent or breaks off.
use super::support::{Heard, ask, backend, message, met, options, unavailable};
use backend_openai::{Options, Timeouts};
use platforms::openai::{Answer, Api, Stream};
use ports::agent::{Backend, Failed, Question};
use std::time::Duration;

#[tokio::test]
async fn an_answer_that_breaks_off_is_unavailable_after_what_was_said() {
    for (how, stream) in [
        ("cut", Stream::of(["so ", "far"]).cut_short()),
        ("reset", Stream::of(["so ", "far"]).reset()),
        ("ended", Stream::of(["so ", "far"]).ending_early()),
        ("garbage", Stream::of(["so ", "far"]).then_raw("data: {\"choices\":[{\"delta\"\n\n")),
        ("an error", Stream::of(["so ", "far"]).then_error("overloaded", "server_error", None)),
        ("an error at the finish", Stream::of(["so ", "far"]).finishing("error")),
    ] {
        let (heard, outcome) = met(stream).await;
        assert_eq!(heard.text(), "so far", "{how}");
        unavailable(outcome);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_unavailable() {
    let api = Api::start().await.unwrap();
    api.will(Answer::Reset);
    unavailable(ask(&backend(options(&api)), "hello").await.1);
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable_and_answers_when_it_is_back() {
    let api = Api::start().await.unwrap();
    let backend = backend(options(&api));
    api.stop_listening().await.unwrap();
    let (why, retry_after) = unavailable(ask(&backend, "hello").await.1);
    assert!(why.contains("127.0.0.1") && retry_after.is_none(), "{why}");
    api.listen_again().await.unwrap();
    assert_eq!(ask(&backend, "hello").await.1, Ok(()));
}

#[tokio::test]
async fn a_server_that_never_begins_is_given_up() {
    let api = Api::start().await.unwrap();
    api.will(Answer::Hang);
    let timeouts = Timeouts { first_byte: Duration::from_millis(50), ..options(&api).timeouts };
    let (why, _) = unavailable(ask(&backend(Options { timeouts, ..options(&api) }), "hello").await.1);
    assert!(why.contains("50ms"), "{why}");
    api.alone().await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let api = Api::start().await.unwrap();
    api.will(Stream::of(["so far"]).hanging());
    let timeouts = Timeouts { idle: Duration::from_secs(1), ..Timeouts::default() };
    let (heard, outcome) = ask(&backend(Options { timeouts, ..options(&api) }), "hello").await;
    assert_eq!(heard.text(), "so far");
    assert!(unavailable(outcome).0.contains("1s"));
    api.alone().await;
}

#[tokio::test]
async fn a_line_without_end_is_given_up_for_good() {
    let line = [b"data: ".as_slice(), &vec![b'x'; 3 << 20]].concat();
    let (heard, outcome) = met(Stream::of(["so far"]).then_raw(line)).await;
    assert_eq!(heard.text(), "so far");
    assert!(matches!(outcome, Err(Failed::Agent(_))), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_that_is_dropped_ends_at_the_far_end_too() {
    let api = Api::start().await.unwrap();
    api.will(Stream::of(["so far"]).hanging());
    let (backend, message, mut heard) = (backend(options(&api)), message("hello"), Heard::default());
    let question = Question { message: &message, memory: &[], said: "", repeated: false };
    tokio::select! {
        outcome = backend.answer(question, &mut heard) => panic!("{outcome:?}"),
        _ = api.asked(1) => {}
    }
    api.alone().await;
}
