//! One attempt: judge, dial, upgrade, log in.
use super::Context;
use super::counted::Counted;
use super::event::{CloseReason, Frame};
use super::fill;
use super::plan::Plan;
use super::upgrade;
use super::wire::{self, Wire};
use http::StatusCode;
use ports::dial::DialError;
use ports::secret::Vault;
use std::error::Error as _;
use std::time::Duration;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite;

/// For all of an attempt. A platform that has not taken the upgrade by then will not take it, and a header that comes
/// in drops holds no task for longer.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// How an attempt or a connection ended.
pub(super) struct End {
    pub(super) reason: CloseReason,
    /// Whether to dial again by ourselves.
    pub(super) again: bool,
}

impl End {
    pub(super) fn again(reason: CloseReason) -> Self {
        Self { reason, again: true }
    }

    fn never(reason: CloseReason) -> Self {
        Self { reason, again: false }
    }
}

/// The open connection, first frame sent, and the subprotocol that the platform chose. Cancel safe: what was opened
/// is closed.
pub(super) async fn connect(plan: &Plan, context: &Context) -> Result<(Wire, Option<String>), End> {
    if !context.reach.allows(None, &plan.url) {
        let why = format!("no grant allows {} with this path", plan.url.origin());
        return Err(End::never(CloseReason::Denied(why)));
    }
    // NB: before the dial. What cannot be filled must not reach the platform as half a login.
    let denied = |why| End::never(CloseReason::Denied(why));
    let request = upgrade::request(plan, &context.vault).map_err(denied)?;
    let first = match &plan.first_frame {
        None => None,
        Some(first) => {
            let frame = Frame::Text(first.text.as_str().into());
            let message =
                fill::message(&frame, &first.fills, &context.vault, &plan.url, plan.max_message_bytes);
            Some(message.map_err(|error| denied(format!("first frame: {error}")))?)
        }
    };
    let stream = context.dial.dial(&plan.url).await.map_err(|error| not_dialled(error, &context.vault))?;
    let config = Some(wire::config(plan.max_message_bytes));
    let upgraded =
        client_async_with_config(request, Counted::new(stream, plan.max_message_bytes), config).await;
    let (socket, response) = upgraded.map_err(|error| not_upgraded(error, context))?;
    let mut wire = Wire::new(socket);
    if let Some(first) = first {
        let bytes = first.len();
        wire.send(first).await.map_err(End::again)?;
        context.gauge.went_out(bytes);
    }
    let subprotocol = response.headers().get("sec-websocket-protocol").and_then(|name| name.to_str().ok());
    Ok((wire, subprotocol.map(|name| context.vault.redact(name).into_owned())))
}

fn not_dialled(error: DialError, vault: &Vault) -> End {
    match error {
        // The address stays with the operator: a guest must not learn names of the inside by dialling them.
        DialError::ClosedRange { host, address, range } => {
            tracing::warn!(%host, %address, range, blame = "guest", "dial into a closed range");
            End::again(CloseReason::Denied(format!("{host} is in a range that is closed ({range})")))
        }
        // Where the operator's proxy is, and what it said, is for him.
        DialError::Proxy { .. } => {
            tracing::warn!(%error, blame = "host", "no way out");
            End::again(CloseReason::Unreachable("the operator's proxy opens no connection".into()))
        }
        error => {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            let said = format!("{error}{cause}");
            // A far end's certificate names whatever it likes.
            End::again(CloseReason::Unreachable(vault.redact(&said).into_owned()))
        }
    }
}

fn not_upgraded(error: tungstenite::Error, context: &Context) -> End {
    match error {
        tungstenite::Error::Http(response) => {
            let status = response.status();
            let reason = CloseReason::Refused { status: status.as_u16() };
            // Asking again with the same credentials locks accounts.
            let again = !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            End { reason, again }
        }
        error => End::again(wire::reason(error, &context.vault)),
    }
}
