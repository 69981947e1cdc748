//! The SDK and the connectors are workspaces of their own; one command still runs all tests.
use crate::setup::Result;
use tokio::process::Command;

async fn passes(folder: &str) -> Result {
    let folder = workbench::root().join(folder);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--workspace", "--quiet", "--target-dir", "target"])
        .current_dir(&folder)
        .output()
        .await?;
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_passes_its_tests() -> Result {
    passes("sdk").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connectors_pass_their_tests() -> Result {
    passes("connectors").await
}
