//! What of an answer or frame the connector gets to see: secrets that arrive are kept, those that come back are cut out.

use super::FakeHost;
use crate::http::Response;
use crate::testing::arrival::Arrival;
use crate::websocket::Frame;
use serde_json::Value;

impl FakeHost {
    /// `method` is that of the request.
    pub(super) fn disclosed_answer(&self, method: &str, response: Response) -> Response {
        let Response { status, mut headers, mut body, url } = response;
        let mut secrets = self.0.secrets.borrow_mut();
        let mut json: Option<Value> = serde_json::from_slice(&body).ok();
        let (method, mut changed) = (Some(method), false);
        let arrival = Arrival { method, url: &url, headers: &mut headers, json: json.as_mut() };
        if secrets.capture(arrival)
            && let Some(json) = json
        {
            (body, changed) = (json.to_string().into_bytes(), true);
        }
        for (_, value) in &mut headers {
            if let Some(clean) = secrets.redacted(value) {
                *value = clean;
            }
        }
        if let Some(clean) = secrets.redacted(&body) {
            (body, changed) = (clean, true);
        }
        if changed {
            let length = headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            length.for_each(|(_, value)| *value = body.len().to_string().into_bytes());
        }
        Response { status, headers, body, url }
    }

    /// A frame of the socket of this name. On one that nobody subscribed to nothing arrives.
    pub(in crate::testing) fn disclosed_frame(&self, name: &str, frame: Frame) -> Frame {
        let sockets = self.0.sockets.borrow();
        let mut secrets = self.0.secrets.borrow_mut();
        let text = match frame {
            Frame::Binary(bytes) => return Frame::Binary(secrets.redacted(&bytes).unwrap_or(bytes)),
            Frame::Text(text) => text,
        };
        let mut json: Option<Value> = serde_json::from_str(&text).ok();
        let arrived = sockets.get(name).is_some_and(|url| {
            secrets.capture(Arrival { method: None, url, headers: &mut [], json: json.as_mut() })
        });
        let text = json.filter(|_| arrived).map_or(text, |json| json.to_string());
        let clean = secrets.redacted(text.as_bytes());
        Frame::Text(clean.map_or(text, |clean| String::from_utf8(clean).expect("whole characters were cut")))
    }
}
