//! What was accepted survives the process: messages, answers, what the agent says by itself, and the store.
use crate::orders::{Line, Orders};
use crate::setup::{self, Component, Result, instance};
use anyhow::Context;
use platforms::openai::{Api, Stream};
use serde_json::{Value, json};
use workbench::Runtime;

const IMP: &str = "default/imp/default";

/// The `imp` with an agent behind it.
async fn imp(orders: &Orders, api: Option<&Api>) -> anyhow::Result<Runtime> {
    let mut config = orders.config("")?;
    let mut environment = Vec::new();
    if let Some(api) = api {
        config += &agent(api);
        environment.push(("AGENT_KEY".to_owned(), api.key().to_owned()));
    }
    let mut script = setup::script(&[Component::Imp], config).await?;
    script.environment = environment;
    Runtime::ready(script).await
}

fn agent(api: &Api) -> String {
    format!(
        "[agent]\nbackend = \"openai\"\nbase_url = \"{}\"\nmodel = \"{}\"\napi_key = {{ env = \"AGENT_KEY\" }}\n",
        api.base_url(),
        api.model()
    )
}

async fn dispatch(runtime: &Runtime, key: &str, text: &str) -> anyhow::Result<Value> {
    let arguments = json!({ "key": key, "conversation": "c", "text": text });
    runtime.call("imp", "imp_dispatch", &arguments).await
}

