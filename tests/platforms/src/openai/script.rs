//! Which request gets what.

use std::collections::VecDeque;

use super::reply::Reply;
use super::stream::Stream;

/// What one request gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A streamed completion, whole or broken.
    Stream(Stream),
    /// A status and a body at once: every error, and what a proxy's page looks like.
    Reply(Reply),
    /// Not a byte, not even of the head, until the client leaves.
    Hang,
    /// The connection is reset before a byte is said.
    Reset,
}

impl From<Stream> for Answer {
    fn from(stream: Stream) -> Self {
        Self::Stream(stream)
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

pub(super) struct Script {
    next: VecDeque<(u32, Answer)>,
    pub(super) always: Answer,
}

impl Default for Script {
    fn default() -> Self {
        Self { next: VecDeque::new(), always: Answer::Stream(Stream::echo()) }
    }
}

impl Script {
    pub(super) fn add(&mut self, times: u32, answer: Answer) {
        self.next.push_back((times, answer));
    }

    pub(super) fn take(&mut self) -> Answer {
        while let Some((left, answer)) = self.next.front_mut() {
            if let Some(fewer) = left.checked_sub(1) {
                *left = fewer;
                return answer.clone();
            }
            self.next.pop_front();
        }
        self.always.clone()
    }
}
