use super::all;
use crate::guest::bindings::websocket::connector::runtime::websocket as wit;
use crate::guest::bindings::websocket::exports::connector::runtime::websocket_handler as wit_handler;
use crate::types::millis;
use crate::websocket::{Backoff, CloseReason, Error, FirstFrame, Frame, Options, Ping};

impl From<wit::Frame> for Frame {
    fn from(frame: wit::Frame) -> Self {
        match frame {
            wit::Frame::Text(text) => Self::Text(text),
            wit::Frame::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<Frame> for wit::Frame {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text),
            Frame::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<Options> for wit::Options {
    fn from(options: Options) -> Self {
        Self {
            headers: options.headers,
            fills: all(options.fills),
            subprotocols: options.subprotocols,
            first_frame: options.first_frame.map(Into::into),
            ping: options.ping.map(Into::into),
            ready: options.ready.map(Into::into),
            backoff: options.backoff.map(Into::into),
            max_message_bytes: options.max_message_bytes,
        }
    }
}

impl From<FirstFrame> for wit::FirstFrame {
    fn from(frame: FirstFrame) -> Self {
        Self { text: frame.text, fills: all(frame.fills) }
    }
}

impl From<Ping> for wit::Ping {
    fn from(ping: Ping) -> Self {
        Self {
            every_ms: millis(ping.every),
            text: ping.text,
            answer: ping.answer.into(),
            within_ms: millis(ping.within),
        }
    }
}

impl From<Backoff> for wit::Backoff {
    fn from(backoff: Backoff) -> Self {
        Self { first_ms: millis(backoff.first), most_ms: millis(backoff.most) }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(what) => Self::Denied(what),
            wit::Error::Invalid(what) => Self::Invalid(what),
            wit::Error::NoHandler => Self::NoHandler,
            wit::Error::Quota => Self::Quota,
            wit::Error::UnknownName => Self::UnknownName,
            wit::Error::NotOpen => Self::NotOpen,
            wit::Error::TooLarge => Self::TooLarge,
            wit::Error::Timeout => Self::Timeout,
        }
    }
}

impl From<wit_handler::CloseReason> for CloseReason {
    fn from(reason: wit_handler::CloseReason) -> Self {
        use wit_handler::CloseReason as Wit;
        match reason {
            Wit::Peer((code, text)) => Self::Peer(code, text),
            Wit::Refused(status) => Self::Refused(status),
            Wit::Unreachable(why) => Self::Unreachable(why),
            Wit::Silent => Self::Silent,
            Wit::Slow => Self::Slow,
            Wit::TooLarge => Self::TooLarge,
            Wit::Protocol(what) => Self::Protocol(what),
            Wit::Asked => Self::Asked,
            Wit::Denied(what) => Self::Denied(what),
        }
    }
}
