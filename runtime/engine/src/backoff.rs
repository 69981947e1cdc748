//! How long to wait before a failed instance is started again.
use rand::RngExt;
use std::time::{Duration, Instant};

/// Doubles from 100 ms to a minute; half of each delay is random, so that what failed together does not start
/// together. An instance that lived for half a minute starts the row over.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
    blamed: u32,
}

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(60);
const GOOD_LIFE: Duration = Duration::from_secs(30);

impl Backoff {
    /// As after so many failures in a row.
    pub fn after(blamed: u32) -> Self {
        Self { failures: 0, blamed }
    }

    /// The delay before the next start, after an instance born at `born` failed.
    /// `blamed` if the guest is to blame.
    pub fn after_failure(&mut self, born: Instant, blamed: bool) -> Duration {
        if born.elapsed() >= GOOD_LIFE {
            *self = Self::default();
        }
        self.blamed += u32::from(blamed);
        let whole = FIRST.saturating_mul(1 << self.failures.min(16)).min(MOST);
        self.failures += 1;
        whole.mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    /// Failures in a row that were the guest's.
    pub fn blamed(&self) -> u32 {
        self.blamed
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
            let delay = backoff.after_failure(Instant::now(), n % 2 == 0);
            assert!(delay >= whole / 2 && delay <= whole, "{n}: {delay:?}");
        }
        assert_eq!(backoff.blamed(), 20);
    }

    #[test]
    fn a_good_life_starts_the_row_over() {
        let mut backoff = Backoff { failures: 20, blamed: 20 };
        let Some(long_ago) = Instant::now().checked_sub(GOOD_LIFE) else { return };
        assert!(backoff.after_failure(long_ago, true) <= FIRST);
        assert_eq!(backoff.blamed(), 1);
    }
}
