//! How long to wait before a failed instance is started again.
use rand::RngExt;
use std::time::{Duration, Instant};

/// Doubles from 100 ms to a minute; half of each delay is random, so that what failed together does not start
/// together. An instance that lived for half a minute starts the row over.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(60);
const GOOD_LIFE: Duration = Duration::from_secs(30);

impl Backoff {
    /// The delay before the next start, after an instance born at `born` failed.
    pub fn after_failure(&mut self, born: Instant) -> Duration {
        if born.elapsed() >= GOOD_LIFE {
            self.failures = 0;
        }
        let whole = FIRST.saturating_mul(1 << self.failures.min(16)).min(MOST);
        self.failures += 1;
        whole.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_minute_and_are_never_short_of_half() {
        let mut backoff = Backoff::default();
        for n in 0..40 {
            let whole = Duration::from_millis(100).saturating_mul(1 << n.min(16)).min(MOST);
            let delay = backoff.after_failure(Instant::now());
            assert!(delay >= whole / 2 && delay <= whole, "{n}: {delay:?}");
        }
    }

    #[test]
    fn a_good_life_starts_the_row_over() {
        let mut backoff = Backoff { failures: 20 };
        let Some(long_ago) = Instant::now().checked_sub(GOOD_LIFE) else { return };
        assert!(backoff.after_failure(long_ago) <= FIRST);
    }
}
