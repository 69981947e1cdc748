//! `runtime deadletters`: what could not be delivered. Without a running runtime the list is still there; only trying
//! again needs one.
use super::client::{self, NotRunning};
use super::morgue::Morgue;
use super::{DeadRequest, Request};
use crate::cli::DeadlettersCommand as Command;
use crate::state_dir::StateDir;
use crate::table;
use anyhow::bail;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub async fn ask(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { instance, json, state } => {
            let letters = request(&state.folder, DeadRequest::List { instance }).await?;
            match json {
                true => out!("{}", serde_json::to_string_pretty(&letters)?),
                false => out_as_is!("{}", table::dead_letters(&letters)),
            }
        }
        Command::Show { id, state } => {
            let letter = request(&state.folder, DeadRequest::Show { id }).await?;
            out_as_is!("{}", table::dead_letter(&letter));
        }
        Command::Retry { ids, state } => {
            let mut failed = 0;
            for id in ids {
                let answer = request(&state.folder, DeadRequest::Retry { id }).await?;
                match answer["rejected"].as_str() {
                    None => out!("{id}: sent again"),
                    Some(why) => {
                        failed += 1;
                        out!("{id}: stays: {}", table::clean(why));
                    }
                }
            }
            if failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Drop { ids, state } => {
            for id in ids {
                request(&state.folder, DeadRequest::Drop { id }).await?;
                out!("{id}: dropped");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the runtime; where none runs, looks into the journal itself.
async fn request(folder: &Path, asked: DeadRequest) -> anyhow::Result<Value> {
    let asked = match client::try_ask(folder, Request::Dead(asked)).await {
        Ok(answer) => return answer,
        Err(NotRunning(Request::Dead(asked))) => asked,
        Err(NotRunning(_)) => bail!("the runtime ended"),
    };
    if !folder.exists() {
        bail!("there is no state directory {} (another one? say --state DIR)", folder.display());
    }
    let state = StateDir::lock(folder)?;
    let answer = Morgue::new(Arc::new(state.journal()?), None).answer(asked).await;
    answer.map_err(anyhow::Error::msg)
}
