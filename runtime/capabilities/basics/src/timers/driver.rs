//! One task per timer; they outlive the guest, not the process.
use super::Fired;
use super::fate::Fate;
use ports::mailbox::{Closed, Mailbox, Settled};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval_at, sleep};

pub struct Timers {
    running: BTreeMap<Arc<str>, Timer>,
    mailbox: Mailbox<Fired>,
    most: usize,
    counts: Arc<Counts>,
}

#[derive(Default)]
pub struct Counts {
    timers: AtomicU64,
    fired: AtomicU64,
    /// Ticks that found the last one not answered.
    dropped: AtomicU64,
    /// Of all timers of the instance together, so that no number comes twice under one name.
    sequence: AtomicU64,
}

struct Timer {
    kind: Kind,
    named: bool,
    fate: Arc<Fate>,
    task: AbortHandle,
    counts: Arc<Counts>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Every(Duration),
    Once,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Timers {
    /// Numbers its events from `first`.
    pub fn new(mailbox: Mailbox<Fired>, most: usize, first: u64) -> Self {
        let counts = Arc::new(Counts { sequence: AtomicU64::new(first), ..Counts::default() });
        Self { running: BTreeMap::new(), mailbox, most, counts }
    }

    pub fn counts(&self) -> Arc<Counts> {
        self.counts.clone()
    }

    pub fn every(&mut self, name: &str, every: Duration) -> Result<(), Full> {
        match self.running.get_mut(name) {
            Some(timer) if timer.kind == Kind::Every(every) && !timer.task.is_finished() => {
                timer.named = true
            }
            _ => {
                let name = self.room_for(name)?;
                let fate = Arc::<Fate>::default();
                let post = self.post(&name, &fate);
                self.run(name, Kind::Every(every), fate, tick(every, post));
            }
        }
        Ok(())
    }

    pub fn once(&mut self, name: &str, delay: Duration) -> Result<(), Full> {
        let name = self.room_for(name)?;
        let fate = Arc::<Fate>::default();
        let post = self.post(&name, &fate);
        self.run(name, Kind::Once, fate, fire(delay, post));
        Ok(())
    }

    /// Whether something will not happen that would have. What has fired already and waits for its handler does not
    /// come any more either.
    pub fn cancel(&mut self, name: &str) -> bool {
        let Some(timer) = self.running.remove(name) else { return false };
        let waits = timer.fate.cancel();
        !timer.task.is_finished() && (waits || timer.kind != Kind::Once)
    }

    fn post(&self, name: &Arc<str>, fate: &Arc<Fate>) -> Post {
        let (mailbox, counts) = (self.mailbox.clone(), self.counts.clone());
        Post { name: name.clone(), fate: fate.clone(), mailbox, counts }
    }

    /// Nothing is named yet.
    pub fn begin(&mut self) {
        self.running.values_mut().for_each(|timer| timer.named = timer.kind == Kind::Once);
    }

    /// Ends what was not named again.
    pub fn commit(&mut self) {
        self.running.retain(|_, timer| timer.named);
    }

    fn room_for(&mut self, name: &str) -> Result<Arc<str>, Full> {
        self.running.retain(|_, timer| !timer.task.is_finished());
        match self.running.contains_key(name) || self.running.len() < self.most {
            true => Ok(name.into()),
            false => Err(Full),
        }
    }

    fn run(
        &mut self,
        name: Arc<str>,
        kind: Kind,
        fate: Arc<Fate>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let task = tokio::spawn(task).abort_handle();
        self.counts.timers.fetch_add(1, Relaxed);
        self.running.insert(name, Timer { kind, named: true, fate, task, counts: self.counts.clone() });
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // What waits in the mailbox is of a timer that is no more: cancelled, moved or not named again.
        self.fate.cancel();
        self.task.abort();
        self.counts.timers.fetch_sub(1, Relaxed);
    }
}

impl Counts {
    pub fn timers(&self) -> u64 {
        self.timers.load(Relaxed)
    }
    pub fn fired(&self) -> u64 {
        self.fired.load(Relaxed)
    }
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

/// Where a timer's events go.
struct Post {
    name: Arc<str>,
    fate: Arc<Fate>,
    mailbox: Mailbox<Fired>,
    counts: Arc<Counts>,
}

impl Post {
    /// Until it was answered.
    async fn fired(&self) -> Result<Settled, Closed> {
        self.counts.fired.fetch_add(1, Relaxed);
        let sequence = self.counts.sequence.fetch_add(1, Relaxed);
        let fired = Fired { name: self.name.clone(), sequence, fate: self.fate.clone() };
        self.mailbox.deliver(fired, 0).await
    }
}

/// A tick waits until the last one was answered; what would have come meanwhile is dropped.
async fn tick(every: Duration, post: Post) {
    let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let due = ticks.tick().await;
        let late = due.elapsed().as_nanos() / every.as_nanos();
        post.counts.dropped.fetch_add(late as u64, Relaxed);
        if post.fired().await.is_err() {
            return;
        }
    }
}

async fn fire(delay: Duration, post: Post) {
    sleep(delay).await;
    let _ = post.fired().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::mailbox::{Capacity, Queue, queue};

    fn timers() -> (Timers, Queue<Fired>) {
        let (post, queue) = queue(Default::default());
        (Timers::new(post.room(|fired| fired, Capacity { events: 8, bytes: 8192 }), 3, 0), queue)
    }

    const TENTH: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn a_tick_that_is_not_answered_holds_the_next_one_back() {
        let (mut timers, mut queue) = timers();
        timers.every("t", TENTH).unwrap();
        let first = queue.next().await.unwrap();
        sleep(TENTH * 5).await;
        assert_eq!(queue.waiting(), 0);
        first.settle(Settled::Done);
        assert_eq!(queue.next().await.unwrap().event.sequence, 1);
        assert!(timers.counts().dropped() >= 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_start_does_not_name_again_ends_but_not_what_fires_once() {
        let (mut timers, mut queue) = timers();
        timers.every("kept", TENTH).unwrap();
        timers.every("gone", TENTH).unwrap();
        timers.once("once", TENTH * 3).unwrap();
        timers.begin();
        timers.every("kept", TENTH).unwrap();
        timers.commit();
        let mut seen = Vec::new();
        while seen.len() < 4 {
            let letter = queue.next().await.unwrap();
            seen.push(letter.event.name.to_string());
            letter.settle(Settled::Done);
        }
        assert!(!seen.contains(&"gone".to_owned()) && seen.contains(&"once".to_owned()), "{seen:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_too_many_is_refused_and_a_place_comes_back() {
        let (mut timers, mut queue) = timers();
        for name in ["a", "b", "c"] {
            timers.once(name, TENTH).unwrap();
        }
        assert_eq!(timers.once("d", TENTH), Err(Full));
        assert_eq!(timers.once("a", TENTH * 2), Ok(()), "the same name takes no new place");
        assert!(timers.cancel("b") && !timers.cancel("b"));
        assert_eq!(timers.every("d", TENTH), Ok(()));
        queue.next().await.unwrap().settle(Settled::Done);
        assert_eq!(timers.counts().timers(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_cancelled_does_not_come_although_it_has_fired() {
        let (mut timers, mut queue) = timers();
        timers.once("t", TENTH).unwrap();
        let fired = queue.next().await.unwrap();
        assert!(timers.cancel("t") && !fired.event.fate.begins());
        timers.once("t", TENTH).unwrap();
        let moved = queue.next().await.unwrap();
        timers.once("t", TENTH).unwrap();
        assert!(!moved.event.fate.begins(), "the same name again moves it");
        let fired = queue.next().await.unwrap();
        assert!(fired.event.fate.begins() && !timers.cancel("t"), "too late");
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_interval_again_does_not_start_it_anew() {
        let (mut timers, mut queue) = timers();
        timers.every("t", TENTH).unwrap();
        sleep(TENTH / 2).await;
        timers.every("t", TENTH).unwrap();
        let before = tokio::time::Instant::now();
        queue.next().await.unwrap();
        assert!(before.elapsed() <= TENTH / 2 + Duration::from_millis(2));
    }
}
