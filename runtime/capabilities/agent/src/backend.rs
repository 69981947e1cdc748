//! What stands behind `dispatch`.
use crate::blocks::Cutter;
use crate::desk::Line;
use futures::future::BoxFuture;
use ports::identity::InstanceId;
use ports::mailbox::Closed;

/// An agent, as the room sees it.
pub trait Backend: Send + Sync + 'static {
    /// Answers one message: says pieces of the answer as they come, and returns when it is whole. The room has told
    /// the connector that the work began, and tells it how it ended. Dropped when the message is aborted.
    ///
    /// # Errors
    /// [`Failed`]: the connector is told, nothing is repeated.
    fn answer<'a>(&'a self, message: &'a Message, say: &'a mut Say) -> BoxFuture<'a, Result<(), Failed>>;
}

/// One accepted message. All of it is untrusted text.
#[derive(Debug, Clone)]
pub struct Message {
    pub instance: InstanceId,
    pub ticket: String,
    pub conversation: String,
    pub sender_id: String,
    pub sender_label: String,
    /// Only by the operator's grant.
    pub sender_is_owner: bool,
    /// Where it was said, as the platform names it.
    pub to: String,
    pub in_group: bool,
    pub sent_at_ms: u64,
    pub meta: Vec<(String, String)>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("the agent refused the message: {0}")]
    Refused(String),
    #[error("{0}")]
    Agent(String),
    /// Nobody is there any more to be told.
    #[error("the connector has ended")]
    Gone,
}

impl From<Closed> for Failed {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

/// Where a backend says its answer.
pub struct Say {
    line: Line,
    cutter: Cutter,
    whole: String,
}

impl Say {
    pub(crate) fn new(line: Line) -> Self {
        Self { line, cutter: Cutter::default(), whole: String::new() }
    }

    /// The next piece of the text. Blocks for posting are cut out of it at the ends of paragraphs. Waits until the
    /// connector took it.
    ///
    /// # Errors
    /// [`Failed::Gone`].
    pub async fn append(&mut self, piece: &str) -> Result<(), Failed> {
        self.whole.push_str(piece);
        self.line.delta(piece).await?;
        for block in self.cutter.feed(piece) {
            self.line.block(&block).await?;
        }
        Ok(())
    }

    /// The rest of the blocks; returns the whole text.
    pub(crate) async fn end(mut self) -> Result<(Line, String), Failed> {
        if let Some(block) = self.cutter.end() {
            self.line.block(&block).await?;
        }
        Ok((self.line, self.whole))
    }

    pub(crate) fn line_mut(&mut self) -> &mut Line {
        &mut self.line
    }

    pub(crate) fn into_line(self) -> Line {
        self.line
    }
}
