//! The connector asks, the operator gives.
use crate::orders::Orders;
use crate::setup::{self, Component, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;
use workbench::{Home, Runtime, Script};

const SPY: &str = "[connectors.spy.accounts.default]\nconfig = { api = \"http://127.0.0.1:1\" }\n";

async fn unapproved(config: &str) -> anyhow::Result<Script> {
    let mut script = setup::script(&[Component::Spy], config).await?;
    script.arguments.clear();
    Ok(script)
}

/// `runtime <arguments> <components> --config … --state …` in this home.
async fn say(home: &Home, arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
    let output = Command::new(&home.script().binary)
        .args(arguments)
        .args(&home.script().components)
        .args(["--config", "runtime.toml", "--state", "state"])
        .current_dir(home.folder())
        .output()
        .await?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(said)?))
}

/// The spy as its author might publish it next: it asks for one URL more, and for one less.
fn next_version(spy: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let mut bytes = std::fs::read(spy)?;
    let (old, new) = (b"{api:ws}/v1/*", b"{api:ws}/v2/*");
    let places: Vec<usize> =
        (0..bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert!(!places.is_empty(), "the rule stands in the component as it is");
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    let path = folder.join("spy-2.wasm");
    std::fs::write(&path, bytes)?;
    Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_unapproved_and_the_line_to_paste_is_enough() -> Result {
    let script = unapproved(SPY).await?;
    let ended = Runtime::start(script.clone()).await?.ended().await?;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    for part in [
        "use http",
        "reach {api}/v1/*",
        "capture badge",
        "sign text with",
        "runtime approve",
        "nothing to run",
    ] {
        assert!(ended.log.contains(part), "{part:?} is not in\n{}", ended.log);
    }
    let line = ended.log.lines().find(|line| line.starts_with("approved = \"sha256:")).unwrap_or_default();
    let line = line.split('#').next().unwrap_or_default().trim();
    let config = format!("{SPY}grants.{line}\n");
    Runtime::ready(unapproved(&config).await?).await?.stop().await?;
    // Another digest is another request.
    let wrong = config.replace("sha256:", "sha256:0").replacen("0\"", "\"", 1);
    let other = format!("{SPY}grants.approved = \"sha256:{}\"\n", "0".repeat(64));
    for config in [wrong, other] {
        let ended = Runtime::start(unapproved(&config).await?).await?.ended().await?;
        assert_eq!(ended.status.code(), Some(1), "{config}\n{}", ended.log);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_that_asks_for_more_waits_for_approval_and_the_others_run() -> Result {
    let orders = Orders::listen().await?;
    let mut script =
        setup::script(&[Component::Imp, Component::Spy], format!("{SPY}{}", orders.config("")?)).await?;
    let first = Home::new(script.clone())?;
    first.ready().await?.stop().await?;

    script.arguments.clear();
    let folder = TempDir::new()?;
    script.components[1] = next_version(&script.components[1], folder.path())?;
    let state = first.state().display().to_string();
    let runtime_of = async |script: &Script| -> anyhow::Result<Runtime> {
        let home = Home::new(script.clone())?;
        std::fs::create_dir_all(home.state())?;
        std::process::Command::new("chmod").args(["700"]).arg(home.state()).status()?;
        std::fs::copy(Path::new(&state).join("approvals.json"), home.state().join("approvals.json"))?;
        home.ready().await
    };
    let runtime = runtime_of(&script).await?;
    let status = runtime.status().await?;
    assert_eq!(status["instances"].as_array().map(Vec::len), Some(1), "the imp runs: {status:#}");
    let missing = &status["not_configured"][0];
    assert_eq!(missing["instance"], "default/spy/default");
    let what = missing["missing"].to_string();
    for part in ["asks for more", "+ reach {api:ws}/v2/*", "- reach {api:ws}/v1/*"] {
        assert!(what.contains(part), "{part:?} is not in {what}");
    }
    let home = runtime.home().clone();
    let (code, said) = say(&home, &["check", "--json"]).await?;
    let checked: Value = serde_json::from_str(&said)?;
    assert_eq!(code, Some(1), "{checked:#}");
    assert_eq!(checked["unapproved"][0]["approved_before"], true);
    let beyond = checked["unapproved"][0]["beyond"].to_string();
    assert!(beyond.contains("/v2/*") && !beyond.contains("/v1/*\""), "only what is new: {beyond}");
    // Beside a runtime that runs: it counts from the next start on.
    assert_eq!(say(&home, &["approve", "--yes"]).await?.0, Some(0));
    runtime.stop().await?;
    let runtime = home.ready().await?;
    assert_eq!(runtime.status().await?["instances"].as_array().map(Vec::len), Some(2));
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_the_operator_is_asked() -> Result {
    let home = Home::new(unapproved(SPY).await?)?;
    let at_terminal = async |answer: &str, arguments: &str| -> anyhow::Result<(Option<i32>, String)> {
        let components = home.script().components[0].display();
        let binary = home.script().binary.display();
        let command = format!("{binary} {arguments} {components} --config runtime.toml --state state");
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).current_dir(home.folder());
        script.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).kill_on_drop(true);
        let mut child = script.spawn()?;
        let mut input = child.stdin.take().expect("piped");
        tokio::io::AsyncWriteExt::write_all(&mut input, answer.as_bytes()).await?;
        let output = child.wait_with_output().await?;
        drop(input);
        Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let (code, said) = at_terminal("y\n", "run").await?;
    assert!(
        said.contains("default/spy/default asks to (") && said.contains("type the connector's name (spy)"),
        "{said}"
    );
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = at_terminal("spy\n", "approve").await?;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = at_terminal("", "approve").await?;
    assert!(code == Some(0) && said.contains("nothing to approve"), "{said}");
    home.ready().await?.stop().await?;
    // What was given can be taken back.
    let mut revoke = Command::new(&home.script().binary);
    let revoked =
        revoke.args(["revoke", "spy", "--state", "state"]).current_dir(home.folder()).output().await?;
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(home.start()?.ended().await?.status.code(), Some(1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_would_run_and_starts_nothing() -> Result {
    let home = Home::new(unapproved(SPY).await?)?;
    let (code, said) = say(&home, &["check"]).await?;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("default/spy/default is not approved") && said.contains("nothing would start"),
        "{said}"
    );
    assert!(!home.state().exists(), "nothing is written");
    let written = "grants = { capabilities = [\"crypto\", \"http\", \"websocket\"], urls = [\"GET http://127.0.0.1:1/v1/x\"], \
                   secrets = { token = [], badge = [], stamp = [] } }";
    let home = Home::new(unapproved(&format!("{SPY}{written}\n")).await?)?;
    let (code, said) = say(&home, &["check"]).await?;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("may reach GET http://127.0.0.1:1/v1/x"), "{said}");
    assert!(said.contains("asks to reach {api}/v1/*: not granted"), "{said}");
    let narrow = written.replace("\"crypto\", ", "");
    let home = Home::new(unapproved(&format!("{SPY}{narrow}\n")).await?)?;
    let (code, said) = say(&home, &["check"]).await?;
    assert!(code == Some(1) && said.contains("crypto"), "{said}");
    let home = Home::new(unapproved("[connectors.spy.accounts.default]\nconfgi = {}\n").await?)?;
    let (code, said) = say(&home, &["check"]).await?;
    assert!(code == Some(1) && said.contains("did you mean") && said.contains("runtime.toml:2:1"), "{said}");
    Ok(())
}
