//! A reader of event streams, after the WHATWG's HTML standard, section 9.2.6 ("Interpreting an event stream").
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

#[derive(Default)]
pub struct Parser {
    bytes: Vec<u8>,
    /// The last line ended with CR: an LF that comes next belongs to it.
    ended_by_cr: bool,
    is_begun: bool,
    name: String,
    data: String,
    id: String,
    pub retry: Option<u64>,
    pub comments: usize,
    pub events: VecDeque<Event>,
}

impl Parser {
    pub fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' if std::mem::take(&mut self.ended_by_cr) => {}
                b'\n' | b'\r' => {
                    self.ended_by_cr = *byte == b'\r';
                    let line = std::mem::take(&mut self.bytes);
                    let line = String::from_utf8_lossy(&line);
                    let is_first = !std::mem::replace(&mut self.is_begun, true);
                    self.line(line.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(&line));
                }
                _ => {
                    self.ended_by_cr = false;
                    self.bytes.push(*byte);
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => self.comments += 1,
            "event" => self.name = value.into(),
            "data" => self.data.extend([value, "\n"]),
            "id" if !value.contains('\0') => self.id = value.into(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => self.retry = value.parse().ok(),
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
        let Some(data) = data.strip_suffix('\n') else { return };
        let name = if name.is_empty() { "message".into() } else { name };
        self.events.push_back(Event { name, id: self.id.clone(), data: data.into() });
    }
}

/// Far longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(60);

pub struct Reader {
    pub body: Incoming,
    pub parser: Parser,
}

impl Reader {
    pub fn new(body: Incoming) -> Self {
        Self { body, parser: Parser::default() }
    }

    /// None when the stream ended or was cut off.
    pub async fn part(&mut self) -> Option<Bytes> {
        let frame = timeout(LONG, self.body.frame()).await.expect("something in time");
        let part = frame?.ok()?.into_data().unwrap_or_default();
        self.parser.push(&part);
        Some(part)
    }

    pub async fn event(&mut self) -> Option<Event> {
        while self.parser.events.is_empty() {
            self.part().await?;
        }
        self.parser.events.pop_front()
    }

    /// `set t/occum/a key=value`, `removed t/occum/a key`, `ready`.
    pub async fn told(&mut self) -> String {
        let event = self.event().await.expect("an event");
        let data: Value = serde_json::from_str(&event.data).expect("JSON");
        let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        match event.name.as_str() {
            "set" => format!("set {} {}={}", text("instance"), text("key"), data["value"]),
            "removed" => format!("removed {} {}", text("instance"), text("key")),
            name => name.to_owned(),
        }
    }
}

#[test]
fn it_reads_what_the_standard_shows() {
    let event =
        |name: &str, id: &str, data: &str| Event { name: name.into(), id: id.into(), data: data.into() };
    let message = |data: &str| event("message", "", data);
    for (text, events) in [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", vec![message("YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            vec![event("message", "1", "first event"), message("second event")],
        ),
        ("data\n\ndata\ndata\n\ndata:", vec![message(""), message("\n")]),
        ("data:test\n\ndata: test\n\n", vec![message("test"), message("test")]),
        (
            "\u{feff}event: add\r\ndata: 1\r\revent: x\n\ndata: 2\r\n\r\n",
            vec![event("add", "", "1"), message("2")],
        ),
        ("data: a\u{2028}é\n\n", vec![message("a\u{2028}é")]),
    ] {
        let mut parser = Parser::default();
        text.bytes().for_each(|byte| parser.push(&[byte]));
        assert_eq!(parser.events, events, "{text:?}");
    }
}
