//! Where a backend says its answer: pieces of a stream become deltas, and blocks on disk.
use crate::blocks::Cutter;
use crate::kept::Said;
use crate::line::Line;
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::agent::{Gone, Say};
use ports::clock::epoch_ms;
use ports::mailbox::Closed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

pub struct Speech {
    pub line: Line,
    cutter: Cutter,
    /// The answer as far as its blocks are on disk.
    told: String,
    /// All of it that was heard.
    heard: String,
    /// Where in it the answer begins that goes on now. One before it was given up, but is posted.
    origin: usize,
    /// Whether this attempt, or one before it that got as far as a block, has begun to answer.
    pub begun: Arc<AtomicBool>,
    /// When the answer last went on, by a block on disk; 0 before it began.
    spoke_ms: u64,
}

impl Speech {
    /// `told`: the blocks of an earlier process.
    pub fn new(line: Line, told: String) -> Self {
        let begun = Arc::new(AtomicBool::new(!told.is_empty()));
        let spoke_ms = if told.is_empty() { 0 } else { epoch_ms() };
        Self { line, cutter: Cutter::after(&told), heard: told.clone(), origin: 0, told, begun, spoke_ms }
    }

    /// The backend broke off: forgets what did not become a block. The next attempt goes on there.
    pub async fn broke_off(&mut self) -> Result<(), Closed> {
        self.begun.store(!self.told.is_empty(), Relaxed);
        self.take_back().await
    }

    pub fn spoke_ms(&self) -> u64 {
        self.spoke_ms
    }

    pub fn told(&self) -> &str {
        &self.told
    }

    /// The rest that is to be posted, and the whole answer.
    pub fn end(self) -> (Line, Option<Said>, String) {
        (self.line, self.cutter.end().map(Said::Block), self.heard)
    }

    async fn hear(&mut self, piece: &str) -> Result<(), Closed> {
        if piece.is_empty() {
            return Ok(());
        }
        self.begun.store(true, Relaxed);
        self.heard.push_str(piece);
        self.line.delta(piece).await?;
        let blocks = self.cutter.feed(piece);
        if blocks.is_empty() {
            return Ok(());
        }
        self.spoke_ms = epoch_ms();
        blocks.iter().for_each(|block| self.told.push_str(block));
        self.line.tell(blocks.into_iter().map(Said::Block).collect(), Vec::new()).await
    }
}

impl Speech {
    /// The answer that goes on now is this as a whole.
    async fn hear_anew(&mut self, whole: &str) -> Result<(), Closed> {
        if let Some(rest) = whole.strip_prefix(&self.heard[self.origin..]) {
            return self.hear(rest).await;
        }
        self.take_back().await?;
        let told = &self.heard[self.origin..];
        if told.starts_with(whole) {
            // It began again, and has not got so far yet.
            return Ok(());
        }
        match whole.strip_prefix(told) {
            Some(rest) => self.hear(rest).await,
            None => {
                match self.begun_anew(whole) {
                    Some(at) => self.origin = at,
                    None => {
                        let apart = if self.heard.ends_with("\n\n") { "" } else { "\n\n" };
                        self.hear(apart).await?;
                        self.origin = self.heard.len();
                    }
                }
                let rest = whole.strip_prefix(&self.heard[self.origin..]).unwrap_or(whole);
                self.hear(rest).await
            }
        }
    }

    /// Where in the blocks of an earlier process this answer begins, after one that was given up there.
    fn begun_anew(&self, whole: &str) -> Option<usize> {
        let ends = self.told.match_indices("\n\n").map(|(at, end)| at + end.len());
        let mut begins = ends.filter(|at| *at > self.origin && *at < self.told.len());
        begins.find(|at| whole.starts_with(&self.told[*at..]))
    }

    /// What did not become a block was not said.
    async fn take_back(&mut self) -> Result<(), Closed> {
        let stays = self.told.len().max(self.origin);
        self.cutter = Cutter::after(&self.told);
        self.cutter.feed(&self.heard[self.told.len()..stays]);
        if self.heard.len() == stays {
            return Ok(());
        }
        self.heard.truncate(stays);
        self.line.replace(&self.heard).await
    }
}

impl Say for Speech {
    fn append<'a>(&'a mut self, piece: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        async move { self.hear(piece).await.map_err(|Closed| Gone) }.boxed()
    }

    fn replace<'a>(&'a mut self, whole: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        async move { self.hear_anew(whole).await.map_err(|Closed| Gone) }.boxed()
    }
}
