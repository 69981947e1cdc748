//! The live gateway as control-center shows it: by tools, by its command, and on the runtime's event stream.
use super::peek::Peek;
use super::{Real, gateway, until};
use crate::setup::{self, Component, Result};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use workbench::{Runtime, Script};

const TOKEN: &str = "events-token-0123456789";

async fn script(real: &Real) -> anyhow::Result<Script> {
    let config = format!(
        "[events]\nlisten = \"127.0.0.1:0\"\ntoken = {{ env = \"EVENTS_TOKEN\" }}\n\
         [connectors.control-center.accounts.default]\nconfig = {{ gatewayUrl = \"{}\" }}\n\
         secrets.gatewayToken = {{ env = \"GATEWAY_TOKEN\" }}\ngrants = {{ private = [\"127.0.0.0/8\"] }}\n",
        real.gateway.url()
    );
    let mut script = setup::script(&[Component::ControlCenter], config).await?;
    script.environment.push(("EVENTS_TOKEN".into(), TOKEN.into()));
    script.environment.push(("GATEWAY_TOKEN".into(), real.gateway.token().into()));
    Ok(script)
}

/// Where the runtime says that the stream is.
fn events(runtime: &Runtime) -> anyhow::Result<SocketAddr> {
    let log = runtime.log();
    let (_, rest) = log.split_once("what connectors publish at http://").context("no events")?;
    Ok(rest.split('/').next().context("an address")?.parse()?)
}

async fn get(at: SocketAddr, path: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(at).await?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// The picture once.
async fn state(runtime: &Runtime) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut text = String::new();
    get(events(runtime)?, "/state").await?.read_to_string(&mut text).await?;
    ensure!(text.starts_with("HTTP/1.1 200"), "{text}");
    // Chunked or not: the document's lines are whole.
    let entries =
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line.trim_end_matches(',')).ok());
    let entries = entries.filter(|entry| entry["instance"] == "default/control-center/default");
    Ok(entries
        .filter_map(|entry| Some((entry["key"].as_str()?.to_owned(), entry["value"].clone())))
        .collect())
}

/// One who watches.
struct Watcher(Lines<BufReader<TcpStream>>);

impl Watcher {
    async fn new(runtime: &Runtime) -> anyhow::Result<Self> {
        Ok(Self(BufReader::new(get(events(runtime)?, "/events").await?).lines()))
    }

    /// The next event of this kind that is as wanted: its data.
    async fn next(&mut self, kind: &str, mut wanted: impl FnMut(&Value) -> bool) -> anyhow::Result<Value> {
        let mut event = String::new();
        let looking = async {
            while let Some(line) = self.0.next_line().await? {
                match line.split_once(": ") {
                    Some(("event", name)) => event = name.to_owned(),
                    Some(("data", data)) if event == kind => {
                        let data = serde_json::from_str(data)?;
                        if wanted(&data) {
                            return Ok(data);
                        }
                    }
                    _ => {}
                }
            }
            anyhow::bail!("the stream ended")
        };
        tokio::time::timeout(super::PATIENCE, looking)
            .await
            .with_context(|| format!("no {kind} as wanted"))?
    }
}

async fn is_shown(runtime: &Runtime, what: &str, shown: impl Fn(&BTreeMap<String, Value>) -> bool) -> Result {
    until(what, async || Ok(shown(&state(runtime).await?).then_some(()))).await
}

