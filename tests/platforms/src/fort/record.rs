//! What happened so far; all of it is kept.

use std::fmt;
use std::net::SocketAddr;

use super::unmask::unmask;

/// One TCP connection.
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// The name in the TLS ClientHello, also if the handshake then failed. None in plain, and for addresses.
    pub sni: Option<String>,
    /// Subject of the client's certificate, as in `CN=me`, whoever signed it.
    pub client_certificate: Option<String>,
    /// Everything the client sent, decrypted. Of a handshake that failed: as it came, which may not have been TLS at all.
    pub bytes: Vec<u8>,
    /// From where on `bytes` are WebSocket frames.
    pub upgraded_at: Option<usize>,
    pub open: bool,
}

/// One request, with the whole of its body.
#[derive(Debug, Clone)]
pub struct Request {
    /// Index of its connection.
    pub connection: usize,
    pub peer: SocketAddr,
    pub sni: Option<String>,
    pub client_certificate: Option<String>,
    /// Byte for byte, with the empty line.
    pub head: Vec<u8>,
    pub method: String,
    /// As sent: with the query, and the origin if it came in absolute form.
    pub target: String,
    /// Each line in order; names as they were written, values without the space around them.
    pub headers: Vec<(String, String)>,
    /// Without its chunks' frames.
    pub body: Vec<u8>,
    /// Whether it asks for a WebSocket.
    pub is_upgrade: bool,
}

/// What a WebSocket message was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Binary,
    /// The payload is the code's two bytes and the reason.
    Close,
    Ping,
    Pong,
}

/// One whole WebSocket message of a client.
#[derive(Debug, Clone)]
pub struct Message {
    /// Index of its connection.
    pub connection: usize,
    pub kind: Kind,
    pub payload: Vec<u8>,
}

/// Everything, each in the order in which it came.
#[derive(Debug, Default)]
pub struct Record {
    pub(super) connections: Vec<Connection>,
    pub(super) requests: Vec<Request>,
    pub(super) messages: Vec<Message>,
    pub(super) faults: Vec<String>,
}

impl Request {
    /// The first of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// Without origin and query.
    pub fn path(&self) -> &str {
        let full = self.full();
        match full.split_once('?').map_or(full, |(path, _)| path) {
            // RFC 9110 4.2.3.
            "" => "/",
            path => path,
        }
    }

    /// As sent, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.full().split_once('?').map(|(_, query)| query)
    }

    /// The target in origin form.
    fn full(&self) -> &str {
        let Some((_, rest)) = self.target.split_once("://").filter(|_| !self.target.starts_with('/')) else {
            return &self.target;
        };
        rest.find(['/', '?']).map_or("/", |start| &rest[start..])
    }
}

impl Record {
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Control messages too.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What came that was not in order: failed handshakes, broken HTTP, broken frames, requests cut short.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Everything that clients ever said, to look for what must not be there: names in the handshake, bytes as they came
    /// with frames unmasked, then bodies and messages once more in one piece.
    pub fn all_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for connection in &self.connections {
            let (plain, frames) =
                connection.bytes.split_at(connection.upgraded_at.unwrap_or(connection.bytes.len()));
            let names = [connection.sni.as_deref(), connection.client_certificate.as_deref()];
            names.into_iter().flatten().for_each(|name| add(&mut all, name.as_bytes()));
            add(&mut all, plain);
            add(&mut all, &unmask(frames));
        }
        self.requests.iter().for_each(|request| add(&mut all, &request.body));
        self.messages.iter().for_each(|message| add(&mut all, &message.payload));
        all
    }
}

/// On a line of its own, so that no two make up what nobody said.
fn add(all: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes.is_empty() {
        all.extend(bytes);
        all.push(b'\n');
    }
}

/// What was seen, for whoever waited in vain.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, requests, messages, faults } = self;
        write!(f, "{} connections, {} messages", connections.len(), messages.len())?;
        requests.iter().try_for_each(|request| write!(f, ", {} {}", request.method, request.path()))?;
        faults.iter().try_for_each(|fault| write!(f, ", {fault}"))
    }
}