async fn answers(line: &mut Line, wanted: &[&str]) -> Result {
    assert_eq!(line.answers(wanted.len()).await?, wanted);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_an_agent_that_is_down_over_a_crash_and_goes_on_when_it_is_back() -> Result {
    let (orders, api) = (Orders::listen().await?, Api::start().await?);
    api.stop_listening().await?;
    let runtime = imp(&orders, Some(&api)).await?;
    let line = orders.line().await?;
    assert!(dispatch(&runtime, "k1", "hello").await?["new"].is_string());
    runtime
        .status_until("trouble", |status| {
            instance(status, IMP)["rooms"]["agent"]["trouble"].as_str().is_some_and(|why| !why.is_empty())
        })
        .await?;
    let table = String::from_utf8(runtime.ask(&["status"]).await?.stdout)?;
    assert!(table.contains("the agent is not available (1 open)"), "{table}");
    drop(line);
    let runtime = runtime.killed_and_started_again().await?;
    let mut line = orders.line().await?;
    assert!(dispatch(&runtime, "k1", "hello").await?["duplicate"].is_string(), "the key is known");
    api.listen_again().await?;
    answers(&mut line, &["c block 1 You said: hello", "c final 1 "]).await?;
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_goes_on_where_it_stood() -> Result {
    let (orders, api) = (Orders::listen().await?, Api::start().await?);
    api.will(Stream::of(["first paragraph\n\nsec"]).cut_short());
    api.will(Stream::of(["second paragraph"]));
    let runtime = imp(&orders, Some(&api)).await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k1", "hello").await?;
    answers(&mut line, &["c block 1 first paragraph", "c block 1 second paragraph", "c final 1 "]).await?;
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_remembered_over_a_restart() -> Result {
    let (orders, api) = (Orders::listen().await?, Api::start().await?);
    let runtime = imp(&orders, Some(&api)).await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k1", "my name is Ada").await?;
    line.answers(2).await?;
    drop(line);
    let runtime = runtime.killed_and_started_again().await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k2", "who am I?").await?;
    line.answers(2).await?;
    let asked = api.asked(2).await;
    let sent = asked[1].body.to_string();
    assert!(sent.contains("my name is Ada") && sent.contains("who am I?"), "{sent}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_kills_the_guest_once_is_told_again_as_a_repeat() -> Result {
    let orders = Orders::listen().await?;
    let runtime = imp(&orders, None).await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k1", "panic").await?;
    answers(&mut line, &["c block 1 User #1, you said:", "c block 2 panic", "c final 1 "]).await?;
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_the_guest_twice_is_set_aside_and_the_conversation_goes_on() -> Result {
    let orders = Orders::listen().await?;
    let runtime = imp(&orders, None).await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k1", "poison").await?;
    dispatch(&runtime, "k2", "and now").await?;
    answers(&mut line, &["c block 1 User #1, you said:", "c final 1 "]).await?;
    answers(&mut line, &["c block 1 User #1, you said:", "c block 1 and now", "c final 1 "]).await?;
    let status = runtime.status().await?;
    assert_eq!(setup::health(&status, IMP)["poison"], 1);
    let table = String::from_utf8(runtime.ask(&["status"]).await?.stdout)?;
    assert!(table.contains("dead letters: 1 (see `runtime deadletters list`)"), "{table}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_cuts_a_reply_off_is_no_death_of_it() -> Result {
    let orders = Orders::listen().await?;
    let mut runtime = imp(&orders, None).await?;
    let mut line = orders.line().await?;
    dispatch(&runtime, "k1", "stubborn").await?;
    answers(&mut line, &["c block 1 User #1, you said:"]).await?;
    for _ in 0..2 {
        let busy = |status: &Value| setup::health(status, IMP)["in_flight"] == 1;
        runtime.status_until("a handler that does not end", busy).await?;
        let home = runtime.home().clone();
        assert!(runtime.stop().await?.status.success());
        runtime = home.ready().await?;
        line = orders.line().await?;
    }
    let told = line.answers(2).await?;
    let attempt = |line: &str, kind: &str| -> anyhow::Result<u32> {
        let rest = line.strip_prefix(kind).with_context(|| format!("{line:?} is no {kind}"))?;
        Ok(rest.split(' ').next().unwrap_or_default().parse()?)
    };
    // More when the socket was not open yet.
    assert!(attempt(&told[0], "c block ")? >= 3 && told[0].ends_with(" stubborn"), "{told:?}");
    assert!(attempt(&told[1], "c final ")? >= 3, "nobody knows that it was not on its way: {told:?}");
    assert_eq!(runtime.status().await?["dead_letters"], 0);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_agent_says_by_itself_survives_a_crash_before_the_platform_took_it() -> Result {
    let orders = Orders::listen().await?;
    let runtime = imp(&orders, None).await?;
    // Nobody takes the upgrade, so the imp asks for another attempt again and again.
    let binary = runtime.home().script().binary.clone();
    let mut sending = tokio::process::Command::new(binary)
        .args(["send", "imp", "somewhere", "good morning", "--state", "state"])
        .current_dir(runtime.folder())
        .spawn()?;
    runtime
        .status_until("a retry", |status| setup::health(status, IMP)["retried"].as_u64() > Some(0))
        .await?;
    let runtime = runtime.killed_and_started_again().await?;
    sending.wait().await?;
    // The first connections were the dead process's.
    let answer = loop {
        let Ok(mut line) = orders.line().await else { continue };
        if let Ok(answer) = line.answer().await {
            break answer;
        }
    };
    let (begin, end) = ("somewhere outbound ", " good morning");
    assert!(answer.starts_with(begin) && answer.ends_with(end), "{answer}");
    let attempt: u32 = answer[begin.len()..answer.len() - end.len()].parse()?;
    assert!(attempt > 1, "it may have been sent before: {answer}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_changes_is_refused_past_its_bound_and_the_store_goes_on() -> Result {
    let orders = Orders::listen().await?;
    let runtime = imp(&orders, None).await?;
    let flooded = runtime.call("imp", "imp_store", &json!({ "flood": 200 })).await?;
    // Fewer where some were answered before the last was asked.
    assert!(
        flooded["refused"].as_u64().is_some_and(|refused| (1..=200 - 64).contains(&refused)),
        "{flooded}"
    );
    assert!(flooded["why"].as_str().is_some_and(|why| why.contains("64 are possible")), "{flooded}");
    assert!(runtime.call("imp", "imp_store", &json!({ "set": ["a", "1"] })).await?.is_u64());
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_survives_a_crash_and_has_its_limits() -> Result {
    let orders = Orders::listen().await?;
    let config =
        orders.config("")?.replace("grants =", "limits = { store_keys = 3, store_kib = 8 }\ngrants =");
    let runtime = Runtime::ready(setup::script(&[Component::Imp], config).await?).await?;
    let keep = async |runtime: &Runtime, what: Value| runtime.call("imp", "imp_store", &what).await;
    let first = keep(&runtime, json!({ "set": ["a", "1"] })).await?;
    let second = keep(&runtime, json!({ "swap": ["a", first, "2"] })).await?;
    let conflict = keep(&runtime, json!({ "swap": ["a", first, "3"] })).await?;
    assert_eq!(conflict["error"], "a was changed meanwhile");
    let too_much = keep(&runtime, json!({ "fill": ["b", 9000] })).await?;
    assert!(too_much["error"].as_str().is_some_and(|why| why.contains("quota")), "{too_much}");
    keep(&runtime, json!({ "set": ["b", "x"] })).await?;
    keep(&runtime, json!({ "delete": "b" })).await?;
    let runtime = runtime.killed_and_started_again().await?;
    assert_eq!(keep(&runtime, json!({ "get": "a" })).await?, json!(["2", second]));
    assert_eq!(keep(&runtime, json!({ "list": "" })).await?, json!(["a"]));
    runtime.stop().await?;
    Ok(())
}
