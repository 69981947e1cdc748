//! So many in a minute.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A bucket that holds a minute's worth and fills evenly: after a pause a whole minute's worth may come at once.
#[derive(Debug)]
pub struct Rate {
    per_minute: u32,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Rate {
    pub fn per_minute(per_minute: u32) -> Self {
        Self { per_minute, bucket: Mutex::new(Bucket { left: per_minute.into(), at: Instant::now() }) }
    }

    /// Whether there is one left; then it is taken.
    pub fn take(&self) -> bool {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let most = f64::from(self.per_minute);
        let since = now.saturating_duration_since(bucket.at);
        bucket.left = (bucket.left + most * since.div_duration_f64(Duration::from_secs(60))).min(most);
        bucket.at = now;
        if bucket.left < 1.0 {
            return false;
        }
        bucket.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_minutes_worth_they_come_evenly() {
        let rate = Rate::per_minute(60);
        let begun = Instant::now();
        assert_eq!((0..100).filter(|_| rate.take_at(begun)).count(), 60);
        let later = begun + Duration::from_millis(10_100);
        assert_eq!((0..100).filter(|_| rate.take_at(later)).count(), 10);
        let next_day = begun + Duration::from_secs(86_400);
        assert_eq!((0..100).filter(|_| rate.take_at(next_day)).count(), 60);
    }
}
