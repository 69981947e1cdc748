//! The dead letters, for whoever asks: a running runtime, or a command that has the state directory to itself.
use super::DeadRequest;
use crate::supervisor::View;
use contract::Reviver;
use journal::Sqlite;
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, DeadLetter, Journal, Record};
use ports::mailbox::Settled;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// Of one instance: all that the journal keeps.
const LISTED: usize = 10_000;

/// How long an asker waits for a letter that is delivered again; it goes on without him.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the letters are, and who could deliver them.
#[derive(Clone)]
pub struct Morgue {
    disk: Arc<Sqlite>,
    /// `None`: nothing runs.
    view: Option<View>,
    /// Letters that are on their way again.
    under_way: Arc<Mutex<BTreeSet<i64>>>,
}

impl Morgue {
    pub fn new(disk: Arc<Sqlite>, view: Option<View>) -> Self {
        Self { disk, view, under_way: Arc::default() }
    }

    pub async fn answer(&self, asked: DeadRequest) -> Result<Value, String> {
        match asked {
            DeadRequest::List { instance } => self.list(instance.as_deref()).await,
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

    async fn list(&self, name: Option<&str>) -> Result<Value, String> {
        let standings = self.disk.summary().await.map_err(|error| error.to_string())?;
        let wanted = |id: &InstanceId| name.is_none_or(|name| meant(id, name));
        let mut letters = Vec::new();
        for standing in standings.iter().filter(|standing| standing.dead > 0 && wanted(&standing.instance)) {
            let dead = self.disk.dead(Some(&standing.instance), LISTED).await;
            letters.extend(dead.map_err(|error| error.to_string())?.iter().map(summary));
        }
        letters.sort_by_key(|letter| letter["id"].as_i64());
        Ok(letters.into())
    }

    /// Goes on when nobody waits for it any more.
    async fn retry(&self, id: i64) -> Result<Value, String> {
        let letter = self.letter(id).await?;
        let instance = &letter.instance;
        let Some(view) = &self.view else {
            return Err(format!("start the runtime first: {instance} must run to deliver it"));
        };
        let reviver = view.reviver(instance, &letter.room);
        let reviver = reviver.ok_or_else(|| format!("{instance} does not run, so nobody can deliver it"))?;
        if !self.under_way().insert(id) {
            return Err(format!("{id} is on its way already"));
        }
        let morgue = self.clone();
        let trying = tokio::spawn(async move {
            let tried = morgue.try_again(letter, reviver).await;
            morgue.under_way().remove(&id);
            tried
        });
        match timeout(PATIENCE, trying).await {
            Ok(Ok(tried)) => tried,
            Ok(Err(_)) => Err("the runtime ended".into()),
            Err(_) => Err(format!("no answer within {} s; it is still being tried", PATIENCE.as_secs())),
        }
    }

    async fn try_again(&self, letter: DeadLetter, reviver: Reviver) -> Result<Value, String> {
        let DeadLetter { id, body, mut past, .. } = letter;
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

    fn under_way(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn letter(&self, id: i64) -> Result<DeadLetter, String> {
        let letter = self.disk.dead_letter(id).await.map_err(|error| error.to_string())?;
        letter.ok_or_else(|| {
            format!("there is no dead letter {id}; `runtime deadletters list` shows which there are")
        })
    }

    async fn write(&self, record: Record) -> Result<(), String> {
        self.disk.append(Batch::must(vec![record])).await.map(drop).map_err(|error| error.to_string())
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
