//! The log as it goes on. Who is slow misses lines and is told how many; he holds up nobody.
use crate::rings::{Line, Rings, Tail};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// What a follower is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    Line(Arc<Line>),
    /// So many lines were here, and are gone.
    Missed(u64),
}

/// Lines from one moment on, of one instance or of all.
pub struct Follow {
    rings: Arc<Rings>,
    of: Option<String>,
    /// `None`: the log is closed.
    receiver: Option<Receiver<Arc<Line>>>,
    /// Number of the last line that is behind him.
    after: u64,
    /// Lines of his instance up to there.
    had: u64,
    missed: u64,
    /// Found in memory after he had been too slow.
    behind: VecDeque<Arc<Line>>,
}

impl Follow {
    /// With the lines before it, at most `most`: no line is between, none is twice.
    pub(crate) fn new(rings: Arc<Rings>, of: Option<String>, most: usize) -> (Vec<Arc<Line>>, Self) {
        let Tail { lines, total, last, receiver } = rings.tail(of.as_deref(), most, 0);
        (lines, Self { rings, of, receiver, after: last, had: total, missed: 0, behind: VecDeque::new() })
    }

    /// The next line; `None` when the log was closed. Cancel safe.
    pub async fn next(&mut self) -> Option<Followed> {
        loop {
            if self.missed > 0 {
                return Some(Followed::Missed(std::mem::take(&mut self.missed)));
            }
            if let Some(line) = self.behind.pop_front() {
                return Some(self.told(line));
            }
            match self.receiver.as_mut()?.recv().await {
                Ok(line) if self.wants(&line) => return Some(self.told(line)),
                Ok(_) => {}
                Err(RecvError::Lagged(lines)) => self.catch_up(lines),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn wants(&self, line: &Line) -> bool {
        self.of.is_none() || self.of.as_deref() == line.instance.as_deref()
    }

    fn told(&mut self, line: Arc<Line>) -> Followed {
        self.after = line.number;
        self.had += 1;
        Followed::Line(line)
    }

    /// `lines` are lines of all. Of one instance most are in memory still, and how many are not is known; unless its
    /// ring was dropped in between, with the count.
    fn catch_up(&mut self, lines: u64) {
        let Some(name) = &self.of else {
            self.missed = lines;
            return;
        };
        let tail = self.rings.tail(Some(name), usize::MAX, self.after);
        let kept = tail.lines.len() as u64;
        self.missed = tail.total.saturating_sub(self.had + kept);
        self.had = tail.total - kept;
        self.behind = tail.lines.into();
        self.receiver = tail.receiver;
    }
}

#[cfg(test)]
mod tests {
    use super::Followed::{Line, Missed};
    use super::*;
    use crate::rings::BOUNDS;
    use tracing::Level;

    fn say(rings: &Rings, instance: &str, text: impl ToString) {
        rings.push(0, Level::INFO, Some(instance), text.to_string());
    }

    async fn next(follow: &mut Follow) -> String {
        match follow.next().await {
            Some(Line(line)) => line.text.clone(),
            Some(Missed(lines)) => format!("missed {lines}"),
            None => "end".into(),
        }
    }

    #[tokio::test]
    async fn what_was_and_what_comes_have_neither_gap_nor_repetition() {
        let rings = Arc::new(Rings::new(BOUNDS));
        let writer = std::thread::spawn({
            let rings = rings.clone();
            move || (1..=20_000).for_each(|line| say(&rings, "a", line))
        });
        while rings.recent(None, 1).is_empty() {
            tokio::task::yield_now().await;
        }
        let (recent, mut follow) = Follow::new(rings, Some("a".into()), 5);
        let mut last = recent.first().unwrap().number - 1;
        for line in recent {
            assert_eq!(line.number, last + 1);
            last = line.number;
        }
        while last < 20_000 {
            match follow.next().await.unwrap() {
                Line(line) => {
                    assert_eq!(line.number, last + 1);
                    last = line.number;
                }
                Missed(lines) => last += lines,
            }
        }
        writer.join().unwrap();
    }

    #[tokio::test]
    async fn who_sleeps_is_told_how_much_he_missed_and_holds_up_nobody() {
        let rings = Arc::new(Rings::new(BOUNDS));
        let (_, mut all) = Follow::new(rings.clone(), None, 0);
        for line in 0..5000 {
            say(&rings, "a", line);
        }
        assert_eq!(next(&mut all).await, "missed 3976");
        assert_eq!(next(&mut all).await, "3976");
        rings.close();
        let mut left = 0;
        while next(&mut all).await != "end" {
            left += 1;
        }
        assert_eq!(left, 1023);
    }

    #[tokio::test]
    async fn a_loud_neighbour_takes_no_line_from_a_follower() {
        let rings = Arc::new(Rings::new(BOUNDS));
        say(&rings, "quiet", 0);
        say(&rings, "loud", 0);
        let (_, mut quiet) = Follow::new(rings.clone(), Some("quiet".into()), 0);
        let (_, mut loud) = Follow::new(rings.clone(), Some("loud".into()), 0);
        say(&rings, "loud", "first");
        assert_eq!(next(&mut loud).await, "first");
        say(&rings, "quiet", 1);
        for line in 1..=3000 {
            say(&rings, "loud", line);
        }
        say(&rings, "quiet", 2);
        assert_eq!(next(&mut quiet).await, "1");
        assert_eq!(next(&mut quiet).await, "2");
        assert_eq!(next(&mut loud).await, "missed 2800");
        assert_eq!(next(&mut loud).await, "2801");
        say(&rings, "quiet", 3);
        say(&rings, "loud", "last");
        assert_eq!(next(&mut quiet).await, "3");
        for line in 2802..=3000 {
            assert_eq!(next(&mut loud).await, line.to_string());
        }
        assert_eq!(next(&mut loud).await, "last");
    }
}
