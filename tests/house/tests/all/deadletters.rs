//! What could not be delivered: seen, tried again, dropped.
use crate::orders::Orders;
use crate::setup::{self, Component, Result};
use platforms::openai::{Api, Reply};
use serde_json::{Value, json};
use workbench::Runtime;

async fn list(runtime: &Runtime) -> anyhow::Result<Vec<Value>> {
    let output = runtime.ask(&["deadletters", "list", "--json"]).await?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

async fn until_dead(runtime: &Runtime, count: u64) -> anyhow::Result<Vec<Value>> {
    runtime.status_until("a dead letter", |status| status["dead_letters"].as_u64() == Some(count)).await?;
    list(runtime).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reply_is_listed_shown_tried_again_and_dropped() -> Result {
    let orders = Orders::listen().await?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    let mut line = orders.line().await?;
    let message = json!({ "key": "k", "conversation": "c", "text": "refuse" });
    runtime.call("imp", "imp_dispatch", &message).await?;
    assert_eq!(line.answers(2).await?, ["c block 1 User #1, you said:", "c final 1 "]);
    let letters = until_dead(&runtime, 1).await?;
    assert_eq!((&letters[0]["reason"], &letters[0]["room"]), (&json!("told to"), &json!("agent")));
    assert_eq!(
        (&letters[0]["what"], &letters[0]["attempts"]),
        (&json!("block of an answer to somewhere"), &json!(1))
    );
    let id = letters[0]["id"].to_string();

    let shown = String::from_utf8(runtime.ask(&["deadletters", "show", &id]).await?.stdout)?;
    assert!(shown.contains("reason    told to") && shown.contains("refuse"), "{shown}");

    let again = runtime.ask(&["deadletters", "retry", &id]).await?;
    assert!(!again.status.success());
    assert_eq!(String::from_utf8(again.stdout)?, format!("{id}: stays: told to\n"));
    assert_eq!(list(&runtime).await?[0]["attempts"], 2, "one letter still, with its history");

    // Also with nothing running: the list is on disk.
    let home = runtime.home().clone();
    assert!(runtime.stop().await?.status.success());
    let binary = home.script().binary.clone();
    let ask = |arguments: Vec<String>| {
        let mut command = std::process::Command::new(&binary);
        command.arg("deadletters").args(arguments).args(["--state", "state"]).current_dir(home.folder());
        command.output()
    };
    let table = String::from_utf8(ask(vec!["list".into()])?.stdout)?;
    assert!(table.contains("told to"), "{table}");
    let needs = ask(vec!["retry".into(), id.clone()])?;
    assert!(String::from_utf8(needs.stderr)?.contains("start the runtime first"));
    assert!(ask(vec!["drop".into(), id.clone()])?.status.success());
    assert_eq!(String::from_utf8(ask(vec!["list".into()])?.stdout)?, "no dead letters\n");
    let gone = ask(vec!["show".into(), id.clone()])?;
    assert!(String::from_utf8(gone.stderr)?.contains(&format!("there is no dead letter {id}")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_agent_did_not_answer_in_time_is_answered_when_it_is_sent_again() -> Result {
    let (orders, api) = (Orders::listen().await?, Api::start().await?);
    api.always(Reply::status(503));
    let config = format!(
        "{}[agent]\nbackend = \"openai\"\nbase_url = \"{}\"\nmodel = \"{}\"\napi_key = {{ env = \"AGENT_KEY\" }}\n",
        orders.config("")?,
        api.base_url(),
        api.model()
    );
    let mut script = setup::script(&[Component::Imp], config).await?;
    script.environment.push(("AGENT_KEY".into(), api.key().into()));
    let runtime = Runtime::ready(script).await?;
    let mut line = orders.line().await?;
    let message = json!({ "key": "k", "conversation": "c", "text": "hello", "deadline_ms": 1000 });
    runtime.call("imp", "imp_dispatch", &message).await?;
    let told = line.answer().await?;
    assert!(told.starts_with("c failed 1 "), "{told}");
    let letters = until_dead(&runtime, 1).await?;
    assert_eq!(letters[0]["what"], "message of user:1 for the agent");
    api.heal();
    let id = letters[0]["id"].to_string();
    let again = runtime.ask(&["deadletters", "retry", &id]).await?;
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(line.answers(2).await?, ["c block 1 You said: hello", "c final 1 "]);
    assert!(list(&runtime).await?.is_empty());
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_comes_as_a_repeat_and_leaves_the_list() -> Result {
    let orders = Orders::listen().await?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    let mut line = orders.line().await?;
    let message = json!({ "key": "k", "conversation": "c", "text": "refuse once" });
    runtime.call("imp", "imp_dispatch", &message).await?;
    assert_eq!(line.answers(2).await?, ["c block 1 User #1, you said:", "c final 1 "]);
    let id = until_dead(&runtime, 1).await?[0]["id"].to_string();
    let again = runtime.ask(&["deadletters", "retry", &id]).await?;
    assert_eq!(String::from_utf8(again.stdout)?, format!("{id}: sent again\n"));
    assert_eq!(line.answer().await?, "c block 2 refuse once");
    assert!(list(&runtime).await?.is_empty());
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_kills_the_guest_twice_is_set_aside_whole() -> Result {
    let orders = Orders::listen().await?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    let mut line = orders.line().await?;
    line.order(&["a panic", "b echo"]).await?;
    assert_eq!(line.answer().await?.split(' ').next(), Some("b"));
    let letters = until_dead(&runtime, 1).await?;
    assert_eq!(letters[0]["what"], "frame of 7 bytes on socket orders");
    assert!(letters[0]["reason"].as_str().is_some_and(|why| why.starts_with("poison: ")), "{letters:?}");
    let id = letters[0]["id"].to_string();
    let shown = String::from_utf8(runtime.ask(&["deadletters", "show", &id]).await?.stdout)?;
    assert!(shown.contains("a panic") && shown.contains("the instance died of it"), "{shown}");
    runtime.stop().await?;
    Ok(())
}
