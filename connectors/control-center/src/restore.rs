//! The memory of a new instance, from what an earlier one left in the store.

use crate::agent::Agent;
use crate::config::Settings;
use crate::keep::{CONNECTION, Note, Stands};
use crate::line::{Line, Phase};
use crate::memory::Memory;
use crate::now_ms;
use crate::picture::{Part, Picture};
use crate::presence::Presence;
use crate::refresh::Refresh;
use crate::session::Session;
use crate::sessions::Listing;
use crate::shelf::Shelf;
use crate::show::key;
use sdk::store::{self, Error};
use sdk::timers;
use serde::de::DeserializeOwned;

/// As the store allows.
const PAGE: u32 = 1000;

/// # Errors
/// Those of the store, but not for values that nobody can read: those are forgotten.
pub(crate) async fn memory(settings: &Settings) -> Result<Memory, Error> {
    let note = read::<Note>(CONNECTION).await?.unwrap_or_default();
    let (mut picture, mut shelf) = (Picture::new(settings.sessions), Shelf::default());
    for found in all::<Agent>("agents/", &mut shelf, |agent| Part::Agent(agent.id.clone())).await? {
        picture.restore_agent(found);
    }
    for found in
        all::<Presence>("presence/", &mut shelf, |presence| Part::Presence(presence.id.clone())).await?
    {
        picture.restore_presence(found);
    }
    let sessions =
        all::<Session>("sessions/", &mut shelf, |session| Part::Session(session.key.clone())).await?;
    let kept: Vec<_> = sessions.iter().map(|session| session.key.clone()).collect();
    let listed = sessions.into_iter().map(|session| (session.key.clone(), session)).collect();
    picture.set_sessions(listed, &Default::default());
    // Fewer may be shown than were.
    for part in picture.take_touched().into_iter().chain(kept.into_iter().map(Part::Session)) {
        shelf.put(key(&part), picture.value(&part));
    }
    let phase = match note.stands {
        Stands::Closed => Phase::Closed,
        Stands::Open => Phase::HalfOpen,
        Stands::Up => Line::resuming(now_ms()),
    };
    let line = Line::new(phase, note.greeting, timers::now_ms().saturating_mul(1000));
    let mut memory = Memory::new(line, picture, shelf, Refresh::new(Listing::new(settings.sessions)));
    memory.device_token_refused = note.device_token_refused;
    Ok(memory)
}

/// All of one kind. What is under a key that is not its own does not stay.
async fn all<T: DeserializeOwned + serde::Serialize>(
    prefix: &str,
    shelf: &mut Shelf,
    part: impl Fn(&T) -> Part,
) -> Result<Vec<T>, Error> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let keys = store::list(prefix, after.as_deref(), PAGE).await?;
        for name in &keys {
            match read::<T>(name).await? {
                Some(value) if key(&part(&value)) == *name => {
                    shelf.restore(name.clone(), serde_json::json!(value));
                    found.push(value);
                }
                _ => shelf.discard(name.clone()),
            }
        }
        after = keys.last().cloned();
        if keys.len() < PAGE as usize {
            return Ok(found);
        }
    }
}

async fn read<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    match store::get_json(key).await {
        Err(Error::Invalid(_)) => Ok(None),
        other => other,
    }
}
