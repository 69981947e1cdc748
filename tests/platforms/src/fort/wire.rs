//! One connection's bytes both ways, with limits.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::head::{Head, Length, header};
use super::tap::Tap;

const MAX_HEAD_BYTES: usize = 64 << 10;
const MAX_BODY_BYTES: usize = 32 << 20;
const READ_BYTES: usize = 16 << 10;

pub(super) struct Wire {
    line: Tap,
    /// Read and not used yet.
    unread: Vec<u8>,
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not HTTP, or over a limit.
    Broken(&'static str),
    /// The client left in the middle of it.
    Left,
}

impl Wire {
    pub(super) fn new(line: Tap) -> Self {
        Self { line, unread: Vec::new() }
    }

    /// The next head, as it came; none when the client has left between two.
    pub(super) async fn head(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            // RFC 9112 2.2: empty lines before a request are nothing.
            while self.unread.starts_with(b"\r\n") {
                self.unread.drain(..2);
            }
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(Some(self.unread.drain(..end + 4).collect()));
            }
            if self.unread.len() > MAX_HEAD_BYTES {
                return Err(Fault::Broken("a head that is too large"));
            }
            if !self.more().await {
                return if self.unread.is_empty() { Ok(None) } else { Err(Fault::Left) };
            }
        }
    }

    /// The body that belongs to this head, without its chunks' frames.
    pub(super) async fn body(&mut self, head: &Head) -> Result<Vec<u8>, Fault> {
        match head.length()? {
            Length::Known(length) if length > MAX_BODY_BYTES => {
                Err(Fault::Broken("a body that is too large"))
            }
            Length::Known(length) => self.exactly(length).await,
            Length::Chunked => self.chunked().await,
        }
    }

    /// RFC 9112 7.1.
    async fn chunked(&mut self) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(size).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
            let size = size.ok_or(Fault::Broken("an odd chunk size"))?;
            if body.len().saturating_add(size) > MAX_BODY_BYTES {
                return Err(Fault::Broken("a body that is too large"));
            }
            if size == 0 {
                break;
            }
            body.extend(self.exactly(size).await?);
            if self.exactly(2).await? != b"\r\n" {
                return Err(Fault::Broken("a chunk without its end"));
            }
        }
        loop {
            let trailer = self.line().await?;
            if trailer.is_empty() {
                return Ok(body);
            }
            header(&trailer)?;
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Fault> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\r\n") {
                let line = self.unread.drain(..end).collect();
                self.unread.drain(..2);
                return Ok(line);
            }
            if self.unread.len() > MAX_HEAD_BYTES {
                return Err(Fault::Broken("a line that is too long"));
            }
            self.must_have_more().await?;
        }
    }

    async fn exactly(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        while self.unread.len() < length {
            self.must_have_more().await?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    async fn must_have_more(&mut self) -> Result<(), Fault> {
        if self.more().await { Ok(()) } else { Err(Fault::Left) }
    }

    /// Whether there was any: a broken line is an end like another.
    async fn more(&mut self) -> bool {
        let mut buffer = [0; READ_BYTES];
        let count = self.line.read(&mut buffer).await.unwrap_or(0);
        self.unread.extend(&buffer[..count]);
        count > 0
    }

    /// Each piece is on its way before the next is written.
    pub(super) async fn write(&mut self, pieces: Vec<Vec<u8>>) -> io::Result<()> {
        for piece in pieces {
            self.line.write_all(&piece).await?;
            self.line.flush().await?;
            // The reader may look now, and then sees this piece alone.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Until the client leaves; what else it says is only recorded.
    pub(super) async fn left(&mut self) {
        while self.more().await {
            self.unread.clear();
        }
    }

    /// Ends politely, so that the last answer is not lost in a reset.
    pub(super) async fn end(mut self) {
        // The client may have left already.
        let _ = self.line.shutdown().await;
        self.left().await;
    }

    /// The line, and what was read of it beyond the last request.
    pub(super) fn into_parts(self) -> (Tap, Vec<u8>) {
        (self.line, self.unread)
    }
}
