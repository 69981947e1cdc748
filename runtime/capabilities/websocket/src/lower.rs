//! What the driver says, in the words of the WIT and of `status`.
use crate::Listed;
use crate::bindings::exports::connector::runtime::websocket_handler::CloseReason as Reason;
use crate::driver::{CloseReason, Frame};
use crate::wit;
use serde_json::{Value, json};

pub fn frame(frame: Frame) -> wit::Frame {
    match frame {
        Frame::Text(text) => wit::Frame::Text(text.to_string()),
        Frame::Binary(bytes) => wit::Frame::Binary(bytes.to_vec()),
    }
}

pub fn reason(reason: CloseReason) -> Reason {
    match reason {
        CloseReason::Peer { code, text } => Reason::Peer((code, text)),
        CloseReason::Refused { status } => Reason::Refused(status),
        CloseReason::Unreachable(why) => Reason::Unreachable(why),
        lost @ (CloseReason::Lost(_) | CloseReason::NotReading) => Reason::Unreachable(lost.to_string()),
        CloseReason::Silent => Reason::Silent,
        CloseReason::Slow => Reason::Slow,
        CloseReason::TooLarge => Reason::TooLarge,
        text @ CloseReason::NotUtf8 => Reason::Protocol(text.to_string()),
        CloseReason::Protocol(why) => Reason::Protocol(why),
        CloseReason::Asked => Reason::Asked,
        CloseReason::Denied(why) => Reason::Denied(why),
    }
}

pub fn gauges(listed: &Listed) -> Value {
    let one = |gauge: &crate::driver::Gauge| {
        let reading = gauge.reading();
        json!({
            "state": format!("{:?}", reading.state).to_lowercase(),
            "frames_in": reading.frames_in, "frames_out": reading.frames_out,
            "bytes_in": reading.bytes_in, "bytes_out": reading.bytes_out,
            "reconnects": reading.reconnects, "slow": reading.slow, "dropped": reading.dropped,
            "scrubbed": reading.scrubbed, "last_frame_unix_ms": reading.last_frame_ms,
            "next_retry_unix_ms": reading.next_retry_ms, "last_error": reading.last_error,
        })
    };
    listed
        .iter()
        .map(|(name, entry)| (name.to_string(), one(&entry.gauge)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
