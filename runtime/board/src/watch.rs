//! How a watcher sees the board: the picture first, then what changes.
use crate::Board;
use crate::waiting::Next;
use ports::identity::InstanceId;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::consume_budget;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Set {
        instance: InstanceId,
        key: Arc<str>,
        /// Compact JSON.
        value: Arc<str>,
        revision: u64,
    },
    Removed {
        instance: InstanceId,
        key: Arc<str>,
        revision: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Change(Change),
    /// The picture is complete. It comes once.
    Ready {
        /// Of the board at this moment.
        revision: u64,
    },
}

/// One watcher, as long as it lives.
///
/// A slow one misses values of a key that were replaced before it looked, never the last. Revisions are those of the
/// whole board and increase with every change; a watcher sees them increase per key, while those of different keys
/// may cross.
pub struct Watch {
    board: Board,
    number: u64,
    wake: Arc<Notify>,
}

impl Watch {
    pub(crate) fn new(board: Board, number: u64, wake: Arc<Notify>) -> Self {
        Self { board, number, wake }
    }

    /// The next change: first what is there, in order of instance and key; then [`Seen::Ready`]; then what changes.
    /// What goes away before it was seen is left out.
    ///
    /// Cancel safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Seen {
        consume_budget().await;
        loop {
            if let Some(seen) = self.take() {
                return seen;
            }
            self.wake.notified().await;
        }
    }

    fn take(&mut self) -> Option<Seen> {
        let mut shelf = self.board.shelf();
        Some(match shelf.next(self.number)? {
            Next::Set { spot, entry } => Seen::Change(Change::Set {
                instance: spot.instance.clone(),
                key: spot.key.clone(),
                value: entry.value,
                revision: entry.revision,
            }),
            Next::Removed { spot, revision } => {
                let (instance, key) = (spot.instance.clone(), spot.key.clone());
                Seen::Change(Change::Removed { instance, key, revision })
            }
            Next::Ready => Seen::Ready { revision: shelf.revision },
        })
    }

    #[cfg(test)]
    pub(crate) fn holds(&self) -> (usize, usize) {
        self.board.shelf().holds(self.number)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.board.shelf().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filter, Most, Seat};
    use futures::FutureExt;
    use std::time::Duration;
    use tokio::time::timeout;

    fn board() -> (Board, Seat) {
        let board = Board::new();
        let seat = board.seat(&"t/occum/a".parse().unwrap(), Most { keys: 1000, bytes: 1 << 20 });
        (board, seat)
    }

    /// All that can be seen now: `a=1` set, `-a` removed, `ready`.
    fn seen(watch: &mut Watch) -> String {
        let mut all = Vec::new();
        while let Some(seen) = watch.next().now_or_never() {
            all.push(match seen {
                Seen::Change(Change::Set { key, value, .. }) => format!("{key}={value}"),
                Seen::Change(Change::Removed { key, .. }) => format!("-{key}"),
                Seen::Ready { .. } => "ready".into(),
            });
        }
        all.join(" ")
    }

    #[test]
    fn who_comes_late_gets_the_picture_then_the_changes() {
        let (board, seat) = board();
        let mut early = board.watch(Filter::all());
        assert_eq!(seen(&mut early), "ready");
        for (key, value) in [("b", "1"), ("a", "2"), ("c", "3"), ("b", "4")] {
            seat.set(key, value).unwrap();
        }
        seat.remove("c");
        let mut late = board.watch(Filter::all());
        seat.set("0", "5").unwrap();
        assert_eq!(seen(&mut late), "a=2 b=4 ready 0=5");
        // Each in the place where it began to wait; `c` came and went.
        assert_eq!(seen(&mut early), "b=4 a=2 0=5");
        seat.remove("a");
        seat.set("b", "6").unwrap();
        assert_eq!((seen(&mut early), seen(&mut late)), ("-a b=6".to_owned(), "-a b=6".to_owned()));
    }

    #[test]
    fn the_picture_is_as_it_is_when_it_is_looked_at() {
        let (board, seat) = board();
        for key in ["a", "b", "c"] {
            seat.set(key, "1").unwrap();
        }
        let mut watch = board.watch(Filter::all());
        assert!(watch.next().now_or_never().is_some());
        seat.remove("a");
        seat.remove("b");
        seat.set("c", "2").unwrap();
        assert_eq!(seen(&mut watch), "c=2 ready -a");
    }

    #[test]
    fn a_key_that_changes_all_the_time_holds_up_no_other() {
        let (board, seat) = board();
        let mut watch = board.watch(Filter::all());
        assert_eq!(seen(&mut watch), "ready");
        let mut calm = 0;
        for round in 0..100 {
            for key in ["hot", "warm", "calm"] {
                seat.set(key, &round.to_string()).unwrap();
            }
            let Some(Seen::Change(Change::Set { key, .. })) = watch.next().now_or_never() else {
                panic!("nothing")
            };
            calm += u32::from(&*key == "calm");
        }
        assert_eq!(calm, 33);
    }

    #[test]
    fn keys_that_come_and_go_unseen_take_no_room() {
        let (board, seat) = board();
        seat.set("told", "1").unwrap();
        let mut watch = board.watch(Filter::all());
        assert_eq!(seen(&mut watch), "told=1 ready");
        for round in 0..10_000 {
            seat.set(&round.to_string(), "1").unwrap();
            seat.remove(&round.to_string());
        }
        seat.remove("told");
        assert_eq!(watch.holds(), (1, 1));
        assert_eq!(seen(&mut watch), "-told");
        assert_eq!(watch.holds(), (0, 0));
    }

    #[test]
    fn who_goes_is_not_told_any_more() {
        let (board, seat) = board();
        let watch = board.watch(Filter::all());
        seat.set("a", "1").unwrap();
        drop(watch);
        assert_eq!(board.shelf().watchers(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_woken() {
        let (board, seat) = board();
        let mut watch = board.watch(Filter::all());
        assert_eq!(watch.next().await, Seen::Ready { revision: 0 });
        let waiting = tokio::spawn(async move { watch.next().await });
        tokio::task::yield_now().await;
        seat.set("a", "1").unwrap();
        let seen = timeout(Duration::from_secs(60), waiting).await.expect("woken").unwrap();
        assert!(matches!(seen, Seen::Change(Change::Set { revision: 1, .. })));
    }
}
