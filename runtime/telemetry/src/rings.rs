//! The last lines, in memory: for each instance its own, so that a loud one takes nothing from a quiet one.
//!
//! Bounded in all: in lines of a ring, in rings, and in bytes. When there are too many bytes, the largest rings lose
//! their oldest lines; when there are too many rings, those go that were silent for longest.
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, Receiver, Sender};
use tracing::Level;

/// One line of the log, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub unix_ms: u64,
    pub level: Level,
    /// `tenant/connector/account`; `None`: of the runtime itself.
    pub instance: Option<Arc<str>>,
    /// Message and fields, printable, at most 4 KiB.
    pub text: String,
    /// Counts all lines, from 1. The clock may jump; this does not.
    pub number: u64,
}

#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Lines of one instance.
    pub lines: usize,
    /// Instances.
    pub rings: usize,
    /// Bytes of all lines.
    pub bytes: usize,
}

/// 32 MiB are the last 200 lines of a thousand instances that write as most lines are, or of forty whose every line is
/// as long as can be.
pub const BOUNDS: Bounds = Bounds { lines: 200, rings: 4096, bytes: 32 << 20 };

/// Lines that a follower may be behind: half a second of a busy house.
const BEHIND: usize = 1024;

/// Lines of all that are looked for at once: the lock is held for it, about a millisecond.
const MOST_RECENT: usize = 10_000;

/// What a line costs beside its text.
const LINE_COST: usize = 160;

pub struct Rings {
    bounds: Bounds,
    kept: Mutex<Kept>,
}

struct Kept {
    last: u64,
    bytes: usize,
    house: Ring,
    of: HashMap<Arc<str>, Ring>,
    /// `None`: closed.
    followers: Option<Sender<Arc<Line>>>,
}

#[derive(Default)]
struct Ring {
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
    /// Lines that ever were in it.
    total: u64,
    /// Number of the youngest.
    last: u64,
}

/// What a follower of one instance goes on with.
pub struct Tail {
    pub lines: Vec<Arc<Line>>,
    /// Lines the instance ever wrote, these included.
    pub total: u64,
    /// Number of the last line of all.
    pub last: u64,
    pub receiver: Option<Receiver<Arc<Line>>>,
}

impl Rings {
    pub fn new(bounds: Bounds) -> Self {
        let kept = Kept {
            last: 0,
            bytes: 0,
            house: Ring::default(),
            of: HashMap::new(),
            followers: Some(broadcast::channel(BEHIND).0),
        };
        Self { bounds, kept: Mutex::new(kept) }
    }

    pub fn push(&self, unix_ms: u64, level: Level, instance: Option<&str>, text: String) {
        let mut kept = self.lock();
        let kept = &mut *kept;
        kept.last += 1;
        let number = kept.last;
        let instance = instance.map(|name| match kept.of.get_key_value(name) {
            Some((known, _)) => known.clone(),
            None => name.into(),
        });
        let line = Arc::new(Line { unix_ms, level, instance, text, number });
        let ring = match &line.instance {
            Some(name) => kept.of.entry(name.clone()).or_default(),
            None => &mut kept.house,
        };
        ring.lines.push_back(line.clone());
        ring.bytes += cost(&line);
        kept.bytes += cost(&line);
        (ring.total, ring.last) = (ring.total + 1, number);
        if ring.lines.len() > self.bounds.lines {
            kept.bytes -= ring.drop_oldest();
        }
        if kept.of.len() > self.bounds.rings {
            kept.drop_silent(self.bounds.rings);
        }
        if kept.bytes > self.bounds.bytes {
            kept.level(self.bounds.bytes / 4 * 3);
        }
        if let Some(followers) = &kept.followers {
            let _ = followers.send(line); // Nobody follows.
        }
    }

    pub fn recent(&self, of: Option<&str>, most: usize) -> Vec<Arc<Line>> {
        self.lock().recent(of, most)
    }

    /// The last lines, at most `most` and only those after number `after`; and what receives those that follow them.
    pub fn tail(&self, of: Option<&str>, most: usize, after: u64) -> Tail {
        let kept = self.lock();
        let mut lines = kept.recent(of, most);
        lines.retain(|line| line.number > after);
        let total = of.and_then(|name| kept.of.get(name)).map_or(0, |ring| ring.total);
        Tail { lines, total, last: kept.last, receiver: kept.followers.as_ref().map(Sender::subscribe) }
    }

