//! The way in. Bounded in events *and* bytes, waiting and in flight together: a letter holds its place until it is
//! settled, so that a slow guest is felt by the platform and not by the host's memory.
use crate::ages::{Ages, Stay};
use crate::clock::epoch_ms;
use crate::journal::{DeadLetter, Past};
use crate::limit::{Hits, Limit};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// The instance is gone for good; nobody will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instance has ended")]
pub struct Closed;

/// Every place is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mailbox is full")]
pub struct Full;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// Never to be delivered again: the guest said so, it has no handler, or the event killed it twice.
    Rejected(String),
}

/// How much one room of one instance may have waiting and in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    pub events: usize,
    pub bytes: usize,
}

/// One event and the place it takes.
pub struct Letter<E> {
    pub event: E,
    pub posted: Instant,
    /// Wall clock of the event itself, which may be older than this process.
    pub since_ms: u64,
    pub past: Past,
    /// It was set aside already and is tried once more: whoever posted it keeps it, should it fail again.
    pub revived: bool,
    place: Place,
}

struct Place {
    _slot: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
    _stay: Stay,
    answer: Option<oneshot::Sender<Settled>>,
    keeper: Option<Keeper>,
}

/// Hears what becomes of an event that outlives the process, at the moment when it becomes so.
pub type Keeper = Arc<dyn Fn(Fate<'_>) + Send + Sync>;

#[derive(Debug)]
pub enum Fate<'a> {
    /// A delivery failed; there will be another.
    Failed(&'a Past),
    Done,
    /// Never to be delivered again. Whoever keeps the event writes the dead letter, if there is one, in the same breath.
    Rejected {
        past: &'a Past,
        dead: Option<DeadLetter>,
    },
}

/// What an event brings along that was there before.
#[derive(Default)]
pub struct History {
    pub since_ms: Option<u64>,
    pub past: Past,
    pub keeper: Option<Keeper>,
    pub revived: bool,
}

/// The writing end, for one room of one instance.
pub struct Mailbox<E> {
    slots: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    capacity: Capacity,
    ages: Ages,
    hits: Arc<Hits>,
    put: Arc<dyn Fn(Letter<E>) -> Result<(), Closed> + Send + Sync>,
}

/// The reading end. Dropping it tells every writer.
pub struct Queue<E> {
    letters: mpsc::UnboundedReceiver<Letter<E>>,
    ages: Ages,
}

/// Tells how long the oldest event has been waiting or in flight: how far an instance lags behind. Zero where there is
/// none.
#[derive(Clone, Debug, Default)]
pub struct Lag(Ages);

impl Lag {
    pub fn now(&self) -> Duration {
        self.0.oldest()
    }
}

/// The side from which rooms get their mailboxes.
pub struct Post<E> {
    sender: mpsc::UnboundedSender<Letter<E>>,
    ages: Ages,
    hits: Arc<Hits>,
}

/// Bytes are counted in units of this many; an empty event costs one.
const BYTES_UNIT: usize = 256;

/// `hits` counts the events that found no place.
pub fn queue<E: Send + 'static>(hits: Arc<Hits>) -> (Post<E>, Queue<E>) {
    let (sender, letters) = mpsc::unbounded_channel();
    let ages = Ages::default();
    (Post { sender, ages: ages.clone(), hits }, Queue { letters, ages })
}

impl<E: Send + 'static> Post<E> {
    /// A mailbox for one room's events, bounded by itself: a flood in one room takes no place of another.
    pub fn room<F: Send + 'static>(&self, wrap: fn(F) -> E, capacity: Capacity) -> Mailbox<F> {
        let sender = self.sender.clone();
        Mailbox {
            slots: Arc::new(Semaphore::new(capacity.events)),
            bytes: Arc::new(Semaphore::new(units(capacity.bytes) as usize)),
            capacity,
            ages: self.ages.clone(),
            hits: self.hits.clone(),
            put: Arc::new(move |letter| sender.send(letter.map(wrap)).map_err(|_| Closed)),
        }
    }
}

