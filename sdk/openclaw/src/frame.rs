//! One text frame of the gateway, read leniently: unknown fields, missing numbers and older names are no errors.

use crate::lenient::Lenient as _;
use serde_json::Value;

pub use crate::problem::Problem;

/// The longest frame that we look at, in bytes. The gateway's own buffer for one connection is 50 MiB.
pub const FRAME_LIMIT: usize = 50 << 20;

#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    Event(Event),
    Response(Response),
    /// The gateway asks us. Operators are never asked today.
    Request(Request),
    /// A kind of frame that we do not know, by its `type`.
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub payload: Value,
    /// Counts the events of this connection from 1; some events have none.
    pub seq: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub id: String,
    pub result: Result<Value, Problem>,
    /// A refused `agent` carries a payload too.
    pub payload_of_refusal: Option<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub id: String,
    pub method: String,
    pub params: Value,
}

#[derive(Debug, thiserror::Error)]
pub enum BadFrame {
    #[error("read a frame of {bytes} bytes: more than the {FRAME_LIMIT} that we take; close the connection")]
    TooLong { bytes: usize },
    #[error("read a frame: not JSON ({0}); is this an OpenClaw gateway?")]
    NotJson(#[source] serde_json::Error),
    #[error("read a frame: expected an object, got {got}; is this an OpenClaw gateway?")]
    NotAnObject { got: &'static str },
    #[error("read a frame of type {kind}: {field} is missing or no text")]
    Missing { kind: &'static str, field: &'static str },
    #[error(transparent)]
    Hello(#[from] crate::connect::BadHello),
}

impl Frame {
    /// Takes `payload` or an older gateway's `params` in an event, `payload` or `result` in a response, and error codes
    /// that are texts or numbers.
    ///
    /// # Errors
    /// What is no frame at all: a log line, and the next frame may be good.
    pub fn read(text: &str) -> Result<Self, BadFrame> {
        if text.len() > FRAME_LIMIT {
            return Err(BadFrame::TooLong { bytes: text.len() });
        }
        let mut frame: Value = serde_json::from_str(text).map_err(BadFrame::NotJson)?;
        if !frame.is_object() {
            return Err(BadFrame::NotAnObject { got: kind(&frame) });
        }
        match frame.text("type").unwrap_or_default() {
            "event" => Event::take(&mut frame).map(Self::Event),
            "res" => Response::take(&mut frame).map(Self::Response),
            "req" => Request::take(&mut frame).map(Self::Request),
            unknown => Ok(Self::Unknown(unknown.chars().take(64).collect())),
        }
    }
}

impl Event {
    fn take(frame: &mut Value) -> Result<Self, BadFrame> {
        let name = frame.owned("event").ok_or(BadFrame::Missing { kind: "event", field: "event" })?;
        Ok(Self {
            name,
            seq: frame.whole("seq"),
            payload: take(frame, "payload").or_else(|| take(frame, "params")).unwrap_or_default(),
        })
    }
}

impl Response {
    fn take(frame: &mut Value) -> Result<Self, BadFrame> {
        let id = id(frame, "res")?;
        let error = take(frame, "error");
        let payload = take(frame, "payload").or_else(|| take(frame, "result"));
        let is_ok = frame.get("ok").and_then(Value::as_bool).unwrap_or(error.is_none());
        Ok(match is_ok {
            true => Self { id, result: Ok(payload.unwrap_or_default()), payload_of_refusal: None },
            false => Self {
                id,
                result: Err(Problem::read(&error.unwrap_or_default())),
                payload_of_refusal: payload,
            },
        })
    }
}

impl Request {
    fn take(frame: &mut Value) -> Result<Self, BadFrame> {
        let method = frame.owned("method").ok_or(BadFrame::Missing { kind: "req", field: "method" })?;
        Ok(Self { id: id(frame, "req")?, method, params: take(frame, "params").unwrap_or_default() })
    }
}

/// What a value is, for an error.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn id(frame: &Value, kind: &'static str) -> Result<String, BadFrame> {
    match frame.get("id") {
        Some(Value::String(id)) => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err(BadFrame::Missing { kind, field: "id" }),
    }
}

/// Moved out, since a payload may be megabytes. Null is as good as absent.
fn take(frame: &mut Value, name: &str) -> Option<Value> {
    frame.get_mut(name).map(Value::take).filter(|value| !value.is_null())
}
