//! The state directory, the control socket and the small commands.
use crate::orders::Orders;
use crate::setup::{self, Component, Result};
use std::os::unix::fs::PermissionsExt;
use workbench::Runtime;

async fn imp() -> anyhow::Result<(Orders, Runtime)> {
    let orders = Orders::listen().await?;
    let runtime = Runtime::ready(setup::script(&[Component::Imp], orders.config("")?).await?).await?;
    Ok((orders, runtime))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_for_its_owner_and_for_one_runtime() -> Result {
    let (_orders, runtime) = imp().await?;
    let mode = |path: &str| -> anyhow::Result<u32> {
        Ok(std::fs::metadata(runtime.folder().join(path))?.permissions().mode() & 0o777)
    };
    assert_eq!((mode("state")?, mode("state/control.sock")?, mode("state/lock")?), (0o700, 0o600, 0o600));
    assert_eq!((mode("state/artifacts")?, mode("state/artifacts/key")?), (0o700, 0o600));
    let wasm = workbench::guest("imp")?;
    let second = runtime.ask(&["run", &wasm.to_string_lossy()]).await?;
    let said = String::from_utf8(second.stderr)?;
    assert!(
        !second.status.success() && said.contains("another runtime uses the state directory state"),
        "{said}"
    );
    let folder = runtime.folder().to_owned();
    let socket = folder.join("state/control.sock");
    assert!(socket.exists());
    assert!(runtime.stop().await?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_directory_that_others_may_use_is_refused() -> Result {
    let script = setup::script(&[Component::Imp], "").await?;
    let folder = tempfile::TempDir::new()?;
    std::fs::create_dir(folder.path().join("state"))?;
    std::fs::set_permissions(folder.path().join("state"), std::fs::Permissions::from_mode(0o755))?;
    let output = tokio::process::Command::new(&script.binary)
        .args(["run", "--state", "state"])
        .args(&script.components)
        .current_dir(folder.path())
        .output()
        .await?;
    let said = String::from_utf8(output.stderr)?;
    assert!(!output.status.success() && said.contains("chmod 700 state"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_tools_are_called_and_what_is_not_there_is_said() -> Result {
    let (_orders, runtime) = imp().await?;
    let said = async |arguments: &[&str]| -> anyhow::Result<(bool, String)> {
        let output = runtime.ask(arguments).await?;
        let text = if output.status.success() { output.stdout } else { output.stderr };
        Ok((output.status.success(), String::from_utf8(text)?.trim().to_owned()))
    };
    assert_eq!(said(&["call", "imp", "/echo", "hi"]).await?, (true, "you said hi".into()));
    assert_eq!(said(&["call", "default/imp/default", "/echo", "hi"]).await?, (true, "you said hi".into()));
    let unknown = said(&["call", "imp", "nope"]).await?;
    assert!(
        !unknown.0
            && unknown.1.contains("has no tool \"nope\"; it has imp_fetch, imp_send, imp_scan, imp_dispatch"),
        "{unknown:?}"
    );
    let nobody = said(&["call", "ipm", "/echo"]).await?;
    assert!(!nobody.0 && nobody.1.contains("there is: default/imp/default"), "{nobody:?}");
    let bad = said(&["call", "imp", "imp_fetch", "not json"]).await?;
    assert!(!bad.0 && bad.1.contains("not a JSON object"), "{bad:?}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_without_an_agent_handler_cannot_send_by_itself() -> Result {
    let orders = Orders::listen().await?;
    let config = orders.config("")?.replace("connectors.imp", "connectors.trapper");
    let runtime = Runtime::ready(setup::script(&[Component::Trapper], config).await?).await?;
    let output = runtime.ask(&["send", "trapper", "x", "y"]).await?;
    let said = String::from_utf8(output.stderr)?;
    assert!(!output.status.success() && said.contains("cannot send by itself"), "{said}");
    runtime.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inspect_shows_what_a_component_can_and_asks() -> Result {
    let script = setup::script(&[Component::Occum, Component::Trapper], "").await?;
    let inspect = async |component| -> anyhow::Result<String> {
        let mut command = tokio::process::Command::new(&script.binary);
        let output = command.arg("inspect").arg(component).output().await?;
        Ok(String::from_utf8(output.stdout)?)
    };
    let said = inspect(&script.components[0]).await?;
    for part in [
        "Occum.net (occum 0.1.0)",
        "use websocket",
        "approved = \"sha256:",
        "POST {apiUrl}/v1/channels/*/messages",
        "agentToken (required)",
        "JSON pointer /token of {apiUrl:ws}/v1/ws",
        "occum_send_message",
        "[connectors.occum.accounts.default]",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    let said = inspect(&script.components[1]).await?;
    assert!(!said.contains("use http"), "it cannot use what it does not import:\n{said}");
    Ok(())
}
