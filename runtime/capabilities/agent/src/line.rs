//! The replies of one ticket, each after the one before was answered. What is to be posted is on disk before the
//! connector hears of it, and until it has answered.
use crate::Event;
use crate::bindings::exports::connector::runtime::agent_handler::{Delta, Reply, ReplyEvent};
use crate::kept::{self, Context, Said, Told};
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::agent::Message;
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::journal::{Batch, Error, Journal, Letter, LetterId, Past, Record};
use ports::mailbox::{Closed, Fate, History, Keeper, Mailbox, Settled};
use std::sync::Arc;
use tracing::error;

pub struct Line {
    mailbox: Mailbox<Event>,
    journal: Arc<dyn Journal>,
    whose: Whose,
    /// Whether the connector hears of replies that are not for posting.
    progress: bool,
    /// The next reply that outlives the process.
    number: u32,
    /// Replies since then that do not.
    passing: u32,
    /// Replies below this number are answered.
    answered: u32,
    /// The last reply while it is not answered: who told it may be dropped meanwhile, by an abort.
    last: Option<BoxFuture<'static, Result<Settled, Closed>>>,
}

/// What is the same in all replies of a ticket.
struct Whose {
    instance: InstanceId,
    ticket: String,
    conversation: String,
    to: String,
    context: Vec<u8>,
}

/// A reply of an earlier process.
pub struct Earlier {
    pub told: Told,
    pub since_ms: u64,
    pub past: Past,
}

impl Line {
    pub fn new(
        mailbox: Mailbox<Event>,
        journal: Arc<dyn Journal>,
        message: &Message,
        context: Vec<u8>,
        progress: bool,
        number: u32,
    ) -> Self {
        let whose = Whose {
            instance: message.instance.clone(),
            ticket: message.ticket.clone(),
            conversation: message.conversation.clone(),
            to: message.to.clone(),
            context,
        };
        Self { mailbox, journal, whose, progress, number, passing: 0, answered: number, last: None }
    }

    pub async fn started(&mut self) -> Result<(), Closed> {
        if !self.progress {
            return Ok(());
        }
        self.pass(Reply::Started, 0).await
    }

    pub async fn delta(&mut self, piece: &str) -> Result<(), Closed> {
        if !self.progress {
            return Ok(());
        }
        self.pass(Reply::Delta(Delta::Append(piece.into())), piece.len()).await
    }

    /// What deltas said so far is this instead.
    pub async fn replace(&mut self, text: &str) -> Result<(), Closed> {
        if !self.progress {
            return Ok(());
        }
        self.pass(Reply::Delta(Delta::Replace(text.into())), text.len()).await
    }

    /// Tells these, one after the other; they and `besides` go to disk together. A reply that the connector rejects is
    /// set aside by the engine; the next still comes.
    pub async fn tell(&mut self, replies: Vec<Said>, besides: Vec<Record>) -> Result<(), Closed> {
        let numbered: Vec<Told> = replies.into_iter().map(|said| self.told(said)).collect();
        let mut records: Vec<Record> = numbered.iter().map(|told| self.letter(told)).collect();
        records.extend(besides);
        let durable = self.journal.append(Batch::must(records));
        self.settled().await?;
        let (mailbox, journal, instance) =
            (self.mailbox.clone(), self.journal.clone(), self.whose.instance.clone());
        self.last = Some(
            async move {
                durable.await.map_err(not_kept)?;
                let mut last = Settled::Done;
                for told in numbered {
                    last = deliver(&mailbox, &journal, &instance, told, History::default()).await?;
                }
                Ok(last)
            }
            .boxed(),
        );
        self.settled().await?;
        self.answered = self.number;
        Ok(())
    }

    /// Tells again what an earlier process told and heard no answer to.
    pub async fn again(&mut self, earlier: Earlier) -> Result<(), Closed> {
        let Earlier { told, since_ms, past } = earlier;
        let history = History { since_ms: Some(since_ms), past, ..History::default() };
        deliver(&self.mailbox, &self.journal, &self.whose.instance, told, history).await.map(drop)
    }

