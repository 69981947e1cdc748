//! What will not be delivered is set aside for the operator, with its reason and its history.
use contract::{CapabilitySet, SetAside};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, DeadLetter, Journal, Record};
use ports::mailbox::{Letter, Settled};
use std::sync::Arc;

/// A larger body is not kept: one flooding platform must not fill the disk for everybody.
const MOST_BYTES: usize = 1 << 20;

pub struct Aside {
    pub journal: Arc<dyn Journal>,
    pub instance: InstanceId,
}

impl Aside {
    /// Whoever keeps the event writes both in one: that it is dead, and that it is not to be delivered. Otherwise the
    /// letter holds its place until it is on disk: a connector that rejects faster than that must wait.
    pub fn put<S: CapabilitySet>(&self, letter: Letter<S::Event>, reason: String) {
        let dead = self.dead::<S>(&letter, &reason);
        let Some((letter, dead)) = letter.rejected(reason.clone(), dead) else { return };
        let durable = self.journal.append(Batch::must(vec![Record::Dead(dead)]));
        tokio::spawn(async move {
            // An error: the process ends.
            let _ = durable.await;
            letter.tell(Settled::Rejected(reason));
        });
    }

    /// Not of revived letters: those are in the list already.
    fn dead<S: CapabilitySet>(&self, letter: &Letter<S::Event>, reason: &str) -> Option<DeadLetter> {
        let SetAside { about, body } = S::set_aside(&letter.event).filter(|_| !letter.revived)?;
        let (about, body) = match body.len() {
            0..=MOST_BYTES => (about, body),
            bytes => (format!("{about} (not kept: {bytes} bytes)"), Vec::new()),
        };
        Some(DeadLetter {
            id: 0,
            instance: self.instance.clone(),
            room: S::room(&letter.event).to_owned(),
            about,
            reason: reason.to_owned(),
            at_ms: epoch_ms(),
            past: letter.past.clone(),
            body,
        })
    }
}
