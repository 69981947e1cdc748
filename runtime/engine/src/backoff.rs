//! How long to wait before a failed instance is started again, and when it has failed too often.
use rand::RngExt;
use std::time::{Duration, Instant};

/// Doubles from 100 ms to a minute; half of each delay is random, so that what failed together does not start
/// together. Half a minute without a failure starts the row over.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
    blamed: u32,
    /// When the last failure was over, with the delay after it.
    last: Option<Instant>,
}

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(60);
const GOOD_TIME: Duration = Duration::from_secs(30);

impl Backoff {
    /// As after so many failures in a row.
    pub fn after(blamed: u32) -> Self {
        Self { failures: 0, blamed, last: Some(Instant::now()) }
    }

    /// The delay before the next start. `hung` is the time that passed before the failure could be seen: that was no good
    /// time, as an instance that hangs is found out late. `blamed` if the guest is to blame.
    pub fn after_failure(&mut self, hung: Duration, blamed: bool) -> Duration {
        self.after_failure_at(Instant::now(), hung, blamed)
    }

    fn after_failure_at(&mut self, now: Instant, hung: Duration, blamed: bool) -> Duration {
        let good = self.last.map(|last| now.saturating_duration_since(last).saturating_sub(hung));
        if good.is_some_and(|good| good >= GOOD_TIME) {
            *self = Self::default();
        }
        self.blamed += u32::from(blamed);
        let whole = FIRST.saturating_mul(1 << self.failures.min(16)).min(MOST);
        self.failures += 1;
        let delay = whole.mul_f64(rand::rng().random_range(0.5..=1.0));
        self.last = Some(now + delay);
        delay
    }

    /// Failures in a row that were the guest's.
    pub fn blamed(&self) -> u32 {
        self.blamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Duration = Duration::ZERO;

    #[test]
    fn delays_double_up_to_a_minute_and_are_never_short_of_half() {
        let mut backoff = Backoff::default();
        for n in 0..40 {
            let whole = Duration::from_millis(100).saturating_mul(1 << n.min(16)).min(MOST);
            let delay = backoff.after_failure(NONE, n % 2 == 0);
            assert!(delay >= whole / 2 && delay <= whole, "{n}: {delay:?}");
        }
        assert_eq!(backoff.blamed(), 20);
    }

    #[test]
    fn half_a_minute_without_a_failure_starts_the_row_over() {
        let begun = Instant::now();
        let mut backoff = Backoff::after(20);
        assert!(backoff.after_failure_at(begun + GOOD_TIME * 2, NONE, true) <= FIRST);
        assert_eq!(backoff.blamed(), 1, "also where instances slept in between");
        backoff.after_failure_at(begun + GOOD_TIME * 2 + FIRST, NONE, true);
        assert_eq!(backoff.blamed(), 2);
    }

    #[test]
    fn one_that_hangs_for_longer_than_that_each_time_has_no_good_time() {
        let mut backoff = Backoff::default();
        let (mut now, hung) = (Instant::now(), Duration::from_secs(31));
        for nth in 1..10 {
            now += backoff.after_failure_at(now, hung, true) + hung + FIRST;
            assert_eq!(backoff.blamed(), nth);
        }
    }
}
