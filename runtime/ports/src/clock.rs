//! The wall clock, as it stands in rows and in what people read. Never for measuring: it jumps.
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch; 0 before it.
pub fn epoch_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Where the numbers of a source begin: above all that an earlier life of the same instance in this process gave, as
/// nothing gives a thousand numbers in a millisecond for long.
pub fn first_number() -> u64 {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGUN.elapsed().as_millis() as u64 * 1024
}
