//! Sessions: listed page by page, and kept up to date by events.

use crate::field::{self, ID, KEY};
use crate::memory::Memory;
use crate::session::Session;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one page. A row has two to five kilobytes, and what is read takes a multiple of that in memory.
const PAGE: u64 = 50;
/// Pages of one listing, whatever the gateway says of more.
const PAGES: u32 = 20;

/// A list of the sessions that is being made.
pub(crate) struct Listing {
    listed: BTreeMap<String, Session>,
    /// Changed by events meanwhile.
    newer: BTreeSet<String>,
    offset: u64,
    pages: u32,
    most: usize,
    pub(crate) total: Option<u64>,
}

impl Listing {
    /// Until there are `most`.
    pub(crate) fn new(most: usize) -> Self {
        Self { listed: BTreeMap::new(), newer: BTreeSet::new(), offset: 0, pages: 0, most, total: None }
    }

    pub(crate) fn anew(&self) -> Self {
        Self { total: self.total, ..Self::new(self.most) }
    }

    /// The first page has no offset: an older gateway knows none.
    pub(crate) fn params(&self) -> Value {
        let limit = u64::try_from(self.most).unwrap_or(PAGE).min(PAGE);
        match self.offset {
            0 => json!({ "limit": limit }),
            offset => json!({ "limit": limit, "offset": offset }),
        }
    }

    /// Whether this page was the last. None: it is no page.
    pub(crate) fn take(&mut self, payload: &Value) -> Option<bool> {
        let rows = field::list(payload, "sessions")?;
        let live = rows.iter().filter(|row| field::flag(row, "archived") != Some(true));
        self.listed.extend(live.filter_map(Session::read).map(|session| (session.key.clone(), session)));
        self.total = field::number(payload, "totalCount").or(self.total);
        self.pages += 1;
        let next = field::number(payload, "nextOffset").filter(|next| *next > self.offset);
        let has_more = field::flag(payload, "hasMore") == Some(true);
        match next {
            Some(next) if has_more && self.listed.len() < self.most && self.pages < PAGES => {
                self.offset = next;
                Some(false)
            }
            _ => Some(true),
        }
    }

    /// What was listed, and what is newer than that.
    pub(crate) fn end(&mut self) -> (BTreeMap<String, Session>, BTreeSet<String>) {
        (std::mem::take(&mut self.listed), std::mem::take(&mut self.newer))
    }
}

impl Memory {
    /// A `sessions.changed`. Whether the list has to be read again: the event does not say what changed.
    pub(crate) fn session_changed(&mut self, payload: &Value) -> bool {
        let ancestors = field::list(payload, "ancestorSessions");
        for row in ancestors.into_iter().flatten() {
            let key = field::id(row, "key", KEY);
            if key.is_some_and(|key| self.picture.session(&key).is_some()) {
                self.session_row(row);
            }
        }
        if payload.get("session").is_some_and(|row| self.session_row(row)) {
            return false;
        }
        let Some(key) = field::id(payload, "sessionKey", KEY) else { return true };
        let is_deleted =
            field::text(payload, "reason", ID).is_some_and(|reason| reason.starts_with("delete"));
        let gone = field::id(payload, "sessionId", ID);
        let known = self.picture.session(&key).and_then(|session| session.session_id.clone());
        // NB: a session that was made anew under the same key has another id.
        if is_deleted && gone.is_some() && gone == known {
            self.refresh.listing.newer.insert(key.clone());
            self.picture.remove_session(&key);
            return false;
        }
        true
    }

    /// A whole row. False: it is none.
    pub(crate) fn session_row(&mut self, row: &Value) -> bool {
        let Some(session) = Session::read(row) else { return false };
        self.refresh.listing.newer.insert(session.key.clone());
        match field::flag(row, "archived") {
            Some(true) => self.picture.remove_session(&session.key),
            _ => self.picture.set_session(session),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(keys: std::ops::Range<u64>, next: Value) -> Value {
        let rows: Vec<_> = keys.map(|key| json!({ "key": format!("k{key}") })).collect();
        json!({ "sessions": rows, "hasMore": true, "nextOffset": next })
    }

    #[test]
    fn pages_follow_until_there_are_enough() {
        let mut listing = Listing::new(80);
        assert_eq!(listing.params(), json!({ "limit": 50 }));
        assert_eq!(listing.take(&page(0..50, json!(50))), Some(false));
        assert_eq!(listing.params(), json!({ "limit": 50, "offset": 50 }));
        assert_eq!(listing.take(&page(50..100, json!(100))), Some(true));
        assert_eq!(listing.end().0.len(), 100);
    }

    #[test]
    fn a_gateway_that_goes_round_in_circles_comes_to_an_end() {
        let mut listing = Listing::new(500);
        assert_eq!(listing.take(&page(0..1, json!(0))), Some(true), "no progress");
        let mut listing = listing.anew();
        let ends = (1..).map(|next| listing.take(&page(0..1, json!(next)))).position(|end| end == Some(true));
        assert_eq!(ends, Some(19));
        assert_eq!(listing.take(&json!({ "sessions": "many" })), None);
    }
}
