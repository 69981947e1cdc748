//! What will not be delivered is set aside for the operator, with its reason and its history.
use contract::{CapabilitySet, SetAside};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, DeadLetter, Journal, Record};
use ports::mailbox::Letter;
use std::sync::Arc;

pub struct Aside {
    pub journal: Arc<dyn Journal>,
    pub instance: InstanceId,
}

impl Aside {
    /// Written before anything that is written later: whoever hears afterwards that the letter was rejected, and forgets
    /// it, forgets nothing. Not for revived letters: those are in the list already.
    pub fn put<S: CapabilitySet>(&self, letter: &Letter<S::Event>, reason: &str) {
        let set_aside = if letter.revived { None } else { S::set_aside(&letter.event) };
        let Some(SetAside { about, body }) = set_aside else { return };
        let dead = DeadLetter {
            id: 0,
            instance: self.instance.clone(),
            room: S::room(&letter.event).to_owned(),
            about,
            reason: reason.to_owned(),
            at_ms: epoch_ms(),
            past: letter.past.clone(),
            body,
        };
        drop(self.journal.append(Batch::must(vec![Record::Dead(dead)])));
    }
}