fn is_fresh(picture: &BTreeMap<String, Value>) -> bool {
    picture.get("gateway").is_some_and(|gateway| gateway["state"] == "connected" && gateway["stale"] == false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_gateways_agents_and_sessions_are_seen_and_right_again_after_a_restart() -> Result {
    let extra = json!({ "agents": { "list": [{ "id": "main", "default": true }, { "id": "helper" }] } });
    let mut real = gateway(extra).await?;
    let mut runtime = Runtime::ready(script(&real).await?).await?;
    let mut watcher = Watcher::new(&runtime).await?;
    is_shown(&runtime, "a fresh picture", is_fresh).await?;
    let agents = |picture: &BTreeMap<String, Value>| {
        picture.keys().filter(|key| key.starts_with("agents/")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(agents(&state(&runtime).await?), ["agents/helper", "agents/main"]);

    // By tools and by the command, and what the gateway refuses comes with its code.
    let name = "control-center";
    let listed = runtime.call(name, "control_center_list_agents", &json!({})).await?;
    assert!(listed.to_string().contains("helper"), "{listed}");
    let one = runtime.call(name, "control_center_agent", &json!({ "id": "main" })).await?;
    assert!(one.to_string().contains("main"), "{one}");
    let unknown = runtime.ask(&["call", name, "control_center_agent", r#"{"id":"nobody"}"#]).await?;
    let said = String::from_utf8(unknown.stderr)?;
    assert!(!unknown.status.success() && said.contains("helper"), "it names those that there are: {said}");
    let health = json!({ "method": "health", "params": {} });
    assert!(runtime.call(name, "control_center_request", &health).await?.is_object());
    let bad = r#"{"method":"sessions.resolve","params":{"nonsense":1}}"#;
    let refused = runtime.ask(&["call", name, "control_center_request", bad]).await?;
    assert!(String::from_utf8(refused.stderr)?.contains("INVALID_REQUEST"));
    let forbidden = r#"{"method":"chat.send","params":{}}"#;
    let refused = runtime.ask(&["call", name, "control_center_request", forbidden]).await?;
    assert!(!refused.status.success() && String::from_utf8(refused.stderr)?.contains("system-presence"));
    let command = String::from_utf8(runtime.ask(&["call", name, "/control-center"]).await?.stdout)?;
    assert!(command.contains("2026.9.6"), "{command}");

    // A session comes, works, and goes: on the stream, without anybody asking.
    let mut peek = Peek::new(&real.gateway).await?;
    let session = "agent:main:probe:default:one";
    let params =
        json!({ "sessionKey": session, "message": "hello [[words=5]]", "idempotencyKey": "probe-1" });
    peek.ask("agent", params).await?;
    let key = format!("sessions/{session}");
    let set = watcher.next("set", |data| data["key"] == key.as_str()).await?;
    assert_eq!(
        (&set["instance"], &set["value"]["agent"]),
        (&json!("default/control-center/default"), &json!("main"))
    );
    is_shown(&runtime, "the session", |picture| picture.contains_key(&key)).await?;
    peek.ask("sessions.delete", json!({ "key": session, "deleteTranscript": true })).await?;
    watcher.next("removed", |data| data["key"] == key.as_str()).await?;

    // What is there stays shown while the gateway is away, and said to be old.
    let second = "agent:helper:probe:default:two";
    let params = json!({ "sessionKey": second, "message": "hello", "idempotencyKey": "probe-2" });
    peek.ask("agent", params).await?;
    let kept = format!("sessions/{second}");
    is_shown(&runtime, "the second session", |picture| picture.contains_key(&kept)).await?;
    drop(peek);
    real.gateway.kill().await?;
    let is_stale = |picture: &BTreeMap<String, Value>| {
        picture["gateway"]["stale"] == true && picture.contains_key(&kept)
    };
    is_shown(&runtime, "that it is old", is_stale).await?;

    // The runtime is killed too; what changed meanwhile is right again when both are back.
    let home = runtime.home().clone();
    // What changed is in its store a second later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    runtime.kill().await?;
    runtime = home.ready().await?;
    is_shown(&runtime, "what the store holds", |picture| {
        picture.get("gateway").is_some_and(|gateway| gateway["stale"] == true) && picture.contains_key(&kept)
    })
    .await?;
    real.gateway.restart().await?;
    let mut peek = Peek::new(&real.gateway).await?;
    peek.ask("sessions.delete", json!({ "key": second, "deleteTranscript": true })).await?;
    is_shown(&runtime, "a fresh picture without it", |picture| {
        is_fresh(picture) && !picture.contains_key(&kept)
    })
    .await?;
    assert_eq!(agents(&state(&runtime).await?), ["agents/helper", "agents/main"]);

    // A guest that is restarted shows it all anew.
    assert!(runtime.ask(&["restart", name]).await?.status.success());
    is_shown(&runtime, "a fresh picture again", is_fresh).await?;
    let status = runtime.status().await?;
    let instance = setup::instance(&status, "default/control-center/default");
    assert_eq!(instance["health"]["failures"], 0, "{instance}");
    assert!(runtime.stop().await?.status.success());
    Ok(())
}
