//! How long the oldest of many has been there.
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Clone, Debug, Default)]
pub struct Ages(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    there: BTreeSet<(Instant, u64)>,
    next: u64,
}

/// It is there as long as this lives.
#[derive(Debug)]
pub struct Stay {
    ages: Ages,
    since: (Instant, u64),
}

impl Ages {
    pub fn begin(&self) -> Stay {
        let mut inner = self.lock();
        inner.next += 1;
        let since = (Instant::now(), inner.next);
        inner.there.insert(since);
        Stay { ages: self.clone(), since }
    }

    /// Zero where nothing is there.
    pub fn oldest(&self) -> Duration {
        self.lock().there.first().map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.ages.lock().there.remove(&self.since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_counts_until_it_goes() {
        let ages = Ages::default();
        assert_eq!(ages.oldest(), Duration::ZERO);
        let first = ages.begin();
        std::thread::sleep(Duration::from_millis(20));
        let second = ages.begin();
        assert!(ages.oldest() >= Duration::from_millis(20));
        let both = ages.oldest();
        drop(first);
        assert!(ages.oldest() < both);
        drop(second);
        assert_eq!(ages.oldest(), Duration::ZERO);
    }
}
