//! What to do about a call that failed.

use crate::api::Error;
use sdk::http::{self, Sent};
use std::time::Duration;

/// Deliveries of one event. With the delays below the last comes after about five minutes; what is behind it in its
/// ticket waits as long.
pub(crate) const ATTEMPTS: u32 = 10;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// The platform may ask for more patience, within reason.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What a failure says about what was asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It certainly was not done, and may be later.
    NotDone,
    /// Perhaps it was done: the answer was lost, or came from somewhere between us and the platform.
    Perhaps,
    /// It was not done and will not be.
    Refused,
}

pub(crate) fn outcome(error: &Error) -> Outcome {
    match error {
        Error::Status { status: 429, .. } => Outcome::NotDone,
        Error::Status { status: 408 | 500..=599, .. } => Outcome::Perhaps,
        Error::Status { .. } => Outcome::Refused,
        Error::Http(
            http::Error::Denied(_) | http::Error::Invalid(_) | http::Error::TooLarge(_, Sent::No),
        ) => Outcome::Refused,
        Error::Http(error) if error.sent() == Sent::No => Outcome::NotDone,
        Error::Http(_) | Error::Answer(_) | Error::Page => Outcome::Perhaps,
    }
}

/// The delay before the next attempt, as the platform wishes; none after the last.
pub(crate) fn patience(error: &Error, attempt: u32) -> Option<Duration> {
    (attempt < ATTEMPTS).then(|| wait(Some(error), attempt))
}

/// The same without an end.
pub(crate) fn wait(error: Option<&Error>, attempt: u32) -> Duration {
    match error {
        Some(Error::Status { retry_after: Some(asked), .. }) => (*asked).min(LONGEST_RETRY_AFTER),
        _ => {
            let doubled = FIRST_DELAY.saturating_mul(1 << attempt.saturating_sub(1).min(16));
            doubled.min(LONGEST_DELAY)
        }
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
        assert_eq!(patience(&status(503, None), 1), Some(Duration::from_secs(1)));
        assert_eq!(patience(&status(503, None), 4), Some(Duration::from_secs(8)));
        assert_eq!(patience(&status(503, None), 9), Some(Duration::from_secs(60)));
        assert_eq!(patience(&status(503, None), 10), None);
    }

    #[test]
    fn the_platforms_own_wish_comes_first() {
        assert_eq!(patience(&status(429, Some(7)), 1), Some(Duration::from_secs(7)));
        assert_eq!(patience(&status(429, Some(1_000_000)), 1), Some(Duration::from_secs(3600)));
    }

    #[test]
    fn only_what_certainly_was_not_done_counts_as_such() {
        assert_eq!(outcome(&Error::Http(http::Error::Timeout(Sent::Maybe))), Outcome::Perhaps);
        assert_eq!(outcome(&status(502, None)), Outcome::Perhaps);
        assert_eq!(outcome(&Error::Http(http::Error::Timeout(Sent::No))), Outcome::NotDone);
        assert_eq!(outcome(&Error::Http(http::Error::Unreachable("dns".into()))), Outcome::NotDone);
        assert_eq!(outcome(&status(429, None)), Outcome::NotDone);
    }

    #[test]
    fn a_refusal_is_final() {
        assert_eq!(outcome(&status(403, None)), Outcome::Refused);
        assert_eq!(outcome(&Error::Http(http::Error::Denied("POST".into()))), Outcome::Refused);
    }
}