    /// A reply that nobody repeats after a restart.
    async fn pass(&mut self, reply: Reply, bytes: usize) -> Result<(), Closed> {
        self.passing += 1;
        let Whose { ticket, conversation, to, context, .. } = &self.whose;
        let reply = ReplyEvent {
            ticket: ticket.clone(),
            conversation: conversation.clone(),
            to: to.clone(),
            context: context.clone(),
            reply,
        };
        let bytes = bytes + reply.context.len();
        let sequence = sequence(self.number) | u64::from(self.passing);
        let event = Event::Reply { sequence, reply: Arc::new(reply), told: None };
        self.settled().await?;
        let mailbox = self.mailbox.clone();
        self.last = Some(async move { mailbox.deliver(event, bytes).await }.boxed());
        self.settled().await
    }

    fn told(&mut self, said: Said) -> Told {
        self.number += 1;
        self.passing = 0;
        Told {
            ticket: self.whose.ticket.clone(),
            sequence: sequence(self.number),
            conversation: self.whose.conversation.clone(),
            to: self.whose.to.clone(),
            context: Context(self.whose.context.clone()),
            answered: self.answered,
            said,
        }
    }

    fn letter(&self, told: &Told) -> Record {
        Record::Letter(Letter {
            id: letter_id(told),
            instance: self.whose.instance.clone(),
            since_ms: epoch_ms(),
            body: kept::write_reply(told),
            past: Past::default(),
        })
    }

    async fn settled(&mut self) -> Result<(), Closed> {
        let settled = match &mut self.last {
            Some(last) => last.await.map(drop),
            None => Ok(()),
        };
        self.last = None;
        settled
    }
}

/// Replies that outlive the process have the same sequence in the next; those that do not lie between them.
fn sequence(number: u32) -> u64 {
    u64::from(number) << 32
}

/// Which reply of its ticket it is, from 0.
pub fn number(told: &Told) -> u32 {
    u32::try_from(told.sequence >> 32).unwrap_or(u32::MAX).saturating_sub(1)
}

fn letter_id(told: &Told) -> LetterId {
    LetterId { source: told.ticket.clone(), number: number(told) }
}

async fn deliver(
    mailbox: &Mailbox<Event>,
    journal: &Arc<dyn Journal>,
    instance: &InstanceId,
    told: Told,
    history: History,
) -> Result<Settled, Closed> {
    tracing::trace!(ticket = told.ticket, sequence = told.sequence, connector = %instance, "telling");
    let keeper = keeper(journal.clone(), &told);
    let (event, bytes) = event(told);
    mailbox.deliver_with(event, bytes, History { keeper: Some(keeper), ..history }).await
}

/// The next start goes on with what is on disk.
fn not_kept(error: Error) -> Closed {
    if error != Error::Closed {
        error!(%error, "a reply could not be kept: its conversation rests until the next start");
    }
    Closed
}

/// The reply as an event, and what it takes of the mailbox.
pub fn event(told: Told) -> (Event, usize) {
    let bytes = told.said.bytes() + told.context.0.len();
    let reply = Arc::new(ReplyEvent::from(&told));
    (Event::Reply { sequence: told.sequence, reply, told: Some(Arc::new(told)) }, bytes)
}

/// Writes down what becomes of the reply. That a block was done is not written by itself: the next reply says so, and
/// after a crash before that the connector looks before it posts it again.
fn keeper(journal: Arc<dyn Journal>, told: &Told) -> Keeper {
    let letter = letter_id(told);
    let ends = told.said.ends();
    let closed = move |source: &str| Record::Closed { ticket: source.to_owned(), at_ms: epoch_ms() };
    Arc::new(move |fate| {
        let batch = match fate {
            // Only a death must be known for sure: it decides what is poison.
            Fate::Failed(past) => {
                Batch { must: past.deaths > 0, records: vec![setback(&letter, past.clone())] }
            }
            Fate::Done if ends => Batch::must(vec![closed(&letter.source)]),
            Fate::Done => return,
            Fate::Rejected { past, dead } => {
                let end = match ends {
                    true => closed(&letter.source),
                    // It stays, as a part of the answer that was said.
                    false => setback(&letter, Past { set_aside: true, ..past.clone() }),
                };
                Batch::must(dead.map(Record::Dead).into_iter().chain([end]).collect())
            }
        };
        drop(journal.append(batch));
    })
}

fn setback(letter: &LetterId, past: Past) -> Record {
    Record::Setback { letter: letter.clone(), past }
}
