//! The OpenAI-compatible server, through a plain client that has no opinion about it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use platforms::openai::{Answer, Api, Reply, Settings, Stream};
use serde_json::{Value, json};

struct Plain(Client<HttpConnector, Full<Bytes>>);

impl Plain {
    fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    async fn post(&self, api: &Api, key: &str, body: &Value) -> anyhow::Result<http::Response<Bytes>> {
        let request = http::Request::post(format!("{}/chat/completions", api.base_url()))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(Full::from(body.to_string()))?;
        let (head, body) = self.0.request(request).await?.into_parts();
        Ok(http::Response::from_parts(head, body.collect().await?.to_bytes()))
    }

    async fn ask(&self, api: &Api) -> anyhow::Result<http::Response<Bytes>> {
        self.post(api, api.key(), &question(api)).await
    }
}

fn question(api: &Api) -> Value {
    json!({ "model": api.model(), "stream": true, "messages": [{ "role": "user", "content": "hi there" }] })
}

/// The data of each event.
fn events(answer: &http::Response<Bytes>) -> Vec<&str> {
    let text = std::str::from_utf8(answer.body()).expect("what we say is UTF-8");
    text.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
}

#[tokio::test]
async fn an_answer_is_a_role_then_deltas_then_a_finish_then_done() -> anyhow::Result<()> {
    let api = Api::start().await?;
    let answer = Plain::new().ask(&api).await?;
    assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    let events = events(&answer);
    let (last, chunks) = events.split_last().expect("there are events");
    assert_eq!(*last, "[DONE]");
    let chunks: Vec<Value> =
        chunks.iter().map(|chunk| serde_json::from_str(chunk)).collect::<Result<_, _>>()?;
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == chunks[0]["id"])
    );
    let choices: Vec<&Value> = chunks.iter().map(|chunk| &chunk["choices"][0]).collect();
    assert_eq!(choices[0]["delta"]["role"], "assistant");
    let text: String = choices.iter().filter_map(|choice| choice["delta"]["content"].as_str()).collect();
    assert_eq!(text, "You said: hi there");
    assert_eq!(choices[choices.len() - 1]["finish_reason"], "stop");
    assert!(choices[..choices.len() - 1].iter().all(|choice| choice["finish_reason"].is_null()));
    Ok(())
}

#[tokio::test]
async fn usage_comes_to_whom_asks_for_it_in_a_chunk_without_choices() -> anyhow::Result<()> {
    let api = Api::start().await?;
    let mut question = question(&api);
    question["stream_options"] = json!({ "include_usage": true });
    let answer = Plain::new().post(&api, api.key(), &question).await?;
    let chunk: Value = serde_json::from_str(events(&answer).into_iter().rev().nth(1).expect("usage"))?;
    assert_eq!(chunk["choices"], json!([]));
    assert_eq!(chunk["usage"]["total_tokens"], 12);
    Ok(())
}

#[tokio::test]
async fn what_is_not_in_order_is_refused_and_uses_up_no_script() -> anyhow::Result<()> {
    let api = Api::start().await?;
    let plain = Plain::new();
    api.will(Stream::of(["scripted"]));
    let refused = async |key: &str, change: Value| -> anyhow::Result<(u16, Value)> {
        let mut body = question(&api);
        for (key, value) in change.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let answer = plain.post(&api, key, &body).await?;
        Ok((
            answer.status().as_u16(),
            serde_json::from_slice::<Value>(answer.body())?["error"]["code"].clone(),
        ))
    };
    assert_eq!(refused("sk-other", json!({})).await?, (401, json!("invalid_api_key")));
    assert_eq!(refused(api.key(), json!({ "model": "gpt-17" })).await?, (404, json!("model_not_found")));
    for bad in [
        json!({ "messages": [] }),
        json!({ "messages": [{ "role": "bot", "content": "x" }] }),
        json!({ "messages": [{ "role": "user" }] }),
        json!({ "temprature": 1 }),
        json!({ "stream": false }),
    ] {
        assert_eq!(refused(api.key(), bad.clone()).await?, (400, Value::Null), "{bad}");
    }
    assert!(events(&plain.ask(&api).await?).iter().any(|event| event.contains("scripted")));
    assert_eq!(api.record(|record| record.requests_count()), 8);
    Ok(())
}

#[tokio::test]
async fn the_script_is_played_in_order_and_then_the_usual() -> anyhow::Result<()> {
    let api = Api::start().await?;
    let plain = Plain::new();
    api.always(Stream::of(["usual"]));
    api.will_times(2, Reply::status(429).retry_after("3"));
    api.will(Stream::of(["next"]));
    for _ in 0..2 {
        let answer = plain.ask(&api).await?;
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"3".parse()?));
    }
    for expected in ["next", "usual", "usual"] {
        assert!(events(&plain.ask(&api).await?)[1].contains(expected));
    }
    api.heal();
    assert!(events(&plain.ask(&api).await?)[1].contains("You "));
    Ok(())
}

#[tokio::test]
async fn broken_answers_are_errors_of_the_connection() -> anyhow::Result<()> {
    let api = Api::start().await?;
    api.will(Stream::of(["so far"]).cut_short());
    api.will(Stream::of(["so far"]).reset());
    for _ in 0..2 {
        assert!(Plain::new().ask(&api).await.is_err());
    }
    api.will(Answer::Reset);
    assert!(Plain::new().ask(&api).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_held_stream_goes_on_when_it_is_released() -> anyhow::Result<()> {
    let api = Api::start().await?;
    api.will(Stream::of(["held"]).held());
    let plain = Plain::new();
    let (answer, ()) = tokio::join!(plain.ask(&api), async {
        api.asked(1).await;
        api.release();
    });
    assert_eq!(events(&answer?).last(), Some(&"[DONE]"));
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_down_refuses_and_comes_back_on_its_port() -> anyhow::Result<()> {
    let api = Api::start().await?;
    let port = api.port();
    api.will(Answer::Hang);
    let plain = Plain::new();
    let (hung, down) = tokio::join!(plain.ask(&api), async {
        api.asked(1).await;
        api.stop_listening().await
    });
    down?;
    assert!(hung.is_err() && plain.ask(&api).await.is_err());
    api.listen_again().await?;
    assert_eq!((plain.ask(&api).await?.status().as_u16(), api.port()), (200, port));
    Ok(())
}

#[tokio::test]
#[should_panic(expected = "2 requests; seen: 0 requests")]
async fn who_waits_in_vain_is_told_what_was_seen() {
    let settings = Settings { patience: Duration::from_millis(10), ..Settings::default() };
    let api = Api::start_with(settings).await.expect("a free port");
    api.asked(2).await;
}