impl<E: Send + 'static> Mailbox<E> {
    /// Waits while the mailbox is full; a driver that waits here reads no more of its socket. `bytes` is what the
    /// event holds; more than the whole capacity counts as the whole. Cancel safe: cancelled, nothing was posted.
    ///
    /// # Errors
    /// [`Closed`] when the instance has ended.
    pub async fn post(&self, event: E, bytes: usize) -> Result<(), Closed> {
        let place = self.place(bytes, None).await?;
        (self.put)(Letter::new(event, place))
    }

    /// Like [`post`](Self::post), then waits until the event is settled; retries and restarts of the guest lie in
    /// between. For those who must not deliver the next before this one was answered.
    ///
    /// # Errors
    /// [`Closed`] when the instance ended before the event was settled.
    pub async fn deliver(&self, event: E, bytes: usize) -> Result<Settled, Closed> {
        self.deliver_with(event, bytes, History::default()).await
    }

    /// Like [`deliver`](Self::deliver), for an event that has a history or leaves one.
    ///
    /// # Errors
    /// [`Closed`] when the instance ended before the event was settled.
    pub async fn deliver_with(&self, event: E, bytes: usize, history: History) -> Result<Settled, Closed> {
        let (answer, settled) = oneshot::channel();
        let mut place = self.place(bytes, Some(answer)).await?;
        let History { since_ms, past, keeper, revived } = history;
        place.keeper = keeper;
        let letter = Letter::new(event, place);
        let since_ms = since_ms.unwrap_or(letter.since_ms);
        (self.put)(Letter { since_ms, past, revived, ..letter })?;
        settled.await.map_err(|_| Closed)
    }

    /// Without waiting.
    ///
    /// # Errors
    /// [`Full`]; an instance that has ended takes everything and reads nothing.
    pub fn try_post(&self, event: E, bytes: usize) -> Result<(), Full> {
        let full = |limit| {
            self.hits.hit(limit);
            Full
        };
        let slot = self.slots.clone().try_acquire_owned().map_err(|_| full(Limit::MailboxEvents))?;
        let bytes = self.bytes.clone().try_acquire_many_owned(self.cost(bytes));
        let bytes = bytes.map_err(|_| full(Limit::MailboxBytes))?;
        let place =
            Place { _slot: slot, _bytes: bytes, _stay: self.ages.begin(), answer: None, keeper: None };
        let _ = (self.put)(Letter::new(event, place));
        Ok(())
    }

    /// The same mailbox for events of another shape: the places are shared.
    pub fn via<F: Send + 'static>(&self, wrap: impl Fn(F) -> E + Send + Sync + 'static) -> Mailbox<F> {
        let put = self.put.clone();
        Mailbox {
            slots: self.slots.clone(),
            bytes: self.bytes.clone(),
            capacity: self.capacity,
            ages: self.ages.clone(),
            hits: self.hits.clone(),
            put: Arc::new(move |letter| put(letter.map(&wrap))),
        }
    }

    /// Events that wait or are in flight.
    pub fn taken(&self) -> usize {
        self.capacity.events - self.slots.available_permits()
    }

    async fn place(&self, bytes: usize, answer: Option<oneshot::Sender<Settled>>) -> Result<Place, Closed> {
        let slot = self.permits(&self.slots, 1, Limit::MailboxEvents).await?;
        let bytes = self.permits(&self.bytes, self.cost(bytes), Limit::MailboxBytes).await?;
        Ok(Place { _slot: slot, _bytes: bytes, _stay: self.ages.begin(), answer, keeper: None })
    }

    async fn permits(
        &self,
        of: &Arc<Semaphore>,
        many: u32,
        limit: Limit,
    ) -> Result<OwnedSemaphorePermit, Closed> {
        if let Ok(permits) = of.clone().try_acquire_many_owned(many) {
            return Ok(permits);
        }
        self.hits.hit(limit);
        of.clone().acquire_many_owned(many).await.map_err(|_| Closed)
    }

    fn cost(&self, bytes: usize) -> u32 {
        units(bytes).min(units(self.capacity.bytes))
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(BYTES_UNIT))
        .unwrap_or(u32::MAX)
        .clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize) as u32)
}

impl<E> Letter<E> {
    fn new(event: E, place: Place) -> Self {
        let (posted, since_ms) = (Instant::now(), epoch_ms());
        Self { event, posted, since_ms, past: Past::default(), revived: false, place }
    }

    fn map<F>(self, wrap: impl Fn(E) -> F) -> Letter<F> {
        let Self { event, posted, since_ms, past, revived, place } = self;
        Letter { event: wrap(event), posted, since_ms, past, revived, place }
    }

    /// Whether somebody outlives the process with it.
    pub fn is_kept(&self) -> bool {
        self.place.keeper.is_some() || self.revived
    }

    /// A delivery failed and there will be another; `deadly` if it ended the instance.
    pub fn fails(&mut self, what: impl Into<String>, deadly: bool) {
        self.past.deaths += u32::from(deadly);
        self.past.fails(epoch_ms(), what);
        if let Some(keeper) = &self.place.keeper {
            keeper(Fate::Failed(&self.past));
        }
    }

    /// It was dealt with, or means nothing any more.
    pub fn done(self) {
        self.settle(Settled::Done);
    }

    /// Gives the place free and tells whoever waits. What is rejected is gone: see [`rejected`](Self::rejected).
    pub fn settle(self, settled: Settled) {
        match settled {
            Settled::Done => {
                if let Some(keeper) = &self.place.keeper {
                    keeper(Fate::Done);
                }
                self.tell(Settled::Done);
            }
            Settled::Rejected(reason) => drop(self.rejected(reason, None)),
        }
    }

