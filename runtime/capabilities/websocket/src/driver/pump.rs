//! One open connection: frames in, frames out, pings, and the judgement of when it is over. All in one task, because
//! every part must stop the others: a full mailbox the reading, a dead line the sending.
use super::drive::Driver;
use super::event::{CloseReason, What};
use super::gauge::State;
use super::keepalive::{Due, KeepAlive};
use super::outbox::{Outgoing, Queue, outbox};
use super::plan::Plan;
use super::tell::Letter;
use super::wire::{Moved, Wire, probe, reason};
use ports::mailbox::Closed;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

/// For one frame to be taken by the far end. 16 MiB at 0.5 MiB/s; who is slower does not read.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// When nothing at all is due; some time has to be given.
const LONG: Duration = Duration::from_secs(3600);

pub(super) struct Pump<'a> {
    pub(super) driver: &'a mut Driver,
    pub(super) plan: &'a Plan,
    pub(super) wire: Wire,
    queue: Queue,
    pub(super) alive: KeepAlive,
    /// What waits for the mailbox. While it does, nothing is read; sends go on, since the guest may hold a place in
    /// the mailbox until its own send is done.
    pub(super) letter: Option<Letter>,
    writing: Option<Writing>,
    pub(super) ready: bool,
    /// Secrets may arrive here: each text message is parsed.
    pub(super) awaits: bool,
    /// A secret came back; said once per connection.
    pub(super) scrubbed: bool,
}

struct Writing {
    until: Instant,
    /// Of a frame for the platform, not of a probe.
    bytes: Option<usize>,
    sender: Option<Waiting>,
}

/// Who waits, and the room that the frame takes.
type Waiting = (oneshot::Sender<()>, OwnedSemaphorePermit);

enum Step {
    Posted(Result<(), Closed>),
    Moved(Moved),
    Send(Box<Outgoing>),
    Asked,
    Tick,
}

impl<'a> Pump<'a> {
    pub(super) fn new(driver: &'a mut Driver, plan: &'a Arc<Plan>, wire: Wire) -> Self {
        let (outbox, queue) = outbox(plan.clone());
        driver.shared.set_outbox(Some(outbox));
        let awaits = driver.context.vault.awaits(None, &plan.url);
        Self {
            driver,
            plan,
            wire,
            queue,
            alive: KeepAlive::new(Instant::now(), plan.ping.as_ref()),
            letter: None,
            writing: None,
            ready: false,
            awaits,
            scrubbed: false,
        }
    }

    /// Until the connection is over, and whoever has to know it knows: the senders at once, the platform if it can be
    /// told, and the event that waited is posted or dropped.
    pub(super) async fn run(mut self, opened: What) -> Result<CloseReason, Closed> {
        self.driver.context.gauge.enter(State::Open);
        if self.plan.ready.is_none() {
            self.accepted();
        }
        self.tell(opened);
        let over = self.converse().await;
        self.driver.shared.set_outbox(None);
        self.queue.close();
        self.writing = None;
        let reason = over?;
        self.wire.leave(&reason).await;
        if reason == CloseReason::Slow {
            self.driver.context.gauge.slow.fetch_add(1, Relaxed);
        }
        if let Some(letter) = self.letter
            && !self.driver.teller.finish(letter).await?
        {
            self.driver.context.gauge.dropped.fetch_add(1, Relaxed);
        }
        Ok(reason)
    }

    async fn converse(&mut self) -> Result<CloseReason, Closed> {
        let shared = self.driver.shared.clone();
        let mut asked = pin!(shared.wish.notified());
        // Fires too early rather than being set anew for every frame.
        let mut tick = pin!(sleep_until(Instant::now()));
        loop {
            if let Some(reason) = self.judge(Instant::now()) {
                return Ok(reason);
            }
            let due = self.due();
            if tick.is_elapsed() || due < tick.deadline() {
                tick.as_mut().reset(due);
            }
            let Self { wire, queue, letter, .. } = self;
            let (reading, writable) = (letter.is_none(), wire.is_writable());
            let post = async {
                match letter {
                    Some(letter) => letter.post.as_mut().await,
                    None => std::future::pending().await,
                }
            };
            // NB: not biased. Neither side may starve the other, or the clock.
            let step = tokio::select! {
                posted = post, if !reading => Step::Posted(posted),
                moved = poll_fn(|cx| wire.poll(cx, reading)) => Step::Moved(moved),
                Some(outgoing) = queue.frames.recv(), if writable => Step::Send(outgoing),
                () = &mut asked => Step::Asked,
                () = &mut tick => Step::Tick,
            };
            let over = match step {
                Step::Posted(posted) => {
                    self.letter = None;
                    posted?;
                    self.driver.teller.told += 1;
                    self.alive.resume(Instant::now());
                    None
                }
                Step::Moved(Moved::Message(message)) => self.came(message),
                Step::Moved(Moved::Flushed) => {
                    self.flushed();
                    None
                }
                Step::Moved(Moved::Unwritable) => {
                    self.writing = None;
                    None
                }
                Step::Moved(Moved::Flood) => Some(CloseReason::Protocol("flood of empty frames".into())),
                Step::Moved(Moved::Broken(error)) => Some(reason(error, self.vault())),
                // Its sender has given up; nothing of it was sent.
                Step::Send(outgoing) if outgoing.sent.is_closed() => None,
                Step::Send(outgoing) => {
                    let Outgoing { message, sent, room } = *outgoing;
                    self.start(message, Some((sent, room)));
                    None
                }
                Step::Asked => Some(CloseReason::Asked),
                Step::Tick => None,
            };
            if let Some(reason) = over {
                return Ok(reason);
            }
        }
    }

    /// Whether it is over by the clock. Sends the ping that is due.
    fn judge(&mut self, now: Instant) -> Option<CloseReason> {
        if self.letter.as_ref().is_some_and(|letter| now >= letter.until) {
            return Some(CloseReason::Slow);
        }
        if self.writing.as_ref().is_some_and(|writing| now >= writing.until) {
            return Some(CloseReason::NotReading);
        }
        match self.alive.judge(now, self.wire.heard(), self.wire.is_writable()) {
            Due::Nothing => None,
            Due::Silent => Some(CloseReason::Silent),
            Due::Probe => {
                self.start(probe(), None);
                None
            }
            Due::Ping => {
                let text = self.plan.ping.as_ref().map(|ping| ping.text.as_str()).unwrap_or_default();
                self.start(Message::text(text), None);
                None
            }
        }
    }

    /// When [`judge`](Self::judge) could next say something.
    fn due(&self) -> Instant {
        let alive = self.alive.next(self.wire.heard(), self.wire.is_writable());
        let letter = self.letter.as_ref().map(|letter| letter.until);
        let writing = self.writing.as_ref().map(|writing| writing.until);
        [alive, letter, writing].into_iter().flatten().min().unwrap_or_else(|| Instant::now() + LONG)
    }

    fn start(&mut self, message: Message, sender: Option<Waiting>) {
        let bytes = (!message.is_ping()).then(|| message.len());
        self.writing = Some(Writing { until: Instant::now() + WRITE_WITHIN, bytes, sender });
        self.wire.start(message);
    }

    fn flushed(&mut self) {
        let Some(Writing { bytes, sender, .. }) = self.writing.take() else { return };
        if let Some(bytes) = bytes {
            self.driver.context.gauge.went_out(bytes);
            tracing::debug!(bytes, "sent");
        }
        if let Some((sent, _room)) = sender {
            let _ = sent.send(());
        }
    }
}
