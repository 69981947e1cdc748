//! What to do about a call that failed.

use crate::api::Error;
use sdk::http::{self, Sent};
use std::time::Duration;

/// Deliveries of one event. With the delays below the last comes after about five minutes; what is behind it in its
/// ticket waits as long.
const ATTEMPTS: u32 = 10;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// The platform may ask for more patience, within reason.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What a failure of a call means.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It was not done, and may be later: try again after this time.
    Again(Duration),
    /// It was not done and will not be.
    Never,
    /// Perhaps it was done.
    Unknown,
}

pub(crate) fn judge(error: &Error, attempt: u32) -> Verdict {
    match error {
        Error::Status { status: 429 | 500..=599, retry_after, .. } => again(attempt, *retry_after),
        Error::Status { .. } => Verdict::Never,
        Error::Http(
            http::Error::Denied(_) | http::Error::Invalid(_) | http::Error::TooLarge(_, Sent::No),
        ) => Verdict::Never,
        Error::Http(error) if error.sent() == Sent::No => again(attempt, None),
        Error::Http(_) | Error::Answer(_) => Verdict::Unknown,
    }
}

/// The delay before the next attempt, none after the last.
pub(crate) fn delay(attempt: u32) -> Option<Duration> {
    let doubled = FIRST_DELAY.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    (attempt < ATTEMPTS).then(|| doubled.min(LONGEST_DELAY))
}

fn again(attempt: u32, retry_after: Option<Duration>) -> Verdict {
    match delay(attempt) {
        Some(delay) => Verdict::Again(retry_after.map_or(delay, |asked| asked.min(LONGEST_RETRY_AFTER))),
        None => Verdict::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> Error {
        Error::Status { status, retry_after: retry_after.map(Duration::from_secs), body: String::new() }
    }

    #[test]
    fn a_busy_platform_is_asked_again_with_growing_patience() {
        assert_eq!(judge(&status(503, None), 1), Verdict::Again(Duration::from_secs(1)));
        assert_eq!(judge(&status(503, None), 4), Verdict::Again(Duration::from_secs(8)));
        assert_eq!(judge(&status(503, None), 9), Verdict::Again(Duration::from_secs(60)));
        assert_eq!(judge(&status(503, None), 10), Verdict::Never);
    }

    #[test]
    fn the_platforms_own_wish_comes_first() {
        assert_eq!(judge(&status(429, Some(7)), 1), Verdict::Again(Duration::from_secs(7)));
        assert_eq!(judge(&status(429, Some(1_000_000)), 1), Verdict::Again(Duration::from_secs(3600)));
    }

    #[test]
    fn what_may_have_been_done_is_not_done_again() {
        assert_eq!(judge(&Error::Http(http::Error::Timeout(Sent::Maybe)), 1), Verdict::Unknown);
        assert_eq!(judge(&Error::Http(http::Error::Timeout(Sent::No)), 1), Verdict::Again(FIRST_DELAY));
        assert_eq!(
            judge(&Error::Http(http::Error::Unreachable("dns".into())), 1),
            Verdict::Again(FIRST_DELAY)
        );
    }

    #[test]
    fn a_refusal_is_final() {
        assert_eq!(judge(&status(403, None), 1), Verdict::Never);
        assert_eq!(judge(&Error::Http(http::Error::Denied("POST".into())), 1), Verdict::Never);
    }
}