    /// Never to be delivered again. The dead letter comes back with the letter when nobody keeps the event: it is to be
    /// written, then [`tell`](Self::tell) it; until then the letter holds its place.
    pub fn rejected(self, reason: String, dead: Option<DeadLetter>) -> Option<(Self, DeadLetter)> {
        match (&self.place.keeper, dead) {
            (Some(keeper), dead) => keeper(Fate::Rejected { past: &self.past, dead }),
            (None, Some(dead)) => return Some((self, dead)),
            (None, None) => {}
        }
        self.tell(Settled::Rejected(reason));
        None
    }

    /// Gives the place free and tells whoever waits, nobody else.
    pub fn tell(self, settled: Settled) {
        if let Some(answer) = self.place.answer {
            let _ = answer.send(settled);
        }
    }
}

impl<E> Queue<E> {
    /// `None` when every writer is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Letter<E>> {
        self.letters.recv().await
    }

    pub fn waiting(&self) -> usize {
        self.letters.len()
    }

    pub fn lag(&self) -> Lag {
        Lag(self.ages.clone())
    }

    /// Takes no more, and gives what is there.
    pub fn close(&mut self) -> Vec<Letter<E>> {
        self.letters.close();
        std::iter::from_fn(|| self.letters.try_recv().ok()).collect()
    }
}

impl<E> Clone for Mailbox<E> {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            bytes: self.bytes.clone(),
            capacity: self.capacity,
            ages: self.ages.clone(),
            hits: self.hits.clone(),
            put: self.put.clone(),
        }
    }
}

impl<E> Clone for Post<E> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), ages: self.ages.clone(), hits: self.hits.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn pair(events: usize, bytes: usize) -> (Mailbox<u32>, Queue<u32>) {
        let (post, queue) = queue(Arc::default());
        (post.room(|event| event, Capacity { events, bytes }), queue)
    }

    #[tokio::test]
    async fn a_full_mailbox_waits_until_a_letter_is_settled() {
        let (mailbox, mut queue) = pair(1, 1024);
        mailbox.post(1, 0).await.unwrap();
        assert_eq!(mailbox.try_post(2, 0), Err(Full));
        let letter = queue.next().await.unwrap();
        assert!(mailbox.post(2, 0).now_or_never().is_none(), "in flight still takes the place");
        assert_eq!(mailbox.hits.of(Limit::MailboxEvents), 2);
        assert!(queue.lag().now() > Duration::ZERO);
        letter.settle(Settled::Done);
        mailbox.post(2, 0).await.unwrap();
        assert_eq!(queue.next().await.unwrap().event, 2);
        assert_eq!(queue.lag().now(), Duration::ZERO);
    }

    #[tokio::test]
    async fn bytes_are_bounded_too_and_one_giant_still_passes() {
        let (mailbox, mut queue) = pair(10, 1024);
        mailbox.post(1, 1 << 20).await.unwrap();
        assert_eq!(mailbox.try_post(2, 1), Err(Full));
        drop(queue.next().await.unwrap());
        assert_eq!(mailbox.try_post(2, 1), Ok(()));
    }

    #[tokio::test]
    async fn deliver_tells_what_became_of_it() {
        let (mailbox, mut queue) = pair(2, 1024);
        let settled = tokio::spawn({
            let mailbox = mailbox.clone();
            async move { (mailbox.deliver(1, 0).await, mailbox.deliver(2, 0).await) }
        });
        queue.next().await.unwrap().settle(Settled::Rejected("no".into()));
        drop(queue.next().await.unwrap());
        assert_eq!(settled.await.unwrap(), (Ok(Settled::Rejected("no".into())), Err(Closed)));
    }

    #[tokio::test]
    async fn a_keeper_hears_of_failures_and_of_the_end() {
        let (mailbox, mut queue) = pair(1, 1024);
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let keeper: Keeper = Arc::new({
            let heard = heard.clone();
            move |fate| heard.lock().unwrap().push(format!("{fate:?}"))
        });
        let past = Past { attempts: 2, ..Past::default() };
        let history = History { since_ms: Some(7), past, keeper: Some(keeper), revived: true };
        let guest = async {
            let mut letter = queue.next().await.unwrap();
            assert_eq!((letter.since_ms, letter.past.attempts, letter.revived), (7, 2, true));
            letter.fails("died", true);
            assert_eq!((letter.past.attempts, letter.past.deaths), (3, 1));
            letter.settle(Settled::Done);
        };
        let (settled, ()) = tokio::join!(mailbox.deliver_with(1, 0, history), guest);
        assert_eq!(settled, Ok(Settled::Done));
        let heard = heard.lock().unwrap();
        assert!(heard[0].contains("died") && heard[1].contains("Done"), "{heard:?}");
    }

    #[tokio::test]
    async fn a_reader_that_is_gone_closes_the_mailbox() {
        let (mailbox, queue) = pair(2, 1024);
        drop(queue);
        assert_eq!(mailbox.post(1, 0).await, Err(Closed));
    }
}
