//! The store of the native host: in memory, so what durability costs shows in the comparison.
use sdk::store::{Change, Entry, Error, Version};
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Keep(RefCell<State>);

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    version: Version,
}

impl Keep {
    pub fn get(&self, key: &str) -> Option<Entry> {
        self.0.borrow().entries.get(key).cloned()
    }

    pub fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
        let state = self.0.borrow();
        let keys = state.entries.keys().filter(|key| key.starts_with(prefix));
        keys.filter(|key| after.is_none_or(|after| key.as_str() > after)).take(limit).cloned().collect()
    }

    pub fn commit(&self, changes: Vec<Change>) -> Result<Version, Error> {
        let state = &mut *self.0.borrow_mut();
        for change in &changes {
            if let Change::Expect(key, version) = change
                && state.entries.get(key).map(|entry| entry.version) != *version
            {
                return Err(Error::Conflict(key.clone()));
            }
        }
        state.version += 1;
        for change in changes {
            match change {
                Change::Set(key, value) => {
                    state.entries.insert(key, Entry { value, version: state.version });
                }
                Change::Delete(key) => drop(state.entries.remove(&key)),
                Change::Expect(..) => {}
            }
        }
        Ok(state.version)
    }
}
