//! What an instance remembers while it lives. The picture and how the connection stands are in the store too.

use crate::line::Line;
use crate::picture::Picture;
use crate::refresh::Refresh;
use crate::shelf::Shelf;
use sdk::status;
use std::collections::BTreeSet;

pub(crate) struct Memory {
    pub(crate) line: Line,
    pub(crate) picture: Picture,
    pub(crate) shelf: Shelf,
    pub(crate) refresh: Refresh,
    pub(crate) counts: Counts,
    /// The gateway no longer takes the device token that we have.
    pub(crate) device_token_refused: bool,
    /// Not refreshed since the connection, or the instance, began.
    pub(crate) is_stale: bool,
    pub(crate) last_error: Option<String>,
    pub(crate) reported: Option<(status::State, String)>,
    /// Events that nobody uses and that were said so.
    pub(crate) unused: BTreeSet<String>,
    /// For when the watch is set.
    pub(crate) watch_at: Option<u64>,
    pub(crate) is_keeping: bool,
}

/// Since the instance began.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    pub(crate) ignored: u64,
    pub(crate) gaps: u64,
    pub(crate) lost: u64,
    pub(crate) bad_frames: u64,
    pub(crate) openings: u64,
}

impl Memory {
    pub(crate) fn new(line: Line, picture: Picture, shelf: Shelf, refresh: Refresh) -> Self {
        Self {
            line,
            picture,
            shelf,
            refresh,
            counts: Counts::default(),
            device_token_refused: false,
            is_stale: true,
            last_error: None,
            reported: None,
            unused: BTreeSet::new(),
            watch_at: None,
            is_keeping: false,
        }
    }

    pub(crate) fn failed(&mut self, what: &str) {
        self.last_error = Some(crate::field::cut(what, 300));
    }
}
