//! `runtime mcp`: a runtime's tools for whoever starts this as his server of tools.
use super::far::Far;
use crate::cli;
use std::process::ExitCode;
use tokio::io::{stdin, stdout};

/// Until the client closes.
pub async fn stdio(asked: &cli::Mcp) -> anyhow::Result<ExitCode> {
    let far = Far::new(asked.state.folder.clone(), asked.endpoint.clone()).await?;
    tokio::select! {
        done = mcp::stdio(far.clone(), stdin(), stdout()) => done?,
        () = far.follow() => {}
    }
    Ok(ExitCode::SUCCESS)
}
