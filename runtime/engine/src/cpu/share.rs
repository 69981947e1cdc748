//! CPU over time. The budget of one turn ends a guest that hangs; this slows one that never does and never rests.
use ports::limit::{Hits, Limit};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What an instance saves up at most: so long it may run at full speed.
const BURST: Duration = Duration::from_secs(1);

/// The longest that it is made to wait at once; a debt that is left is waited for at the next step.
const LONGEST: Duration = Duration::from_secs(1);

/// Shorter waits are saved up: a timer costs more.
const SHORTEST: Duration = Duration::from_millis(1);

/// The share of one instance, over all its lives: starting again gives nothing back.
///
/// Counted is the CPU time of the thread that runs it, host calls included.
#[derive(Clone, Debug)]
pub struct Share(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    percent: u32,
    hits: Arc<Hits>,
    account: Mutex<Account>,
}

#[derive(Debug)]
struct Account {
    /// In microseconds; below zero: to be waited for.
    saved: f64,
    at: Instant,
    used: Duration,
}

impl Share {
    /// Percent of one core. 100 waits for nobody.
    pub fn new(percent: u32, hits: Arc<Hits>) -> Self {
        let full = micros(BURST) * f64::from(percent) / 100.0;
        let account = Account { saved: full, at: Instant::now(), used: Duration::ZERO };
        Self(Arc::new(Inner { percent, hits, account: Mutex::new(account) }))
    }

    /// It `used` so much, up to `ended`: how long it has to wait now.
    pub fn ran(&self, used: Duration, ended: Instant) -> Option<Duration> {
        let share = f64::from(self.0.percent) / 100.0;
        let mut account = self.0.account.lock().unwrap_or_else(PoisonError::into_inner);
        let since = ended.saturating_duration_since(account.at);
        account.used += used;
        account.at = ended;
        account.saved = (account.saved + micros(since) * share).min(micros(BURST) * share) - micros(used);
        if self.0.percent >= 100 {
            account.saved = account.saved.max(0.0);
            return None;
        }
        let wait = Duration::from_secs_f64((-account.saved).max(0.0) / share / 1e6);
        if wait < SHORTEST {
            return None;
        }
        Some(wait.min(LONGEST))
    }

    /// It waits as it was told.
    pub fn rests(&self) {
        self.0.hits.hit(Limit::CpuShare);
    }

    /// The CPU time so far.
    pub fn used(&self) -> Duration {
        self.0.account.lock().unwrap_or_else(PoisonError::into_inner).used
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs in steps and waits as it is told; returns the part of the time that it ran.
    fn part(percent: u32, step: Duration) -> (f64, u64) {
        let share = Share::new(percent, Arc::default());
        let mut rests = 0;
        let begun = Instant::now();
        let (mut now, mut ran) = (begun, Duration::ZERO);
        while ran < BURST * 30 {
            let wait = share.ran(step, now + step);
            rests += u64::from(wait.is_some());
            let wait = wait.unwrap_or_default();
            ran += step;
            now += step + wait;
        }
        assert_eq!(share.used(), ran);
        (ran.div_duration_f64(now - begun), rests)
    }

    #[test]
    fn one_that_never_rests_gets_its_share_and_no_more() {
        for percent in [10, 50] {
            for step in [Duration::from_micros(100), Duration::from_millis(9), Duration::from_millis(190)] {
                let (part, hits) = part(percent, step);
                assert!((part * 100.0 - f64::from(percent)).abs() < 10.0, "{percent} % in {step:?}: {part}");
                assert!(hits > 0);
            }
        }
        assert_eq!(part(100, Duration::from_millis(9)), (1.0, 0));
    }

    #[test]
    fn a_second_at_full_speed_is_saved_up_and_no_more() {
        let share = Share::new(50, Arc::default());
        let idle = Instant::now() + Duration::from_secs(3600);
        let step = Duration::from_millis(10);
        let free = (0..).take_while(|n| share.ran(step, idle + step * (*n + 1)).is_none()).count();
        // Half of what it uses comes in meanwhile.
        assert!((98..=102).contains(&free), "{free}");
    }

    #[test]
    fn a_large_debt_is_waited_for_in_parts() {
        let share = Share::new(1, Arc::default());
        let now = Instant::now();
        assert_eq!(share.ran(Duration::from_secs(1), now + Duration::from_secs(1)), Some(LONGEST));
        let later = now + Duration::from_secs(2);
        assert_eq!(share.ran(Duration::ZERO, later), Some(LONGEST), "98 s are left");
    }
}
