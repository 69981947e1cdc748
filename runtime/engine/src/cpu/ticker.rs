//! The clock by which guests are interrupted: a thread of its own, which no guest and no task can hold up, and a look at
//! it from outside.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tracing::{error, warn};
use wasmtime::{Engine, EngineWeak};

/// One slice of CPU. Short enough that a spinning neighbour costs others little, long enough to cost nothing itself.
pub const TICK: Duration = Duration::from_millis(2);

/// How often the ticks are looked at; without one in that time the thread is replaced.
const LOOK: Duration = Duration::from_secs(1);

/// Advances the epoch of an engine as long as that lives.
#[derive(Clone)]
pub struct Ticker {
    engine: EngineWeak,
    pulse: Arc<Pulse>,
}

#[derive(Default)]
struct Pulse {
    ticks: AtomicU64,
    replaced: AtomicU64,
    longest_gap_us: AtomicU64,
    last: Mutex<Option<Instant>>,
    /// The thread that is in charge; another one ends.
    charge: AtomicU64,
}

/// Since the process began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ticks {
    pub ticks: u64,
    /// Threads that had to be replaced: 0 in a sound process.
    pub replaced: u64,
    /// The longest time between two ticks. Much more than a tick: the machine is overloaded, and so long may a guest
    /// have kept a core beyond its budget.
    pub longest_gap_ms: u64,
    /// Since the last tick. Seconds: no guest is interrupted.
    pub last_ms_ago: u64,
}

impl Ticker {
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let ticker = Self { engine: engine.weak(), pulse: Arc::default() };
        ticker.spawn(|engine| engine.increment_epoch())?;
        Ok(ticker)
    }

    pub fn ticks(&self) -> Ticks {
        let Pulse { ticks, replaced, longest_gap_us, last, .. } = &*self.pulse;
        let last = *last.lock().unwrap_or_else(PoisonError::into_inner);
        Ticks {
            ticks: ticks.load(Relaxed),
            replaced: replaced.load(Relaxed),
            longest_gap_ms: longest_gap_us.load(Relaxed) / 1000,
            last_ms_ago: last.map_or(0, |last| last.elapsed().as_millis() as u64),
        }
    }

    /// Replaces a thread that no longer ticks. On a thread of its own too: those of tokio may all be held by guests that
    /// nobody interrupts any more. Ends with the engine.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn watch(&self) -> std::io::Result<()> {
        let ticker = self.clone();
        thread::Builder::new().name("epoch-watch".into()).spawn(move || ticker.watch_every(LOOK)).map(drop)
    }

    fn watch_every(self, look: Duration) {
        let mut seen = self.pulse.ticks.load(Relaxed);
        loop {
            thread::sleep(look);
            if self.engine.upgrade().is_none() {
                return;
            }
            let now = self.pulse.ticks.load(Relaxed);
            if now == seen {
                self.pulse.replaced.fetch_add(1, Relaxed);
                error!(blame = "host", "the clock of the guests stood still; it gets a new thread");
                if let Err(error) = self.spawn(|engine| engine.increment_epoch()) {
                    warn!(%error, "no thread for the clock of the guests; trying again");
                }
            }
            seen = now;
        }
    }

    fn spawn(&self, tick: impl Fn(&Engine) + Send + 'static) -> std::io::Result<()> {
        let (engine, pulse) = (self.engine.clone(), self.pulse.clone());
        let mine = pulse.charge.fetch_add(1, Relaxed) + 1;
        let ticking = move || {
            let mut last = Instant::now();
            loop {
                thread::sleep(TICK);
                let Some(engine) = engine.upgrade() else { return };
                if pulse.charge.load(Relaxed) != mine {
                    return;
                }
                tick(&engine);
                pulse.ticks.fetch_add(1, Relaxed);
                let gap = last.elapsed().as_micros().try_into().unwrap_or(u64::MAX);
                pulse.longest_gap_us.fetch_max(gap, Relaxed);
                last = Instant::now();
                *pulse.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
            }
        };
        thread::Builder::new().name("epoch".into()).spawn(ticking).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_died_or_hangs_is_replaced_and_two_never_tick() {
        for hang in [false, true] {
            let engine = Engine::default();
            let ticker = Ticker { engine: engine.weak(), pulse: Arc::default() };
            ticker
                .spawn(move |_| match hang {
                    true => thread::sleep(Duration::from_secs(2)),
                    false => panic!("the thread ends here, as the test wants"),
                })
                .unwrap();
            let watched = ticker.clone();
            thread::spawn(move || watched.watch_every(Duration::from_millis(200)));
            let begun = Instant::now();
            while ticker.ticks().ticks < 5 {
                assert!(begun.elapsed() < Duration::from_secs(10), "nobody replaces it");
                thread::sleep(TICK);
            }
            assert_eq!(ticker.ticks().replaced, 1);
            if hang {
                thread::sleep(Duration::from_millis(2100));
                let before = ticker.ticks().ticks;
                thread::sleep(TICK * 20);
                assert!(ticker.ticks().ticks - before <= 21, "two threads tick");
            }
        }
    }

    #[test]
    fn the_thread_and_its_watch_end_with_the_engine() {
        let engine = Engine::default();
        let ticker = Ticker::start(&engine).unwrap();
        let watched = ticker.clone();
        let watch = thread::spawn(move || watched.watch_every(Duration::from_millis(10)));
        drop(engine);
        watch.join().unwrap();
        thread::sleep(TICK * 5);
        let before = ticker.ticks().ticks;
        thread::sleep(TICK * 5);
        assert_eq!(ticker.ticks().ticks, before);
    }
}
