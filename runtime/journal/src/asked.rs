//! What goes through the queue. The writer knows only that it can be applied and answered; what it does with the tables is
//! the business of [`append`](crate::append), [`commit`](crate::commit) and the readers.
//!
//! A read is a command like the others: it looks where it stands in the queue, so it sees all that was asked for before
//! it and nothing that was asked for after it, and like them it is answered when that is on disk.
use crate::fault::Fault;
use crate::pen::Pen;
use futures::channel::oneshot;
use rusqlite::Connection;

pub trait Work: Send + 'static {
    type Answer: Send;
    type Error: From<Fault> + Send;

    /// Called inside a transaction, and again in another one if that one failed. The inner error is a refusal.
    ///
    /// NB: what refuses must not have written: the others of the group are committed all the same.
    fn apply(&self, pen: &mut Pen<'_>) -> rusqlite::Result<Result<Self::Answer, Self::Error>>;

    /// Roughly what it writes, to bound a group.
    fn bytes(&self) -> usize;

    fn kind(&self) -> Kind;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Write,
    /// Waits until it can be written, and what comes behind it must not overtake it.
    Must,
    Read,
    /// A read of what a [`Kind::Must`] writes: it fails while one waits, for it would not see it.
    StrictRead,
}

impl Kind {
    pub fn reads(self) -> bool {
        matches!(self, Kind::Read | Kind::StrictRead)
    }
}

/// A [`Work`] with whoever waits for it.
pub trait Command: Send {
    fn apply(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()>;
    fn bytes(&self) -> usize;
    fn kind(&self) -> Kind;
    /// Answers what the last `apply` came to. Only once that is on disk.
    fn done(self: Box<Self>);
    fn fail(self: Box<Self>, fault: Fault);
}

/// The command, and where its answer arrives.
pub fn ask<W: Work>(work: W) -> (Box<dyn Command>, oneshot::Receiver<Answer<W>>) {
    let (answer, waiting) = oneshot::channel();
    (Box::new(Asked { work, result: None, answer }), waiting)
}

type Answer<W> = Result<<W as Work>::Answer, <W as Work>::Error>;

struct Asked<W: Work> {
    work: W,
    result: Option<Answer<W>>,
    answer: oneshot::Sender<Answer<W>>,
}

impl<W: Work> Command for Asked<W> {
    fn apply(&mut self, pen: &mut Pen<'_>) -> rusqlite::Result<()> {
        self.result = Some(self.work.apply(pen)?);
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.work.bytes()
    }

    fn kind(&self) -> Kind {
        self.work.kind()
    }

    fn done(self: Box<Self>) {
        if let Some(result) = self.result {
            let _ = self.answer.send(result);
        }
    }

    fn fail(self: Box<Self>, fault: Fault) {
        let _ = self.answer.send(Err(fault.into()));
    }
}

/// A read. What it can't read fails nobody else.
pub struct Look<L> {
    pub strict: bool,
    pub look: L,
}

impl<T, L> Work for Look<L>
where
    T: Send,
    L: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
{
    type Answer = T;
    type Error = Fault;

    fn apply(&self, pen: &mut Pen<'_>) -> rusqlite::Result<Result<T, Fault>> {
        Ok((self.look)(pen.db).map_err(Fault::from))
    }

    fn bytes(&self) -> usize {
        0
    }

    fn kind(&self) -> Kind {
        if self.strict { Kind::StrictRead } else { Kind::Read }
    }
}
