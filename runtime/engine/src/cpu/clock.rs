//! What a thread has taken of the CPU.
use rustix::time::{ClockId, clock_gettime};

/// In microseconds, since the calling thread began. A quarter of one to ask for.
pub fn thread_us() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    (time.tv_sec as u64) * 1_000_000 + (time.tv_nsec as u64) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn it_counts_work_and_not_sleep() {
        let begun = thread_us();
        std::thread::sleep(Duration::from_millis(50));
        assert!(thread_us() - begun < 20_000);
        let clock = Instant::now();
        while thread_us() - begun < 20_000 {
            assert!(clock.elapsed() < Duration::from_secs(60));
        }
    }
}
