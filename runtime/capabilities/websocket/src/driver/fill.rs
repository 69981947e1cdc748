//! Secrets into the JSON of a frame. The text that comes out goes to the wire and nowhere else.
use super::error::SendError;
use super::event::Frame;
use ports::json_test::has_twin_keys;
use ports::reach::CheckedUrl;
use ports::secret::{At, Destination, Fill, Vault};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

/// The frame as it goes to the wire.
///
/// The vault judges the frame as the guest wrote it. It is parsed once and serialised again, so that what was judged
/// is what is sent: of a key that stands there twice, only the one that was judged remains.
///
/// # Errors
/// `TooLarge`, `Denied`, `BadPointer`, `TwinKeys`.
pub(super) fn message(
    frame: &Frame,
    fills: &[Fill],
    vault: &Vault,
    url: &CheckedUrl,
    limit: usize,
) -> Result<Message, SendError> {
    let fits = |bytes| if bytes > limit { Err(SendError::TooLarge { bytes, limit }) } else { Ok(()) };
    fits(frame.len())?;
    let message = match frame {
        Frame::Binary(_) if !fills.is_empty() => return Err(bad_pointer(&fills[0])),
        Frame::Binary(bytes) => Message::Binary(bytes.clone()),
        Frame::Text(text) if fills.is_empty() => Message::text(&**text),
        Frame::Text(text) => Message::text(filled(text, fills, vault, url)?),
    };
    fits(message.len())?;
    Ok(message)
}

pub(super) fn points_at_something(text: &str, pointer: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|json| json.pointer(pointer).is_some())
}

fn filled(text: &str, fills: &[Fill], vault: &Vault, url: &CheckedUrl) -> Result<String, SendError> {
    let written: Value = serde_json::from_str(text).map_err(|_| bad_pointer(&fills[0]))?;
    if has_twin_keys(&written) {
        return Err(SendError::TwinKeys);
    }
    let mut sent = written.clone();
    for fill in fills {
        let At::Json(pointer) = &fill.at else { return Err(bad_pointer(fill)) };
        let secret = vault.fill(fill, Destination { method: None, url, json: Some(&written) })?;
        let place = sent.pointer_mut(pointer).ok_or_else(|| bad_pointer(fill))?;
        *place = Value::String(secret.expose().to_owned());
    }
    Ok(sent.to_string())
}

fn bad_pointer(fill: &Fill) -> SendError {
    SendError::BadPointer { at: fill.at.to_string() }
}
