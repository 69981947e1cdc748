//! What a new operator gets to read.
use crate::setup::{self, Component, Result};
use workbench::Runtime;

/// Runs with this configuration, which is wrong, and returns what was said.
async fn refused(config: &str) -> anyhow::Result<String> {
    let mut script = setup::script(&[Component::Occum], config).await?;
    script.arguments.clear();
    let ended = Runtime::start(script).await?.ended().await?;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.log);
    Ok(ended.log)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_gets_its_place_and_what_was_meant() -> Result {
    let said = refused(
        "[connectors.ocum.accounts.default]\nconfig = { apiUrl = \"http://127.0.0.1:1\" }\n\n\
         [connectors.occum.accounts.main]\nconfgi = {}\nsecrets.agentToken = \"occ_literal\"\n",
    )
    .await?;
    assert!(said.contains("runtime.toml:5:1"), "{said}");
    assert!(said.contains("confgi") && said.contains("did you mean"), "{said}");
    assert!(said.contains("{ env = ") && !said.contains("occ_literal"), "{said}");
    assert!(said.contains("nothing was started"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_connectors_schema_refuses_is_named() -> Result {
    let said = refused(
        "[connectors.occum.accounts.default]\nconfig = { apiUrl = \"ftp://x\", colour = \"red\" }\n\
         secrets.agentToken = { env = \"HOME\" }\n",
    )
    .await?;
    assert!(said.contains("apiUrl") && said.contains("colour"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_grants_the_lines_to_paste_are_shown() -> Result {
    let said = refused(
        "[connectors.occum.accounts.default]\nconfig = { apiUrl = \"http://127.0.0.1:1\" }\n\
         secrets.agentToken = { env = \"HOME\" }\n",
    )
    .await?;
    assert!(said.contains("POST http://127.0.0.1:1/v1/channels/*/messages"), "{said}");
    assert!(said.contains("ws://127.0.0.1:1/v1/ws") && said.contains("runtime approve"), "{said}");
    assert!(said.contains("approved = \"sha256:"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_configured_is_listed_and_the_others_start() -> Result {
    let orders = crate::orders::Orders::listen().await?;
    let script = setup::script(&[Component::Imp, Component::Occum], orders.config("")?).await?;
    let runtime = Runtime::ready(script).await?;
    assert!(runtime.log().contains("not configured"), "{}", runtime.log());
    let status = runtime.status().await?;
    assert_eq!(status["not_configured"][0]["instance"], "default/occum/default");
    let table = String::from_utf8(runtime.ask(&["status"]).await?.stdout)?;
    assert!(
        table.contains("default/occum/default is not configured") && table.contains("agentToken"),
        "{table}"
    );
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_connector_is_said_so() -> Result {
    let mut script = setup::script(&[Component::Imp], "").await?;
    let folder = tempfile::TempDir::new()?;
    for (name, bytes, said) in [
        ("text.wasm", &b"hello"[..], "magic header not detected"),
        ("core.wasm", b"\0asm\x01\0\0\0", "a wasm module with a component parser"),
        ("empty.wasm", b"\0asm\x0d\0\x01\0", "it is not a connector"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes)?;
        script.components = vec![path];
        let ended = Runtime::start(script.clone()).await?.ended().await?;
        assert!(
            !ended.status.success() && ended.log.contains(said) && ended.log.contains(name),
            "{}",
            ended.log
        );
    }
    Ok(())
}
