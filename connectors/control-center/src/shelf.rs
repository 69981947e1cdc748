//! The picture as keys and values: what the store has of it, and what is published.

use sdk::store::{self, Change};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Changes of one commit, as the store allows.
const CHANGES: usize = 64;

#[derive(Default)]
pub(crate) struct Shelf {
    wanted: BTreeMap<String, Value>,
    unsaved: BTreeSet<String>,
    unshown: BTreeSet<String>,
    /// Did not fit among what is published.
    hidden: BTreeSet<String>,
}

impl Shelf {
    /// The value of a key from now on; None: there is none.
    pub(crate) fn put(&mut self, key: String, value: Option<Value>) {
        if self.wanted.get(&key) == value.as_ref() {
            return;
        }
        match value {
            Some(value) => drop(self.wanted.insert(key.clone(), value)),
            None => drop(self.wanted.remove(&key)),
        }
        self.unsaved.insert(key.clone());
        self.unshown.insert(key);
    }

    /// What the store has already.
    pub(crate) fn restore(&mut self, key: String, value: Value) {
        self.unshown.insert(key.clone());
        self.wanted.insert(key, value);
    }

    /// Is in the store and does not belong there.
    pub(crate) fn discard(&mut self, key: String) {
        self.unsaved.insert(key);
    }

    pub(crate) fn wants(&self, key: &str) -> bool {
        self.wanted.contains_key(key)
    }

    pub(crate) fn is_saved(&self) -> bool {
        self.unsaved.is_empty()
    }

    /// The next changes for the store, and their keys.
    pub(crate) fn take_unsaved(&mut self) -> Result<(Vec<Change>, BTreeSet<String>), store::Error> {
        let keys: BTreeSet<_> = self.unsaved.iter().take(CHANGES).cloned().collect();
        let change = |key: &String| match self.wanted.get(key) {
            Some(value) => Change::set_json(key, value),
            None => Ok(Change::delete(key)),
        };
        let changes = keys.iter().map(change).collect::<Result<_, _>>()?;
        self.unsaved.retain(|key| !keys.contains(key));
        Ok((changes, keys))
    }

    /// They were not saved after all.
    pub(crate) fn give_back(&mut self, keys: BTreeSet<String>) {
        self.unsaved.extend(keys);
    }

    /// What is to be published or, without a value, removed; removals first, to make room.
    pub(crate) fn take_unshown(&mut self) -> Vec<(String, Option<Value>)> {
        let mut keys = std::mem::take(&mut self.unshown);
        if keys.iter().any(|key| !self.wants(key)) {
            keys.append(&mut self.hidden);
        }
        let mut unshown: Vec<_> = keys.into_iter().map(|key| (self.wanted.get(&key).cloned(), key)).collect();
        unshown.sort_by_key(|(value, _)| value.is_some());
        unshown.into_iter().map(|(value, key)| (key, value)).collect()
    }

    pub(crate) fn hide(&mut self, key: String) {
        self.hidden.insert(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_changed_is_saved_in_small_commits() {
        let mut shelf = Shelf::default();
        (0..100).for_each(|number| shelf.put(format!("k{number:03}"), Some(json!(number))));
        assert_eq!(shelf.take_unsaved().unwrap().0.len(), 64);
        let (changes, keys) = shelf.take_unsaved().unwrap();
        assert_eq!((changes.len(), shelf.is_saved()), (36, true));
        shelf.give_back(keys);
        assert!(!shelf.is_saved());
        shelf.take_unsaved().unwrap();
        shelf.put("k000".into(), Some(json!(0)));
        assert!(shelf.is_saved(), "it is the same");
    }

    #[test]
    fn what_did_not_fit_is_tried_again_when_there_is_room() {
        let mut shelf = Shelf::default();
        shelf.put("a".into(), Some(json!(1)));
        shelf.put("b".into(), Some(json!(2)));
        shelf.take_unshown();
        shelf.hide("b".into());
        assert!(shelf.take_unshown().is_empty());
        shelf.put("a".into(), None);
        assert_eq!(shelf.take_unshown(), [("a".into(), None), ("b".into(), Some(json!(2)))]);
    }
}
