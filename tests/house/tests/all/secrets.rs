//! The token is used and never seen.
use crate::setup::{self, Component, Result, chat};
use platforms::occum::{Agent, Occum};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use workbench::Runtime;

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_nowhere_in_the_memory_of_the_connector_that_uses_it() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = setup::connected(&occum, &agent).await?;
    chat(&occum, &agent, "a-word-that-is-there", 1).await?;
    runtime.call("occum", "occum_list_channels", &json!({})).await?;
    let memories = guest_memories(runtime.pid()?)?;
    assert!(!memories.is_empty(), "no guest memory was found");
    let found = |what: &str| memories.iter().any(|memory| contains(memory, what.as_bytes()));
    assert!(found(&agent.id), "the scan finds what the guest does hold");
    assert!(!found(&agent.token), "the token is in guest memory");
    assert!(!runtime.log().contains(&agent.token), "the token is in the log");
    assert!(occum.record(|record| record.frames_of("auth").len()) > 0, "and yet it was used");
    runtime.stop().await?;
    Ok(())
}

/// The imp, granted the same token for the header of the same endpoints.
async fn thief(occum: &Occum, agent: &Agent) -> anyhow::Result<Runtime> {
    let config = format!(
        "[connectors.imp.accounts.default]\nconfig = {{ api = \"{}\" }}\nsecrets.token = {{ env = \"TOKEN\" }}\n\
         grants = {{ private = [\"127.0.0.0/8\"] }}\n",
        occum.url()
    );
    let mut script = setup::script(&[Component::Imp], config).await?;
    script.environment.push(("TOKEN".into(), agent.token.clone()));
    Runtime::ready(script).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_asks_to_publish_the_token_is_refused() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = thief(&occum, &agent).await?;
    let messages = format!("{}/v1/channels/{}/messages", occum.url(), agent.control_channel);
    let fetch = |at: &str, url: &str| {
        json!({ "method": "POST", "url": url, "body": "{\"text\":\"x\"}", "fills": [{ "secret": "token", "at": at }],
            "headers": [["content-type", "application/json"]] })
    };
    for at in ["json:/text", "query:text", "header:x-copy", "header:cookie"] {
        let answer = runtime.call("imp", "imp_fetch", &fetch(at, &messages)).await?;
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.starts_with("Denied"), "{at}: {answer}");
    }
    assert_eq!(occum.record(|record| record.requests_count()), 0, "nothing was sent");
    let honest = json!({ "method": "POST", "url": messages, "body": "{\"text\":\"hello\"}",
        "headers": [["content-type", "application/json"]],
        "fills": [{ "secret": "token", "at": "header:authorization", "form": "bearer" }] });
    assert_eq!(runtime.call("imp", "imp_fetch", &honest).await?["status"], 201);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_searches_its_own_memory_finds_no_token() -> Result {
    let (occum, agent) = setup::platform().await?;
    let runtime = thief(&occum, &agent).await?;
    let fetch = json!({ "method": "GET", "url": format!("{}/v1/agents/me", occum.url()),
        "fills": [{ "secret": "token", "at": "header:authorization", "form": "bearer" }] });
    let answer = runtime.call("imp", "imp_fetch", &fetch).await?;
    assert_eq!(answer["status"], 200, "{answer}");
    let masked = |text: &str| json!({ "masked": text.bytes().map(|byte| byte ^ 0x55).collect::<Vec<_>>() });
    let none = runtime.call("imp", "imp_scan", &masked(&agent.token)).await?;
    assert_eq!(none["found"], json!([]), "{none}");
    let some = runtime.call("imp", "imp_scan", &masked("imp_fetch")).await?;
    assert_ne!(some["found"], json!([]), "the search finds what is there");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_is_not_reached() -> Result {
    let (occum, agent) = setup::platform().await?;
    let (other, _) = setup::platform().await?;
    let runtime = thief(&occum, &agent).await?;
    let ask = async |url: String| -> anyhow::Result<Value> {
        runtime.call("imp", "imp_fetch", &json!({ "method": "GET", "url": url })).await
    };
    for url in [
        format!("{}/v1/agents/me", other.url()),
        format!("{}/v2/agents/me", occum.url()),
        format!("{}/v1/../v2/x", occum.url()),
        occum.url().replace("127.0.0.1", "localhost") + "/v1/agents/me",
        "http://169.254.169.254/v1/meta".into(),
    ] {
        let answer = ask(url.clone()).await?;
        assert!(answer["error"].as_str().is_some_and(|error| error.starts_with("Denied")), "{url}: {answer}");
    }
    assert_eq!(other.record(|record| record.connections_opened()), 0);
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_range_stays_closed_when_the_name_is_granted() -> Result {
    let (occum, agent) = setup::platform().await?;
    let config = setup::occum_config(&occum).replace("private = [\"127.0.0.0/8\"]", "");
    let mut script = setup::script(&[Component::Occum], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), agent.token.clone()));
    let runtime = Runtime::ready(script).await?;
    runtime
        .status_until("denied", |status| {
            let socket = &setup::instance(status, "default/occum/default")["rooms"]["websocket"]["events"];
            socket["last_error"].as_str().is_some_and(|error| error.contains("denied"))
        })
        .await?;
    assert_eq!(occum.record(|record| record.connections_opened()), 0);
    runtime.stop().await?;
    Ok(())
}

fn contains(memory: &[u8], what: &[u8]) -> bool {
    memory.windows(what.len()).any(|window| window == what)
}

/// The linear memories of a process: readable mappings that are followed by the gigabytes of address space which
/// wasmtime reserves behind each.
pub fn guest_memories(pid: u32) -> anyhow::Result<Vec<Vec<u8>>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let regions: Vec<(u64, u64, bool)> = maps.lines().filter_map(region).collect();
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut found = Vec::new();
    for (at, (start, end, readable)) in regions.iter().enumerate() {
        if !readable {
            continue;
        }
        // A memory may be several mappings in a row: what is its image, and what it grew by.
        let mut next = at + 1;
        let mut reach = *end;
        while regions.get(next).is_some_and(|(from, _, readable)| *from == reach && *readable) {
            reach = regions[next].1;
            next += 1;
        }
        let reserved = regions
            .get(next)
            .is_some_and(|(from, to, readable)| *from == reach && !readable && to - from > 1 << 30);
        if reserved {
            let mut bytes = vec![0; (end - start) as usize];
            memory.seek(SeekFrom::Start(*start))?;
            memory.read_exact(&mut bytes)?;
            found.push(bytes);
        }
    }
    Ok(found)
}

fn region(line: &str) -> Option<(u64, u64, bool)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let hex = |text| u64::from_str_radix(text, 16).ok();
    Some((hex(start)?, hex(end)?, rest.starts_with('r')))
}