    pub fn close(&self) {
        self.lock().followers = None;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn recent(&self, of: Option<&str>, most: usize) -> Vec<Arc<Line>> {
        let Some(name) = of else { return self.recent_of_all(most) };
        let lines = self.of.get(name).map(|ring| &ring.lines);
        let skipped = lines.map_or(0, |lines| lines.len().saturating_sub(most));
        lines.into_iter().flatten().skip(skipped).cloned().collect()
    }

    /// From the youngest back, always in the ring that has it: the lock is not held for lines that nobody asked for.
    fn recent_of_all(&self, most: usize) -> Vec<Arc<Line>> {
        let most = most.min(MOST_RECENT);
        let rings: Vec<_> = self.of.values().chain([&self.house]).map(|ring| &ring.lines).collect();
        let place = |ring: usize, left: usize| {
            left.checked_sub(1).map(|place| (rings[ring][place].number, ring, place))
        };
        let mut youngest: BinaryHeap<_> =
            rings.iter().enumerate().filter_map(|(ring, lines)| place(ring, lines.len())).collect();
        let mut found = VecDeque::new();
        while found.len() < most
            && let Some((_, ring, at)) = youngest.pop()
        {
            found.push_front(rings[ring][at].clone());
            youngest.extend(place(ring, at));
        }
        found.into()
    }

    /// A sixteenth at once, so that a flood of names does not look through all rings for each.
    fn drop_silent(&mut self, most: usize) {
        let mut silent: Vec<(u64, Arc<str>)> =
            self.of.iter().map(|(name, ring)| (ring.last, name.clone())).collect();
        silent.sort_unstable();
        let left = most - most / 16;
        for (_, name) in silent.drain(..self.of.len().saturating_sub(left)) {
            self.bytes -= self.of.remove(&name).map_or(0, |ring| ring.bytes);
        }
    }

    /// Finds the size that no ring may be over for all to have at most `most` bytes, and cuts the rings to it.
    fn level(&mut self, most: usize) {
        let mut sizes: Vec<usize> = self.rings().map(|ring| ring.bytes).collect();
        sizes.sort_unstable();
        let (mut left, mut size) = (most, usize::MAX);
        for (place, &bytes) in sizes.iter().enumerate() {
            let share = left / (sizes.len() - place);
            if bytes > share {
                size = share;
                break;
            }
            left -= bytes;
        }
        let mut dropped = 0;
        for ring in self.rings() {
            while ring.bytes > size {
                dropped += ring.drop_oldest();
            }
        }
        self.bytes -= dropped;
    }

    fn rings(&mut self) -> impl Iterator<Item = &mut Ring> {
        self.of.values_mut().chain([&mut self.house])
    }
}

impl Ring {
    fn drop_oldest(&mut self) -> usize {
        let freed = self.lines.pop_front().map_or(0, |line| cost(&line));
        self.bytes -= freed;
        freed
    }
}

fn cost(line: &Line) -> usize {
    line.text.len() + LINE_COST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Arc<Line>]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    fn say(rings: &Rings, instance: Option<&str>, text: impl Into<String>) {
        rings.push(0, Level::INFO, instance, text.into());
    }

    /// What is counted is what is there.
    fn weigh(rings: &Rings) -> (usize, usize) {
        let kept = rings.lock();
        let all = || kept.of.values().chain([&kept.house]);
        let bytes = all().flat_map(|ring| &ring.lines).map(|line| cost(line)).sum();
        assert_eq!((kept.bytes, all().map(|ring| ring.bytes).sum::<usize>()), (bytes, bytes));
        (kept.of.len(), bytes)
    }

    #[test]
    fn each_instance_keeps_its_own_last_lines() {
        let rings = Rings::new(Bounds { lines: 2, ..BOUNDS });
        for text in ["1", "2", "3"] {
            say(&rings, Some("loud"), text);
        }
        say(&rings, None, "4");
        say(&rings, Some("quiet"), "5");
        assert_eq!(texts(&rings.recent(Some("loud"), 9)), ["2", "3"]);
        assert_eq!(texts(&rings.recent(Some("loud"), 1)), ["3"]);
        assert_eq!(texts(&rings.recent(None, 9)), ["2", "3", "4", "5"]);
        assert_eq!(texts(&rings.recent(None, 3)), ["3", "4", "5"]);
        assert_eq!(rings.recent(None, 9).iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(texts(&rings.recent(Some("nobody"), 9)), [""; 0]);
        weigh(&rings);
    }

    #[test]
    fn a_hundred_thousand_names_keep_the_youngest() {
        let rings = Rings::new(BOUNDS);
        for number in 0..100_000 {
            say(&rings, Some(&format!("t/c/{number}")), "x".repeat(1000));
        }
        let (names, bytes) = weigh(&rings);
        assert!(names <= 4096 && names > 3800, "{names}");
        assert!(bytes <= BOUNDS.bytes);
        assert_eq!(rings.recent(Some("t/c/99999"), 9).len(), 1);
        assert_eq!(rings.recent(Some("t/c/0"), 9).len(), 0);
    }

    #[test]
    fn the_loud_pay_for_too_many_bytes() {
        let rings = Rings::new(BOUNDS);
        say(&rings, Some("quiet"), "last words");
        for line in 0..200 {
            for name in 0..200 {
                say(&rings, Some(&format!("loud-{name}")), format!("{line} {}", "x".repeat(4000)));
                assert!(rings.lock().bytes <= BOUNDS.bytes);
            }
        }
        let (_, bytes) = weigh(&rings);
        assert!(bytes > BOUNDS.bytes / 2, "{bytes}");
        assert_eq!(texts(&rings.recent(Some("quiet"), 9)), ["last words"]);
        assert!(rings.recent(Some("loud-7"), 1)[0].text.starts_with("199 "));
    }
}
