//! Saving: the picture, and how the connection stands, for the next instance.

use crate::ControlCenter;
use crate::line::{Greeting, Phase};
use sdk::{log, store, timers};
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(crate) const TIMER: &str = "keep";
/// The picture may change many times in a second, and a commit is a write to the disk.
pub(crate) const DELAY: Duration = Duration::from_secs(1);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(10);

/// The key of [`Note`].
pub(crate) const CONNECTION: &str = "connection";

/// How the connection stands.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Note {
    pub(crate) stands: Stands,
    pub(crate) greeting: Option<Greeting>,
    pub(crate) device_token_refused: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stands {
    #[default]
    Closed,
    /// Open, but the gateway has not let us in.
    Open,
    Up,
}

impl ControlCenter {
    /// What of the picture is not saved yet.
    pub(crate) async fn keep(&self) {
        self.memory.with(|memory| memory.is_keeping = false);
        while !self.memory.with(|memory| memory.shelf.is_saved()) {
            let taken = self.memory.with(|memory| memory.shelf.take_unsaved());
            let (changes, keys) = match taken {
                Ok(taken) => taken,
                Err(error) => return log::warn!("could not write the picture down: {error}"),
            };
            if let Err(error) = store::commit(changes).await {
                log::warn!("could not save the picture: {error}");
                self.memory.with(|memory| {
                    memory.shelf.give_back(keys);
                    memory.is_keeping = true;
                });
                if let Err(error) = timers::once(TIMER, AGAIN) {
                    self.memory.with(|memory| memory.is_keeping = false);
                    log::warn!("could not set the timer that saves the picture: {error}");
                }
                return;
            }
        }
    }

    /// At once: an instance that does not know how the connection stands has to dial anew.
    pub(crate) async fn note(&self) {
        let note = self.memory.with(|memory| Note {
            stands: match memory.line.phase() {
                Phase::Up | Phase::Resuming { .. } => Stands::Up,
                Phase::Challenge { .. } | Phase::Hello { .. } | Phase::HalfOpen => Stands::Open,
                Phase::Closed => Stands::Closed,
            },
            greeting: memory.line.greeting.clone(),
            device_token_refused: memory.device_token_refused,
        });
        if let Err(error) = store::set_json(CONNECTION, &note).await {
            log::warn!("could not save how the connection stands: {error}");
        }
    }
}
