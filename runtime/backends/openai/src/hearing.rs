//! Listening to the stream, and saying what comes.
use crate::chunk::{Chunk, Delta, Finish};
use crate::complaint::Complaint;
use crate::events::{Events, TooLong};
use crate::exchange::Body;
use ports::agent::{Failed, Say};
use std::time::Duration;
use tokio::time::timeout;
use tracing::{debug, warn};

/// Of a whole answer, with what an earlier try said of it. Nobody reads more, and a model in a loop has to end.
pub(crate) const MAX_ANSWER_BYTES: usize = 1 << 20;

/// After its end the server may say how many tokens it was, and `[DONE]`. The answer is whole without; some servers
/// account for it only if they are heard out.
const TAIL: Duration = Duration::from_secs(1);

pub(crate) struct Hearing<'a> {
    events: Events,
    say: &'a mut dyn Say,
    /// Of the whole answer so far.
    bytes: usize,
    called_tool: bool,
}

pub(crate) enum Ended {
    Failed(Failed),
    /// Not cleaned.
    Complained(Complaint),
}

impl From<Failed> for Ended {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl<'a> Hearing<'a> {
    /// `said` is how many bytes of the answer were said before.
    pub(crate) fn new(said: usize, say: &'a mut dyn Say) -> Self {
        Self { events: Events::default(), say, bytes: said, called_tool: false }
    }

    /// To the answer's end.
    pub(crate) async fn listen(&mut self, body: &mut Body) -> Result<(), Ended> {
        loop {
            let early = || broken("the stream ended before the answer did");
            let finish = match self.next(body).await?.ok_or_else(early)? {
                Chunk::Delta(delta) => self.take(delta).await?,
                Chunk::Done => return Ok(self.judge(Finish::Stop)?),
                Chunk::Error(error) => return Err(Ended::Complained(Complaint::of(&error))),
            };
            if let Some(finish) = finish {
                self.judge(finish)?;
                self.hear_out(body).await;
                return Ok(());
            }
        }
    }

    async fn next(&mut self, body: &mut Body) -> Result<Option<Chunk>, Failed> {
        loop {
            let event = self.events.next().map_err(|TooLong| {
                Failed::Agent("an event of the stream is too long, or a line of it never ends".into())
            })?;
            match event {
                Some(event) => {
                    let garbage = |_| broken("an event of the stream is no chunk of a completion");
                    return Chunk::read(&event).map(Some).map_err(garbage);
                }
                None => match body.next().await? {
                    Some(bytes) => self.events.push(bytes),
                    None => return Ok(None),
                },
            }
        }
    }

    /// Answers how it ended, if it did.
    async fn take(&mut self, delta: Delta) -> Result<Option<Finish>, Failed> {
        if !delta.text.is_empty() {
            if delta.text.len() > MAX_ANSWER_BYTES.saturating_sub(self.bytes) {
                return Err(Failed::Agent(format!("the answer is over {MAX_ANSWER_BYTES} bytes")));
            }
            self.bytes += delta.text.len();
            self.say.append(&delta.text).await?;
        }
        self.called_tool |= delta.calls_tool;
        Ok(delta.finish)
    }

    fn judge(&self, finish: Finish) -> Result<(), Failed> {
        let empty = self.bytes == 0;
        let agent = |why: &str| Err(Failed::Agent(why.into()));
        match finish {
            Finish::Error => Err(broken("it says that the answer failed")),
            Finish::ToolCalls if empty => agent("the model called a tool instead of answering"),
            Finish::Stop if empty && self.called_tool => {
                agent("the model called a tool instead of answering")
            }
            Finish::Length if empty => {
                agent("the model used up its tokens before the first word: allow it more")
            }
            Finish::ContentFilter if empty => {
                Err(Failed::Refused("its content filter stopped the answer before the first word".into()))
            }
            Finish::Length => {
                warn!(
                    bytes = self.bytes,
                    "the model ran into its token limit: the answer ends in the middle"
                );
                Ok(())
            }
            Finish::Stop | Finish::ContentFilter | Finish::ToolCalls => Ok(()),
        }
    }

    /// What may follow a whole answer. Nothing in it can fail any more.
    async fn hear_out(&mut self, body: &mut Body) {
        let tail = async {
            while let Ok(Some(Chunk::Delta(Delta { tokens, .. }))) = self.next(body).await {
                if let Some(tokens) = tokens {
                    debug!(tokens, bytes = self.bytes, "the answer's tokens");
                }
            }
        };
        // Too late is no harm.
        let _ = timeout(TAIL, tail).await;
    }
}

fn broken(why: &str) -> Failed {
    Failed::Unavailable { why: why.into(), retry_after: None }
}
