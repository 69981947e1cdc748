//! Answers that are none: each status's class, and when to come back.
use super::support::{ask, backend, met, met_by, options, unavailable};
use backend_openai::Options;
use platforms::openai::{Api, Reply, Stream};
use ports::agent::Failed;
use ports::secret::Secret;
use std::time::Duration;

#[tokio::test]
async fn what_a_repeat_may_mend_is_unavailable() {
    for status in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
        let (why, retry_after) = unavailable(Err(met_by(Reply::status(status)).await));
        assert!(why.contains(&status.to_string()) && why.contains("it says: "), "{why}");
        assert!(!why.contains("agent."), "nobody has to change the configuration: {why}");
        assert_eq!(retry_after, None);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_message_is_a_refusal() {
    for status in [400, 413, 422] {
        let failed = met_by(Reply::status(status)).await;
        assert!(matches!(failed, Failed::Refused(_)), "{failed:?}");
    }
}

#[tokio::test]
async fn what_the_operator_can_mend_waits_and_names_the_key_of_the_configuration() {
    let page = Reply::empty(200).body("text/html", "<html>hello</html>");
    let plain = Reply::empty(200).json(&serde_json::json!({"choices": []}));
    let moved = Reply::empty(301).header("location", "https://elsewhere.test/");
    for (reply, key) in [
        (Reply::status(401), "agent.api_key"),
        (Reply::status(403), "agent.api_key"),
        (Reply::status(404), "agent.model"),
        (Reply::empty(404), "agent.base_url"),
        (Reply::empty(405), "agent.base_url"),
        (moved, "agent.base_url"),
        (page, "agent.base_url"),
        (plain, "agent.base_url"),
    ] {
        let (why, _) = unavailable(Err(met_by(reply).await));
        assert!(why.contains(key), "{why}");
    }
}

#[tokio::test]
async fn the_real_refusals_of_a_strict_server_are_understood() {
    let api = Api::start().await.unwrap();
    let wrong = Options { api_key: Some(Secret::new("sk-wrong".into())), ..options(&api) };
    let unknown = Options { model: "gpt-17".into(), ..options(&api) };
    let elsewhere = Options { base_url: format!("http://127.0.0.1:{}/v2", api.port()), ..options(&api) };
    for (options, key) in [(wrong, "agent.api_key"), (unknown, "agent.model"), (elsewhere, "agent.base_url")]
    {
        let (why, _) = unavailable(ask(&backend(options), "hello").await.1);
        assert!(why.contains(key), "{why}");
    }
    let extra = serde_json::json!({"temprature": 1}).as_object().unwrap().clone();
    let outcome = ask(&backend(Options { extra, ..options(&api) }), "hello").await.1;
    assert!(matches!(&outcome, Err(Failed::Refused(why)) if why.contains("temprature")), "{outcome:?}");
}

#[tokio::test]
async fn the_far_end_says_when_to_come_back() {
    let wait = async |reply| unavailable(Err(met_by(reply).await)).1;
    let seconds = Duration::from_secs;
    assert_eq!(wait(Reply::status(429).retry_after("7")).await, Some(seconds(7)));
    assert_eq!(wait(Reply::status(503).retry_after("90000")).await, Some(seconds(3600)));
    let both = Reply::status(429).retry_after_ms("1500").retry_after("7");
    assert_eq!(wait(both).await, Some(Duration::from_millis(1500)));
    let date = Reply::status(503)
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .retry_after("Sun, 06 Nov 1994 08:50:07 GMT");
    assert_eq!(wait(date).await, Some(seconds(30)));
    assert_eq!(wait(Reply::status(401).retry_after("7")).await, Some(seconds(7)));
}

#[tokio::test]
async fn who_has_not_paid_is_asked_again_much_later() {
    let (why, retry_after) = unavailable(Err(met_by(Reply::quota().retry_after("1")).await));
    assert!(why.contains("quota") && retry_after >= Some(Duration::from_secs(600)), "{why} {retry_after:?}");
}

#[tokio::test]
async fn an_error_in_the_midst_of_the_stream_has_its_class_too() {
    let error = async |kind, code| {
        let (heard, outcome) = met(Stream::of(["so far"]).then_error("the reason", kind, code)).await;
        assert_eq!(heard.text(), "so far");
        outcome.unwrap_err()
    };
    let (why, _) = unavailable(Err(error("server_error", None).await));
    assert!(why.contains("(it says: the reason)"), "{why}");
    let (_, retry_after) = unavailable(Err(error("billing", Some("insufficient_quota")).await));
    assert!(retry_after >= Some(Duration::from_secs(600)), "{retry_after:?}");
    let failed = error("invalid_request_error", None).await;
    assert!(matches!(failed, Failed::Refused(_)), "{failed:?}");
}
