//! `runtime deadletters`: what could not be delivered. Without a running runtime the list is still there; only trying
//! again needs one.
use super::client::{self, NotRunning};
use super::{DeadRequest, Request};
use crate::cli::DeadlettersCommand as Command;
use crate::state_dir::StateDir;
use crate::supervisor::View;
use crate::table;
use anyhow::bail;
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, DeadLetter, Journal, Record};
use ports::mailbox::Settled;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Most that are listed; there may be more.
const LISTED: usize = 1000;

/// Where the letters are, and who could deliver them.
pub struct Morgue {
    pub journal: Arc<dyn Journal>,
    /// `None`: nothing runs.
    pub view: Option<View>,
}

pub async fn ask(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { instance, json, state } => {
            let letters = request(&state.folder, DeadRequest::List { instance }).await?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(&letters)?),
                false => print!("{}", table::dead_letters(&letters)),
            }
        }
        Command::Show { id, state } => {
            let letter = request(&state.folder, DeadRequest::Show { id }).await?;
            print!("{}", table::dead_letter(&letter));
        }
        Command::Retry { ids, state } => {
            let mut failed = 0;
            for id in ids {
                let answer = request(&state.folder, DeadRequest::Retry { id }).await?;
                match answer["rejected"].as_str() {
                    None => println!("{id}: delivered"),
                    Some(why) => {
                        failed += 1;
                        println!("{id}: stays: {}", table::clean(why));
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
                println!("{id}: dropped");
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
    let journal = Arc::new(state.journal()?);
    let answer = Morgue { journal, view: None }.answer(asked).await;
    answer.map_err(anyhow::Error::msg)
}

impl Morgue {
    pub async fn answer(&self, asked: DeadRequest) -> Result<Value, String> {
        match asked {
            DeadRequest::List { instance } => {
                let all = self.journal.dead(None, LISTED).await.map_err(|error| error.to_string())?;
                let wanted = |letter: &&DeadLetter| match &instance {
                    Some(name) => meant(&letter.instance, name),
                    None => true,
                };
                Ok(all.iter().filter(wanted).map(summary).collect())
            }
            DeadRequest::Show { id } => {
                let letter = self.letter(id).await?;
                let mut shown = summary(&letter);
                shown["history"] = json!(letter.past.setbacks);
                shown["body"] = match serde_json::from_slice::<Value>(&letter.body) {
                    Ok(body) => body,
                    Err(_) => json!(String::from_utf8_lossy(&letter.body)),
                };
                Ok(shown)
            }
            DeadRequest::Retry { id } => self.retry(id).await,
            DeadRequest::Drop { id } => {
                self.letter(id).await?;
                self.write(Record::DeadGone { id }).await?;
                Ok(json!({}))
            }
        }
    }

    async fn retry(&self, id: i64) -> Result<Value, String> {
        let DeadLetter { instance, room, body, mut past, .. } = self.letter(id).await?;
        let Some(view) = &self.view else {
            return Err(format!("start the runtime first: {instance} must run to deliver it"));
        };
        let reviver = view.reviver(&instance, &room);
        let reviver = reviver.ok_or_else(|| format!("{instance} does not run, so nobody can deliver it"))?;
        match reviver(body, past.clone()).await? {
            Settled::Done => {
                self.write(Record::DeadGone { id }).await?;
                Ok(json!({}))
            }
            Settled::Rejected(reason) => {
                past.fails(epoch_ms(), format!("tried again by the operator: {reason}"));
                self.write(Record::DeadAgain { id, reason: reason.clone(), past }).await?;
                Ok(json!({ "rejected": reason }))
            }
        }
    }

    async fn letter(&self, id: i64) -> Result<DeadLetter, String> {
        let letter = self.journal.dead_letter(id).await.map_err(|error| error.to_string())?;
        letter.ok_or_else(|| {
            format!("there is no dead letter {id}; `runtime deadletters list` shows which there are")
        })
    }

    async fn write(&self, record: Record) -> Result<(), String> {
        self.journal.append(Batch::of(vec![record])).await.map(drop).map_err(|error| error.to_string())
    }
}

fn summary(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id, "instance": letter.instance.to_string(), "room": letter.room, "what": letter.about,
        "reason": letter.reason, "unix_ms": letter.at_ms, "attempts": letter.past.attempts,
        "deaths": letter.past.deaths,
    })
}

/// `connector`, `connector/account` or `tenant/connector/account`.
fn meant(id: &InstanceId, name: &str) -> bool {
    let parts = [&*id.tenant, &*id.connector, &*id.account];
    let named: Vec<&str> = name.split('/').collect();
    match named[..] {
        [connector] => connector == parts[1],
        [_, _] | [_, _, _] => parts.ends_with(&named),
        _ => false,
    }
}
