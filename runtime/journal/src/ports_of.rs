//! The two ports, each call one command in the queue.
use crate::append::Append;
use crate::commit::Commit;
use crate::{Sqlite, entries, look};
use ports::identity::InstanceId;
use ports::journal::{self, Batch, DeadLetter, Durable, Journal, Open, Turn};
use ports::store::{self, Change, Entry, Quota, Store, Usage};

impl Journal for Sqlite {
    fn append(&self, batch: Batch) -> Durable {
        self.ask(Append(batch))
    }

    fn open(&self, instance: &InstanceId) -> journal::Read<Open> {
        let instance = instance.clone();
        self.look(true, move |db| look::open(db, &instance))
    }

    fn turns(&self, instance: &InstanceId, conversation: &str, limit: usize) -> journal::Read<Vec<Turn>> {
        let (instance, conversation) = (instance.clone(), conversation.to_owned());
        self.look(true, move |db| look::turns(db, &instance, &conversation, limit))
    }

    fn dead(&self, instance: Option<&InstanceId>, limit: usize) -> journal::Read<Vec<DeadLetter>> {
        let instance = instance.cloned();
        self.look(true, move |db| look::dead(db, instance.as_ref(), limit))
    }

    fn dead_letter(&self, id: i64) -> journal::Read<Option<DeadLetter>> {
        self.look(true, move |db| look::dead_letter(db, id))
    }
}

/// Commits never wait for room, so reads of the store see all of them at any time.
impl Store for Sqlite {
    fn get(&self, instance: &InstanceId, key: &str) -> store::Read<Option<Entry>> {
        let (instance, key) = (instance.clone(), key.to_owned());
        self.look(false, move |db| entries::get(db, &instance, &key))
    }

    fn list(
        &self,
        instance: &InstanceId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> store::Read<Vec<String>> {
        let (instance, prefix, after) = (instance.clone(), prefix.to_owned(), after.map(str::to_owned));
        self.look(false, move |db| entries::list(db, &instance, &prefix, after.as_deref(), limit))
    }

    fn commit(&self, instance: &InstanceId, changes: Vec<Change>, quota: Quota) -> store::Commit {
        self.ask(Commit { instance: instance.clone(), changes, quota })
    }

    fn usage(&self, instance: &InstanceId) -> store::Read<Usage> {
        let instance = instance.clone();
        self.look(false, move |db| entries::usage(db, &instance))
    }
}
