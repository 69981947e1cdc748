//! HTTP by hand: says what a good client never says, and reads what comes back.
use super::tools::TOKEN;
use mcp::Server;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Long enough for whatever is to come, on any machine.
pub const LONG: Duration = Duration::from_secs(60);

pub struct Raw(pub BufReader<TcpStream>);

#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        let named =
            |line: &'_ str| line.split(": ").next().is_some_and(|found| found.eq_ignore_ascii_case(name));
        self.head.lines().find(|line| named(line)).and_then(|line| Some(line.split_once(": ")?.1))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("{self:?}"))
    }
}

impl Raw {
    pub async fn to(server: &Server) -> Self {
        Self(BufReader::new(TcpStream::connect(server.address()).await.unwrap()))
    }

    pub async fn say(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    pub async fn head(&mut self) -> Got {
        let mut head = String::new();
        let reading =
            async { while !head.ends_with("\r\n\r\n") && self.0.read_line(&mut head).await.unwrap() > 0 {} };
        timeout(LONG, reading).await.unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Got { status, head, body: String::new() }
    }

    pub async fn answer(&mut self) -> Got {
        let mut got = self.head().await;
        let length = got.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        timeout(LONG, self.0.read_exact(&mut body)).await.unwrap().unwrap();
        got.body = String::from_utf8(body).unwrap();
        got
    }

    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = timeout(LONG, self.0.read_to_end(&mut rest)).await.expect("closed");
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// The next line with data of an open stream.
    pub async fn event(&mut self) -> String {
        let reading = async {
            loop {
                let mut line = String::new();
                // The last chunk, or the connection's end.
                if self.0.read_line(&mut line).await.unwrap() == 0 || line == "0\r\n" {
                    return "closed".to_owned();
                }
                if let Some(data) = line.strip_prefix("data: ") {
                    return data.trim().to_owned();
                }
            }
        };
        timeout(LONG, reading).await.unwrap()
    }
}

/// A request as a good client sends it, but for what is given.
pub struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub host: &'a str,
    pub kind: &'a str,
    pub session: Option<&'a str>,
    pub more: &'a str,
    pub body: String,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        let (path, host, kind) = ("/mcp/one", "127.0.0.1", "application/json");
        Ask {
            method: "POST",
            path,
            token: Some(TOKEN),
            host,
            kind,
            session: None,
            more: "",
            body: String::new(),
        }
    }
}

impl Ask<'_> {
    pub fn text(&self) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.path, self.host);
        text += "Accept: application/json, text/event-stream\r\n";
        text += &format!("Content-Type: {}\r\nContent-Length: {}\r\n", self.kind, self.body.len());
        text += &self.token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        text += &self.session.map(|session| format!("Mcp-Session-Id: {session}\r\n")).unwrap_or_default();
        text + self.more + "\r\n" + &self.body
    }

    pub async fn of(&self, server: &Server) -> Got {
        let mut raw = Raw::to(server).await;
        raw.say(&self.text()).await;
        raw.answer().await
    }
}

pub fn request(id: impl Into<Value>, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params }).to_string()
}

pub fn initialize(version: &str) -> String {
    let client = json!({ "name": "test", "version": "1" });
    request(1, "initialize", json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client }))
}

pub fn call(id: impl Into<Value>, name: &str, arguments: Value) -> String {
    request(id, "tools/call", json!({ "name": name, "arguments": arguments }))
}

pub async fn begin(server: &Server) -> String {
    let got = Ask { body: initialize("2025-11-25"), ..Ask::default() }.of(server).await;
    assert_eq!(got.status, 200, "{got:?}");
    got.header("mcp-session-id").unwrap().to_owned()
}

pub async fn post(server: &Server, session: &str, body: String) -> Got {
    Ask { session: Some(session), body, ..Ask::default() }.of(server).await
}

/// Open, its head read.
pub async fn stream(server: &Server, session: &str) -> Raw {
    let mut raw = Raw::to(server).await;
    raw.say(&Ask { method: "GET", session: Some(session), ..Ask::default() }.text()).await;
    let head = raw.head().await;
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")), "{head:?}");
    raw
}
