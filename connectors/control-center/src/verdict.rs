//! What follows from a refusal or a close.

use crate::line::Phase;
use crate::{ControlCenter, field};
use openclaw::connect::Auth;
use openclaw::frame::Problem;
use openclaw::policy::Next;
use sdk::log;
use sdk::status::State;
use std::time::Duration;

/// How often we look whether somebody approved the device.
const APPROVED_YET: Duration = Duration::from_secs(10);
/// After a failure that only somebody at the gateway can end.
pub(crate) const AGAIN: Duration = Duration::from_secs(60);

impl ControlCenter {
    pub(crate) async fn decide(&self, next: Next, said: &str) {
        match next {
            // The host dials by itself, unless the gateway named a time.
            Next::Reconnect { after: None } | Next::Reauthenticate => self.report(State::Connecting, said),
            Next::Reconnect { after: Some(after) } => {
                self.report(State::Connecting, said);
                self.pause(after);
            }
            Next::AwaitApproval { request_id, reason, .. } => {
                self.report(State::Failed, &approval(request_id.as_deref(), &reason));
                self.pause(APPROVED_YET);
            }
            Next::ForgetDeviceToken => self.without_device_token(said),
            Next::Stop { .. } if said.starts_with("AUTH_TOKEN_") => {
                let what = "the gateway wants its token: set the secret gatewayToken to that, and restart";
                self.report(State::Failed, &format!("{what} ({said})"));
                self.hang_up();
            }
            Next::Stop { why } => {
                self.report(State::Failed, &format!("the gateway refuses us: {}", field::cut(&why, 200)));
                self.pause(AGAIN);
            }
        }
    }

    fn without_device_token(&self, said: &str) {
        let with = self.memory.with(|memory| match memory.line.phase() {
            Phase::Hello { with, .. } => Some(with),
            _ => None,
        });
        if with == Some(Auth::DeviceToken) {
            log::info!("the gateway no longer takes the device token: logging in as at first");
            self.memory.with(|memory| memory.device_token_refused = true);
            self.reconnect();
        } else {
            self.report(State::Failed, &format!("the gateway refuses us: {said}"));
            self.pause(AGAIN);
        }
    }
}

/// With the very command that approves this device.
fn approval(request: Option<&str>, reason: &str) -> String {
    // Somebody is going to paste it into a shell.
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    let command = match request.filter(plain) {
        Some(id) => format!("openclaw devices approve {id}"),
        None => "openclaw devices list, then openclaw devices approve <requestId>".to_owned(),
    };
    format!(
        "the gateway waits for approval of this device ({}); run there: {command}",
        field::cut(reason, 60)
    )
}

/// A refusal in one line: its codes, and what the gateway says of it.
pub(crate) fn said(problem: &Problem) -> String {
    let code = problem.detail_code().unwrap_or(&problem.code);
    format!("{}: {}", field::cut(code, 64), field::cut(&problem.message, 120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_id_gets_into_a_command() {
        assert!(approval(Some("7e1f-x"), "not-paired").ends_with("openclaw devices approve 7e1f-x"));
        for id in ["", "x; rm -rf ~", "$(x)", "-é"] {
            assert!(approval(Some(id), "not-paired").ends_with("<requestId>"), "{id}");
        }
    }
}
