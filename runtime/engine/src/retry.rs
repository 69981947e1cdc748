//! When an event is delivered again, and when no more.
use ports::journal::Past;
use std::time::Duration;

/// The range of a retry's delay that a guest may ask for, in milliseconds; `types.wit` says it.
const ASKED_MS: std::ops::RangeInclusive<u32> = 10..=3_600_000;

/// A guest that asks for less with every failure gets more: 10 ms, doubling up to a second.
const FLOOR_MS: u64 = 10;
const HIGHEST_FLOOR_MS: u64 = 1000;

/// How long an event is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub age: Duration,
}

impl Default for Patience {
    /// A platform that is down over night should find its messages in the morning.
    fn default() -> Self {
        Self { age: Duration::from_secs(24 * 3600) }
    }
}

impl Patience {
    /// The delay before the next delivery.
    ///
    /// # Errors
    /// Why there is none.
    pub fn next(self, asked_ms: u32, past: &Past, age: Duration) -> Result<Duration, String> {
        if age >= self.age {
            return Err(format!(
                "given up after {} h and {} attempts",
                self.age.as_secs() / 3600,
                past.attempts + 1
            ));
        }
        let floor = FLOOR_MS.saturating_mul(1 << past.attempts.min(16)).min(HIGHEST_FLOOR_MS);
        let asked = u64::from(asked_ms.clamp(*ASKED_MS.start(), *ASKED_MS.end()));
        Ok(Duration::from_millis(asked.max(floor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(attempts: u32, asked_ms: u32) -> Result<u128, String> {
        let past = Past { attempts, ..Past::default() };
        Patience::default().next(asked_ms, &past, Duration::ZERO).map(|delay| delay.as_millis())
    }

    #[test]
    fn a_guest_gets_the_delay_it_asks_for_within_bounds() {
        assert_eq!(after(0, 0), Ok(10));
        assert_eq!(after(0, 5000), Ok(5000));
        assert_eq!(after(3, u32::MAX), Ok(3_600_000));
    }

    #[test]
    fn one_that_asks_for_too_little_again_and_again_gets_more() {
        assert_eq!([after(1, 10), after(4, 10), after(40, 10)], [Ok(20), Ok(160), Ok(1000)]);
    }

    #[test]
    fn there_is_an_end_by_age() {
        let old = Patience::default().next(10, &Past::default(), Duration::from_secs(24 * 3600));
        assert!(old.unwrap_err().contains("24 h"));
    }
}
