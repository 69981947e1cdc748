//! The real gateway. Ignored by default: it needs npm once, then ten seconds and a gigabyte for each start.

use std::time::Duration;

use platforms::openclaw::real::{Gateway, Prompt, Setup};
use serde_json::{Value, json};

use crate::client::Client;

const KEY: &str = "agent:main:test:direct:somebody";

async fn ask(client: &mut Client, run: &str, text: &str) -> anyhow::Result<Value> {
    client.call("sessions.messages.subscribe", json!({ "key": KEY })).await?;
    client.call("agent", json!({ "sessionKey": KEY, "message": text, "idempotencyKey": run })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "installs and starts OpenClaw"]
async fn it_answers_survives_a_crash_on_the_same_port_and_tells_what_the_model_was_asked()
-> anyhow::Result<()> {
    let mut gateway = Gateway::start(Setup::default()).await?;
    let (url, first) = (gateway.url(), gateway.pid());
    let mut client = Client::connect(&url, gateway.token()).await?;
    assert_eq!(ask(&mut client, "one", "hello [[words=2]]").await?["payload"]["status"], "accepted");
    let text = client.chat("one", "final").await?["message"]["content"][0]["text"].clone();
    assert_eq!(text, "echo: hello w0 w1");

    gateway.kill().await?;
    assert_eq!(client.closed().await?, 1006);
    assert_eq!(gateway.pid(), None);
    gateway.configure(json!({ "tools": { "deny": ["exec"] } })).await?;
    gateway.restart().await?;
    assert_eq!(gateway.url(), url);
    assert_ne!(gateway.pid(), first);
    let mut client = Client::connect(&url, gateway.token()).await?;
    ask(&mut client, "two", "again").await?;
    client.chat("two", "final").await?;

    let prompts = gateway.prompts()?;
    let asked: Vec<_> = prompts.iter().map(|prompt| prompt.user.as_str()).collect();
    assert_eq!(asked, ["hello [[words=2]]", "again"]);
    let may_execute = |prompt: &Prompt| prompt.tools.iter().any(|tool| tool == "exec");
    assert!(may_execute(&prompts[0]) && !may_execute(&prompts[1]), "the configuration changed between them");
    assert!(prompts[0].system.contains("OpenClaw"), "{}", prompts[0].system);
    assert!(prompts[0].at() < prompts[1].at());

    let devices = gateway.cli(&["devices", "list", "--json"]).await?;
    assert!(devices.status.success(), "{}", String::from_utf8_lossy(&devices.stderr));
    gateway.terminate(Duration::from_secs(60)).await?;
    assert_eq!(client.closed().await?, 1012);
    Ok(())
}

#[tokio::test]
#[ignore = "installs and starts OpenClaw"]
async fn a_configuration_it_refuses_is_an_error_with_the_reason() -> anyhow::Result<()> {
    let setup = Setup { extra: json!({ "gateway": { "nonsense": 1 } }), ..Setup::default() };
    let refused = Gateway::start(setup).await.err().map(|error| format!("{error:#}")).unwrap_or_default();
    assert!(refused.contains("exit status: 78") && refused.contains("nonsense"), "{refused}");
    Ok(())
}
