//! Asking the gateway for a tool, which waits for the answer.

use crate::connection::NAME;
use crate::line::{Phase, Purpose};
use crate::{ControlCenter, field, now_ms, show, wait};
use openclaw::frame::Problem;
use sdk::websocket;
use serde_json::Value;

/// Tools that wait at once. Each keeps one of the handlers that the host lets run at once (16 by default), and
/// without a free one no answer comes in.
const MOST_WAITING: usize = 8;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("not connected to the gateway ({state}); see the command /control-center")]
    NotConnected { state: &'static str },
    #[error("{MOST_WAITING} requests wait for the gateway already; ask again when one is answered")]
    Busy,
    #[error("the gateway did not answer within {} s", crate::line::REQUEST_MS / 1000)]
    TimedOut,
    #[error("the connection to the gateway ended before it answered; whether it acted is unknown")]
    Lost,
    #[error("the request could not be sent: {0}")]
    NotSent(websocket::Error),
    #[error("the gateway refused: {}: {}{}", .0.code, field::cut(&.0.message, 500), detail(.0))]
    Refused(Problem),
    #[error("the gateway answered in a shape that is not known here")]
    Shape,
}

fn detail(problem: &Problem) -> String {
    problem.detail_code().map_or_else(String::new, |code| format!(" ({})", field::cut(code, 64)))
}

impl Failure {
    /// Whether it may be otherwise later, and after how many milliseconds at the earliest if the gateway said.
    pub(crate) fn may_pass(&self) -> Option<Option<u64>> {
        match self {
            Self::Shape => None,
            Self::Refused(problem) if problem.retryable || problem.code == "UNAVAILABLE" => {
                let after = problem.retry_after.and_then(|after| u64::try_from(after.as_millis()).ok());
                Some(after.map(|after| after.clamp(1_000, 600_000)))
            }
            Self::Refused(_) => None,
            _ => Some(None),
        }
    }
}

impl ControlCenter {
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Result<Value, Failure> {
        let (id, frame, hearer) = self.memory.with(|memory| {
            // NB: a tool may be what woke this instance: the socket is there, as far as anybody knows.
            if !matches!(memory.line.phase(), Phase::Up | Phase::Resuming { .. }) {
                return Err(Failure::NotConnected { state: show::state(memory) });
            }
            if memory.line.tools() >= MOST_WAITING {
                return Err(Failure::Busy);
            }
            let (teller, hearer) = wait::pair();
            let (id, frame) = memory.line.request(method, params, Purpose::Tool(teller), now_ms());
            Ok((id, frame, hearer))
        })?;
        self.arm();
        if let Err(error) = websocket::send(NAME, frame).await {
            self.memory.with(|memory| memory.line.take(id));
            return Err(Failure::NotSent(error));
        }
        hearer.await.unwrap_or(Err(Failure::Lost))
    }

    /// An answer came, or none will.
    pub(crate) async fn answered(&self, purpose: Purpose, answer: Result<Value, Failure>) {
        match purpose {
            Purpose::Tool(teller) => teller.tell(answer),
            Purpose::Refresh(part) => self.told(part, answer).await,
        }
    }
}
