//! The fake host's store.

use crate::store::{Change, Entry, Error, Version};
use std::collections::BTreeMap;
use std::ops::Bound;

/// As the contract says (`wit/store.wit`), without the quota.
const CHANGES: usize = 64;
const KEY_BYTES: usize = 512;
const VALUE_BYTES: usize = 256 << 10;
const COMMIT_BYTES: usize = 1 << 20;
const LISTED: u32 = 1000;

#[derive(Default)]
pub(super) struct Kept {
    entries: BTreeMap<String, Entry>,
    version: Version,
}

impl Kept {
    pub(super) fn get(&self, key: &str) -> Option<Entry> {
        self.entries.get(key).cloned()
    }

    pub(super) fn list(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
        if !(1..=LISTED).contains(&limit) {
            return Err(Error::Invalid(format!("limit: 1 to {LISTED}")));
        }
        let after = after.unwrap_or_default().max(prefix);
        let from = if after == prefix { Bound::Included(after) } else { Bound::Excluded(after) };
        let keys = self.entries.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key);
        Ok(keys.take_while(|key| key.starts_with(prefix)).take(limit as usize).cloned().collect())
    }

    pub(super) fn commit(&mut self, changes: &[Change]) -> Result<Version, Error> {
        checked(changes)?;
        for change in changes {
            if let Change::Expect(key, expected) = change
                && self.entries.get(key).map(|entry| entry.version) != *expected
            {
                return Err(Error::Conflict(key.clone()));
            }
        }
        self.version += 1;
        for change in changes {
            match change {
                Change::Set(key, value) => {
                    self.entries.insert(key.clone(), Entry { value: value.clone(), version: self.version });
                }
                Change::Delete(key) => {
                    self.entries.remove(key);
                }
                Change::Expect(..) => {}
            }
        }
        Ok(self.version)
    }
}

fn checked(changes: &[Change]) -> Result<(), Error> {
    if changes.len() > CHANGES {
        return Err(Error::Invalid(format!("changes: at most {CHANGES}")));
    }
    let mut bytes = 0;
    for change in changes {
        let (key, value) = match change {
            Change::Set(key, value) => (key, value.len()),
            Change::Delete(key) | Change::Expect(key, _) => (key, 0),
        };
        if !(1..=KEY_BYTES).contains(&key.len()) {
            return Err(Error::Invalid(format!("key: 1 to {KEY_BYTES} bytes")));
        }
        if value > VALUE_BYTES {
            return Err(Error::Invalid(format!("value: at most {VALUE_BYTES} bytes")));
        }
        bytes += key.len() + value;
    }
    if bytes > COMMIT_BYTES {
        return Err(Error::Invalid(format!("changes: at most {COMMIT_BYTES} bytes together")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(keys: &[&str]) -> Kept {
        let mut kept = Kept::default();
        for key in keys {
            kept.commit(&[Change::set(*key, "v")]).unwrap();
        }
        kept
    }

    #[test]
    fn a_list_is_in_order_and_goes_on_behind_the_last() {
        let kept = kept(&["b/2", "a", "b/1", "b/3", "c"]);
        assert_eq!(kept.list("b/", None, 2).unwrap(), ["b/1", "b/2"]);
        assert_eq!(kept.list("b/", Some("b/2"), 2).unwrap(), ["b/3"]);
        assert_eq!(kept.list("", Some("b/3"), 9).unwrap(), ["c"]);
        assert!(kept.list("", None, 0).is_err());
    }

    #[test]
    fn a_commit_that_meets_another_version_changes_nothing() {
        let mut kept = kept(&["a"]);
        let conflict = kept.commit(&[Change::set("b", "v"), Change::expect("a", None)]);
        assert_eq!(conflict, Err(Error::Conflict("a".into())));
        assert_eq!(kept.get("b"), None);
        let version = kept.get("a").map(|entry| entry.version);
        assert!(kept.commit(&[Change::expect("a", version), Change::delete("a")]).is_ok());
        assert_eq!(kept.get("a"), None);
    }

    #[test]
    fn what_the_contract_forbids_is_refused() {
        let mut kept = Kept::default();
        assert!(kept.commit(&[Change::set("", "v")]).is_err());
        assert!(kept.commit(&[Change::set("k", vec![0; VALUE_BYTES + 1])]).is_err());
        assert!(kept.commit(&vec![Change::delete("k"); CHANGES + 1]).is_err());
    }
}
