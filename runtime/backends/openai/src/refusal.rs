//! What it means that the far end gave no answer: whose fault it is, and whether asking again can mend it.
use crate::complaint::Complaint;
use http::StatusCode;
use ports::agent::Failed;
use std::time::Duration;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) failed: Failed,
    /// Where the operator has to change something. Messages wait for that.
    pub(crate) mistake: Option<Mistake>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    Key,
    Forbidden,
    Model,
    Url,
    Quota,
}

impl Mistake {
    /// What to do about it, in the words of the configuration.
    fn advice(self) -> &'static str {
        match self {
            Self::Key => "the key is not taken: set agent.api_key to one that is",
            Self::Forbidden => {
                "the key may not do this: give it the right, or change agent.api_key or agent.model"
            }
            Self::Model => "no such model at this address: check agent.model and agent.base_url",
            Self::Url => "this is no Chat Completions API: check agent.base_url",
            Self::Quota => "the account's quota is used up: top it up, or change agent.api_key",
        }
    }
}

/// As `code` or `type`: waiting alone does not mend it.
const QUOTA: [&str; 4] =
    ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credit_balance_exhausted"];

/// Somebody has to pay first.
const QUOTA_DELAY: Duration = Duration::from_secs(15 * 60);

impl Refusal {
    /// `complaint` is clean. 200 gets here too, when it is no event stream.
    pub(crate) fn of_head(status: StatusCode, complaint: &Complaint, retry_after: Option<Duration>) -> Self {
        let mistaken = |mistake: Mistake, retry_after| {
            let why = complaint.after(format_args!("{}: {}", status.as_u16(), mistake.advice()));
            Self { failed: Failed::Unavailable { why, retry_after }, mistake: Some(mistake) }
        };
        let plain = |failed| Self { failed, mistake: None };
        let why = || complaint.after(format_args!("it answered {}", status.as_u16()));
        match status.as_u16() {
            402 => mistaken(Mistake::Quota, Some(quota_delay(retry_after))),
            403 | 429 if complaint.is_one_of(&QUOTA) => {
                mistaken(Mistake::Quota, Some(quota_delay(retry_after)))
            }
            400 | 413 | 422 => plain(Failed::Refused(why())),
            401 => mistaken(Mistake::Key, retry_after),
            403 => mistaken(Mistake::Forbidden, retry_after),
            404 => mistaken(Mistake::Model, retry_after),
            408 | 409 | 425 | 429 | 500..=599 => plain(Failed::Unavailable { why: why(), retry_after }),
            // What an API of this kind never says, redirects among it: something else answers there.
            _ => mistaken(Mistake::Url, retry_after),
        }
    }

    /// After the head said 200. `complaint` is clean.
    pub(crate) fn in_stream(complaint: &Complaint) -> Self {
        if complaint.is_one_of(&QUOTA) {
            let why = complaint.after(Mistake::Quota.advice());
            let failed = Failed::Unavailable { why, retry_after: Some(QUOTA_DELAY) };
            return Self { failed, mistake: Some(Mistake::Quota) };
        }
        let why = complaint.after("it failed in the midst of the answer");
        let failed = match complaint.is_one_of(&["invalid_request_error", "400"]) {
            true => Failed::Refused(why),
            false => Failed::Unavailable { why, retry_after: None },
        };
        Self { failed, mistake: None }
    }
}

fn quota_delay(asked: Option<Duration>) -> Duration {
    asked.unwrap_or_default().max(QUOTA_DELAY)
}
