//! How long to wait before the next dial.
use std::time::Duration;

/// Doubling from `first`, never over `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub most: Duration,
}

/// Attempts since the platform last accepted us.
#[derive(Default)]
pub(super) struct Attempts(u32);

impl Attempts {
    pub(super) fn reset(&mut self) {
        self.0 = 0;
    }

    /// How many in a row have failed.
    pub(super) fn row(&self) -> u32 {
        self.0
    }

    /// Somewhere in the upper half of this attempt's delay: sockets that broke together do not come back together,
    /// and none comes back at once.
    pub(super) fn next(&mut self, backoff: &Backoff) -> Duration {
        let factor = 2u32.saturating_pow(self.0);
        self.0 = self.0.saturating_add(1);
        let delay = backoff.first.saturating_mul(factor).min(backoff.most);
        rand::random_range(delay / 2..=delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_the_longest_and_stay_in_the_upper_half() {
        let backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };
        for _ in 0..100 {
            let mut attempts = Attempts::default();
            for whole in [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs) {
                let delay = attempts.next(&backoff);
                assert!(delay >= whole / 2 && delay <= whole, "{delay:?} of {whole:?}");
            }
            attempts.reset();
            assert!(attempts.next(&backoff) <= backoff.first);
        }
    }

    #[test]
    fn a_year_of_attempts_does_not_overflow() {
        let mut attempts = Attempts(u32::MAX);
        let backoff = Backoff { first: Duration::from_secs(3), most: Duration::from_secs(3600) };
        assert!(attempts.next(&backoff) >= Duration::from_secs(1800));
    }
}
