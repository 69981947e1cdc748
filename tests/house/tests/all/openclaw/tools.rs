//! The connectors' tools for the gateway's agents, over MCP.
use super::{agent, gateway, posts, until, worked};
use crate::orders::Orders;
use crate::setup::{self, Component, Result, platform};
use anyhow::Context;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use workbench::Runtime;

const OCCUM: &str = "occum-token-0123456789abcdef";
const IMP: &str = "imp-token-0123456789abcdefgh";

/// Both know it before they start.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn server(port: u16, name: &str, token: &str) -> Value {
    json!({
        "url": format!("http://127.0.0.1:{port}/mcp/{name}"), "transport": "streamable-http",
        "headers": { "Authorization": format!("Bearer {token}") },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_calls_a_connectors_tool_and_is_offered_no_other_connectors() -> Result {
    let port = free_port()?;
    // As docs/openclaw.md says: an agent for each connector, which is allowed its own tools.
    let real = gateway(json!({
        "mcp": { "servers": { "occum": server(port, "occum", OCCUM), "imp": server(port, "imp", IMP) } },
        "agents": { "list": [
            { "id": "for-occum", "tools": { "allow": ["web_search", "occum__*"] } },
            { "id": "for-imp", "tools": { "allow": ["web_search", "imp__*"] } },
        ] },
    }))
    .await?;
    let (occum, clanker) = platform().await?;
    let other = occum.add_channel("elsewhere", &[&clanker]);
    let orders = Orders::listen().await?;
    let config = agent(&real.gateway, "agents = { occum = \"for-occum\", imp = \"for-imp\" }")
        + &setup::occum_config(&occum)
        + &orders.config("")?
        + &format!(
            "[mcp]\nlisten = \"127.0.0.1:{port}\"\n[mcp.endpoints]\noccum.token = {{ env = \"MCP_OCCUM\" }}\nimp.token = {{ env = \"MCP_IMP\" }}\n"
        );
    let mut script = setup::script(&[Component::Occum, Component::Imp], config).await?;
    for (name, value) in [
        ("OCCUM_TOKEN", clanker.token.as_str()),
        ("GATEWAY_TOKEN", real.gateway.token()),
        ("MCP_OCCUM", OCCUM),
        ("MCP_IMP", IMP),
    ] {
        script.environment.push((name.into(), value.into()));
    }
    let runtime = Runtime::ready(script).await?;
    occum.connected(1).await;
    let channel = &clanker.control_channel;

    let arguments = json!({ "channelId": other, "text": "by the tool" });
    occum.say(channel, 42, &format!("[[tool=occum__occum_send_message {arguments}]]")).await;
    let sent = async || Ok(posts(&occum, &other).contains(&"by the tool".to_owned()).then_some(()));
    until("the tool's message", sent).await?;
    worked(&occum, channel, 1).await;
    assert!(posts(&occum, channel)[0].starts_with("tool said: "), "{:?}", posts(&occum, channel));

    // The generic one, which needs no tool of the connector's own.
    let arguments = json!({ "to": other, "text": "by any connector" });
    occum.say(channel, 42, &format!("[[tool=occum__send_message {arguments}]]")).await;
    worked(&occum, channel, 2).await;
    assert_eq!(posts(&occum, &other), ["by the tool", "by any connector"]);

    // Wrong arguments come back as something for the model to read.
    occum.say(channel, 42, "[[tool=occum__occum_send_message {\"txt\":1}]]").await;
    worked(&occum, channel, 3).await;
    let said = posts(&occum, channel)[2..].join("\n");
    assert!(said.starts_with("tool said: ") && said.contains("text"), "{said}");
    assert_eq!(posts(&occum, &other).len(), 2, "and nothing was sent");

    // What the runs of each were offered.
    let message = json!({ "key": "k", "conversation": "c", "text": "hello from imp" });
    runtime.call("imp", "imp_dispatch", &message).await?;
    let prompts = until("imp's prompt", async || {
        let prompts = real.gateway.prompts()?;
        Ok(prompts.iter().any(|prompt| prompt.user.contains("hello from imp")).then_some(prompts))
    })
    .await?;
    // And the gateway's memory of the conversation is the connector's history.
    let history = json!({ "conversation": "c", "limit": 2 });
    let remembered = until("the answer", async || {
        let turns = runtime.call("imp", "imp_history", &history).await?;
        Ok((turns.as_array().is_some_and(|turns| turns.len() == 2)).then_some(turns))
    })
    .await?;
    assert_eq!(
        remembered,
        json!(["u: From User #1: hello from imp", "a: echo: From User #1: hello from imp"])
    );
    for prompt in &prompts {
        let is_imps = prompt.user.contains("hello from imp");
        let (own, other) = if is_imps { ("imp__", "occum__") } else { ("occum__", "imp__") };
        assert!(prompt.tools.iter().any(|tool| tool.starts_with(own)), "{:?}", prompt.tools);
        assert!(!prompt.tools.iter().any(|tool| tool.starts_with(other)), "{:?}", prompt.tools);
    }
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

/// Without a gateway: the same tools for whoever starts `runtime mcp`.
#[tokio::test(flavor = "multi_thread")]
async fn tools_are_offered_on_standard_input_and_output_too() -> Result {
    let (occum, clanker) = platform().await?;
    let config = setup::occum_config(&occum) + "[mcp.endpoints.occum]\n";
    let mut script = setup::script(&[Component::Occum], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), clanker.token.clone()));
    let runtime = Runtime::ready(script).await?;
    occum.connected(1).await;

    let unknown = runtime.ask(&["mcp", "ocum"]).await?;
    assert!(!unknown.status.success());
    let said = String::from_utf8(unknown.stderr)?;
    assert!(said.contains("there is no endpoint \"ocum\"; there is occum"), "{said}");

    let mut child = Command::new(&runtime.home().script().binary)
        .args(["mcp", "occum", "--state", "state"])
        .current_dir(runtime.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().context("its input")?;
    let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
    let mut ask = async |line: Value, answered: bool| -> anyhow::Result<Value> {
        input.write_all(format!("{line}\n").as_bytes()).await?;
        if !answered {
            return Ok(Value::Null);
        }
        let line = tokio::time::timeout(super::PATIENCE, lines.next_line()).await??.context("an answer")?;
        Ok(serde_json::from_str(&line)?)
    };
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "0" } } });
    let hello = ask(hello, true).await?;
    assert_eq!(hello["result"]["capabilities"]["tools"]["listChanged"], true, "{hello}");
    ask(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }), false).await?;
    let listed = ask(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }), true).await?;
    let names: Vec<&str> = listed["result"]["tools"]
        .as_array()
        .context("tools")?
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert!(names.contains(&"occum_send_message") && names.contains(&"send_message"), "{names:?}");
    let call = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {
        "name": "send_message", "arguments": { "to": clanker.control_channel, "text": "hello" } } });
    let called = ask(call, true).await?;
    assert_eq!(called["result"]["structuredContent"]["sent"], true, "{called}");
    assert_eq!(posts(&occum, &clanker.control_channel), ["hello"]);

    // The runtime ends: said so, and the server of tools stays.
    assert!(runtime.stop().await?.status.success());
    let call = json!({ "jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {
        "name": "occum_list_channels", "arguments": {} } });
    let called = ask(call, true).await?;
    assert_eq!(called["result"]["isError"], true, "{called}");
    assert!(called.to_string().contains("the runtime does not run now"), "{called}");
    Ok(())
}
