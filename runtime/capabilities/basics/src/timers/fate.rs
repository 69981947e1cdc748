//! Who comes first: the handler of a timer, or the call that cancels it.
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[derive(Debug, Default)]
pub struct Fate(AtomicU8);

const WAITS: u8 = 0;
const BEGUN: u8 = 1;
const CANCELLED: u8 = 2;

impl Fate {
    /// A handler is about to begin, or to begin again; not if it was cancelled.
    pub fn begins(&self) -> bool {
        self.0.compare_exchange(WAITS, BEGUN, Relaxed, Relaxed) != Err(CANCELLED)
    }

    /// No handler begins from now on. Whether none has begun before.
    pub fn cancel(&self) -> bool {
        self.0.swap(CANCELLED, Relaxed) == WAITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cancelled_does_not_begin_and_what_has_begun_may_begin_again() {
        let fate = Fate::default();
        assert!(fate.begins() && fate.begins());
        assert!(!fate.cancel() && !fate.begins());
        let fate = Fate::default();
        assert!(fate.cancel() && !fate.begins());
    }
}
