//! The sessions of one endpoint, by the ids that their clients were given.
use crate::conversation::Conversation;
use std::collections::HashMap;
use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So long a session is safe from others that want its place.
const SETTLED: Duration = Duration::from_secs(60);

/// Nobody guesses one.
const ID_BYTES: usize = 24;

type Table = HashMap<String, Arc<Conversation>>;

pub(crate) struct Sessions {
    table: Mutex<Table>,
    most: usize,
    /// Longest idle.
    idle: Duration,
}

impl Sessions {
    pub fn new(most: usize, idle: Duration) -> Self {
        Self { table: Mutex::default(), most, idle }
    }

    /// `None`: all are taken.
    ///
    /// # Errors
    /// No randomness to be had.
    pub fn begin(
        &self,
        conversation: impl FnOnce() -> Arc<Conversation>,
    ) -> io::Result<Option<(String, Arc<Conversation>)>> {
        let mut bytes = [0; ID_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let id = bytes.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        });
        self.sweep();
        let mut table = self.table();
        if table.len() >= self.most && !make_room(&mut table) {
            return Ok(None);
        }
        let conversation = conversation();
        table.insert(id.clone(), conversation.clone());
        Ok(Some((id, conversation)))
    }

    pub fn find(&self, id: &str) -> Option<Arc<Conversation>> {
        self.table().get(id).filter(|session| !session.has_ended()).cloned()
    }

    /// Whether there was one.
    pub fn end(&self, id: &str) -> bool {
        let session = self.table().remove(id);
        session.inspect(|session| session.end()).is_some()
    }

    /// Ends those that were not used for too long.
    pub fn sweep(&self) {
        let stays = |session: &Arc<Conversation>| {
            !session.has_ended() && session.idle().is_none_or(|idle| idle < self.idle)
        };
        self.table().extract_if(|_, session| !stays(session)).for_each(|(_, session)| session.end());
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(table: &mut Table) -> bool {
    let idle = table.iter().filter_map(|(id, session)| Some((session.idle()?, id)));
    let longest = idle.max().filter(|(idle, _)| *idle >= SETTLED).map(|(_, id)| id.clone());
    longest.and_then(|id| table.remove(&id)).inspect(|session| session.end()).is_some()
}
