//! Secrets that change while connectors run: those of files, and those that arrive.
use crate::reach::{Lay, Siege, owned};
use crate::setup::Result;
use platforms::fort::Answer;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const LINE: &str = "secrets.token = { file = \"token.txt\" }\n";

async fn siege() -> anyhow::Result<Siege> {
    let files = owned(&[("token.txt", "f1rst-value\n")]);
    Siege::of(Lay { account: LINE.into(), files, ..Lay::default() }).await
}

fn token() -> Value {
    json!([{ "secret": "token", "at": "header:authorization" }])
}

/// As an orchestrator does it: a new file under the old name.
fn rotate(folder: &Path, value: &str) -> anyhow::Result<()> {
    fs::write(folder.join("token.new"), value)?;
    Ok(fs::rename(folder.join("token.new"), folder.join("token.txt"))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_is_used_from_the_next_request_on() -> Result {
    let mut siege = siege().await?;
    let ask = json!({ "url": siege.url("/v1/x"), "fills": token() });
    siege.fetch(&ask).await?;
    rotate(siege.runtime.folder(), "s3cond-value\n")?;
    siege.runtime.said("a secret was rotated").await?;
    siege.fetch(&ask).await?;
    let sent: Vec<String> = siege
        .fort
        .requests()
        .iter()
        .map(|it| it.header("authorization").unwrap_or_default().into())
        .collect();
    assert_eq!(sent, ["f1rst-value", "s3cond-value"]);
    // The old one is still a secret.
    siege.fort.answer("/v1/", Answer::Json(200, json!({ "old": "f1rst-value", "new": "s3cond-value" })));
    assert_eq!(siege.fetch(&ask).await?["body"], r#"{"new":"[redacted]","old":"[redacted]"}"#);
    // A file that is gone or empty takes nothing away.
    rotate(siege.runtime.folder(), "")?;
    siege.runtime.said("the former value stays").await?;
    assert_eq!(siege.fetch(&ask).await?["status"], 200);
    let log = siege.runtime.stop().await?.log;
    assert!(!log.contains("f1rst") && !log.contains("s3cond"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_was_refused_logs_in_with_the_new_secret() -> Result {
    let siege = siege().await?;
    siege.fort.refuse_upgrades(401);
    let wish = json!({ "name": "s", "url": siege.socket("/v1/ws"), "fills": token() });
    assert_eq!(siege.runtime.call("spy", "spy_subscribe", &wish).await?, "ok");
    siege.hears("it", |heard| heard.contains(&"s closed Refused(401) again false".to_owned())).await?;
    siege.fort.accept_upgrades();
    rotate(siege.runtime.folder(), "s3cond-value\n")?;
    siege.fort.until("the second dial", |record| record.requests().len() == 2).await;
    assert_eq!(siege.fort.requests()[1].header("authorization"), Some("s3cond-value"));
    siege.runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_arrives_is_used_unseen_and_outlives_the_process() -> Result {
    let mut siege = Siege::lay(&[]).await?;
    let badge = json!([{ "secret": "badge", "at": "header:x-badge" }]);
    let ask = json!({ "url": siege.url("/v1/x"), "fills": badge });
    let early = siege.fetch(&ask).await?;
    assert!(early["error"].as_str().is_some_and(|error| error.contains("has not arrived")), "{early}");
    let paired = json!({ "ok": true, "auth": { "badge": "b4dge-value-1" }, "again": "b4dge-value-1" });
    siege.fort.answer("/v1/pair", Answer::Json(200, paired));
    let said = siege.fetch(&json!({ "method": "POST", "url": siege.url("/v1/pair") })).await?;
    assert_eq!(said["body"], r#"{"again":"[redacted]","auth":{"badge":"[captured]"},"ok":true}"#);
    siege.runtime.said("what arrived of a secret is kept").await?;
    assert_eq!(siege.fetch(&ask).await?["status"], 200);
    siege.runtime = siege.runtime.killed_and_started_again().await?;
    assert_eq!(siege.fetch(&ask).await?["status"], 200, "after kill -9");
    // Another one, over a socket.
    siege
        .runtime
        .call("spy", "spy_subscribe", &json!({ "name": "s", "url": siege.socket("/v1/ws") }))
        .await?;
    siege.fort.until("the socket", |record| record.requests().iter().any(|request| request.is_upgrade)).await;
    siege.push(r#"{"type":"paired","auth":{"badge":"b4dge-value-2"}}"#).await?;
    siege
        .hears("it", |heard| {
            heard.contains(&r#"s said {"auth":{"badge":"[captured]"},"type":"paired"}"#.to_owned())
        })
        .await?;
    siege.fetch(&ask).await?;
    let sent: Vec<String> = siege
        .fort
        .requests()
        .iter()
        .filter_map(|request| Some(request.header("x-badge")?.to_owned()))
        .collect();
    assert_eq!(sent, ["b4dge-value-1", "b4dge-value-1", "b4dge-value-2"]);
    let mut state = Vec::new();
    files(&siege.runtime.home().state(), &mut state)?;
    for (path, bytes) in state {
        assert!(!bytes.windows(6).any(|window| window == b"b4dge-"), "{path} holds it in plain");
    }
    let log = siege.runtime.stop().await?.log;
    assert!(!log.contains("b4dge"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_replaces_what_the_operator_gave_until_he_gives_another() -> Result {
    let account = "secrets.badge = { file = \"token.txt\" }\n".to_owned();
    let files = owned(&[("token.txt", "pr0vided-one\n")]);
    let mut siege = Siege::of(Lay { account, files, ..Lay::default() }).await?;
    let ask = json!({ "url": siege.url("/v1/x"), "fills": [{ "secret": "badge", "at": "header:x-badge" }] });
    siege.fetch(&ask).await?;
    siege.fort.answer("/v1/pair", Answer::Json(200, json!({ "auth": { "badge": "4rrived-two" } })));
    siege.fetch(&json!({ "method": "POST", "url": siege.url("/v1/pair") })).await?;
    siege.runtime.said("what arrived of a secret is kept").await?;
    siege.fetch(&ask).await?;
    siege.runtime = siege.runtime.killed_and_started_again().await?;
    siege.fetch(&ask).await?;
    rotate(siege.runtime.folder(), "pr0vided-three\n")?;
    siege.runtime.said("a secret was rotated").await?;
    siege.fetch(&ask).await?;
    siege.runtime.said("what arrived of a secret is kept").await?;
    siege.runtime = siege.runtime.killed_and_started_again().await?;
    siege.fetch(&ask).await?;
    let sent: Vec<String> = siege
        .fort
        .requests()
        .iter()
        .filter_map(|request| Some(request.header("x-badge")?.to_owned()))
        .collect();
    assert_eq!(sent, ["pr0vided-one", "4rrived-two", "4rrived-two", "pr0vided-three", "pr0vided-three"]);
    siege.runtime.stop().await?;
    Ok(())
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) -> Result {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => files(&path, found)?,
            false => found.push((path.display().to_string(), fs::read(&path).unwrap_or_default())),
        }
    }
    Ok(())
}
