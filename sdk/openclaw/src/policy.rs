//! What to do after the gateway refused us or the connection closed.

use crate::frame::Problem;
use crate::lenient::Lenient as _;
use std::time::Duration;

/// How the finer codes begin that the same connect request will always get: wrong credentials, wrong keys, wrong
/// protocol.
const HOPELESS: [&str; 6] =
    ["AUTH_", "CLIENT_VERSION_", "CONTROL_UI_", "DEVICE_AUTH_", "DEVICE_IDENTITY_", "PROTOCOL_"];

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Dial again: after what the gateway asked for, else after [`Backoff::next`].
    Reconnect { after: Option<Duration> },
    /// An operator of the gateway must approve this device. Say so, and dial again now and then.
    AwaitApproval { request_id: Option<String>, device_id: Option<String>, reason: String },
    /// The device token is no longer good: drop it and log in with the shared token.
    ForgetDeviceToken,
    /// Our login was taken back or changed: dial again with the credentials as they are configured now.
    Reauthenticate,
    /// Dialling again can't help until somebody changes something.
    Stop { why: String },
}

/// From the refusal if there was one, else from the close. Without a close code the connection was lost.
pub fn after(refusal: Option<&Problem>, close_code: Option<u16>, reason: &str) -> Next {
    refusal.and_then(after_refusal).unwrap_or_else(|| after_close(close_code, reason))
}

/// None if the refusal says nothing that we know: the close decides.
fn after_refusal(problem: &Problem) -> Option<Next> {
    let detail = |name: &str| problem.details.owned(name);
    let again = Next::Reconnect { after: problem.retry_after };
    Some(match problem.detail_code().unwrap_or_default() {
        "PAIRING_REQUIRED" => Next::AwaitApproval {
            request_id: detail("requestId"),
            device_id: detail("deviceId"),
            reason: detail("reason").unwrap_or_else(|| problem.message.clone()),
        },
        "AUTH_DEVICE_TOKEN_MISMATCH" | "AUTH_SCOPE_MISMATCH" => Next::ForgetDeviceToken,
        "AUTH_RATE_LIMITED" => again,
        // Another challenge may be answered in time.
        "DEVICE_AUTH_SIGNATURE_EXPIRED" | "DEVICE_AUTH_NONCE_MISMATCH" => again,
        code if HOPELESS.iter().any(|start| code.starts_with(start)) => {
            Next::Stop { why: problem.to_string() }
        }
        _ if problem.retryable || problem.retry_after.is_some() => again,
        _ if problem.code == "UNAVAILABLE" => again,
        // The gateway's schema refused the connect request itself.
        "" if problem.code == "INVALID_REQUEST" => Next::Stop { why: problem.to_string() },
        _ => return None,
    })
}

fn after_close(code: Option<u16>, reason: &str) -> Next {
    let says = |words: &str| reason.to_ascii_lowercase().contains(words);
    match code {
        // The refusal that says more was lost; of its text the close carries this much.
        Some(1008) if says("pairing required") || says("pairing_required") => {
            Next::AwaitApproval { request_id: None, device_id: None, reason: short(reason) }
        }
        Some(1008) if says("slow consumer") => Next::Reconnect { after: None },
        Some(1008) => Next::Stop { why: format!("the gateway closed with 1008: {}", short(reason)) },
        Some(1002) if says("protocol mismatch") => Next::Stop { why: short(reason) },
        Some(4001) => Next::Reauthenticate,
        _ => Next::Reconnect { after: None },
    }
}

/// A close reason is at most 123 bytes; from anybody else it is cut.
fn short(reason: &str) -> String {
    reason.chars().take(123).collect()
}

/// Waits between attempts: 1, 2, 4, 8, 16, then 30 seconds. Add your own jitter if many dial at once.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    attempts: u32,
}

impl Backoff {
    const LONGEST: Duration = Duration::from_secs(30);

    pub fn new() -> Self {
        Self::default()
    }

    /// How long to wait before the next attempt.
    #[expect(clippy::should_implement_trait, reason = "an endless iterator would hide the reset")]
    pub fn next(&mut self) -> Duration {
        let wait = Duration::from_secs(1 << self.attempts.min(5)).min(Self::LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        wait
    }

    /// After a hello.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}
