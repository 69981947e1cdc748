//! The board itself, and the seat from which one instance publishes.
use crate::error::KEY_BYTES;
use crate::shelf::{Entry, Shelf, Spot};
use crate::value::compact;
use crate::{Error, Filter, Watch};
use ports::identity::InstanceId;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all instances have published, as it is now. In memory only: a connector publishes anew when the process
/// starts.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Shelf>>);

/// How much one instance may keep on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    pub keys: usize,
    /// Of keys and values together, each value as compact JSON.
    pub bytes: usize,
}

pub(crate) struct Picture {
    pub revision: u64,
    /// By instance and key.
    pub entries: Vec<(Arc<Spot>, Entry)>,
}

impl Board {
    pub fn new() -> Self {
        Self::default()
    }

    /// The place of one instance. What it published stays when the seat is dropped and taken again, as after a
    /// restart of the guest; [`Board::forget`] ends it.
    pub fn seat(&self, id: &InstanceId, most: Most) -> Seat {
        let number = self.shelf().seat(id);
        Seat { board: self.clone(), instance: id.clone(), number, most }
    }

    /// Removes all that the instance published. Nothing more comes from the seats that it has now.
    pub fn forget(&self, id: &InstanceId) {
        self.shelf().forget(id);
    }

    /// Costs memory by the number of keys that it takes, not by their values.
    pub fn watch(&self, which: Filter) -> Watch {
        let mut shelf = self.shelf();
        let (number, waiting) = shelf.watch(which);
        Watch::new(self.clone(), number, waiting.wake.clone())
    }

    pub(crate) fn picture(&self, which: &Filter) -> Picture {
        let shelf = self.shelf();
        Picture { revision: shelf.revision, entries: shelf.picture(which) }
    }

    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where one instance publishes.
pub struct Seat {
    board: Board,
    instance: InstanceId,
    number: u64,
    most: Most,
}

impl Seat {
    /// Publishes `json` under `key` in place of what was there. The answer: whether anything changed. White space
    /// between the parts of the JSON makes no difference; any other does, such as `1.0` for `1`.
    ///
    /// # Errors
    /// Then all is as before.
    pub fn set(&self, key: &str, json: &str) -> Result<bool, Error> {
        if key.is_empty() || key.len() > KEY_BYTES || key.contains(char::is_control) {
            return Err(Error::Key);
        }
        let value = compact(json)?;
        self.board.shelf().set(self.spot(key), value, self.most, self.number)
    }

    /// Whether it was there.
    pub fn remove(&self, key: &str) -> bool {
        self.board.shelf().remove(self.spot(key), self.number)
    }

    /// In order.
    pub fn keys(&self) -> Vec<String> {
        let mut shelf = self.board.shelf();
        if shelf.place(&self.instance, self.number).is_none() {
            return Vec::new();
        }
        shelf.of(&self.instance).map(|spot| spot.key.to_string()).collect()
    }

    /// `keys` and `bytes` now; `sets` and `removes` that changed something, since the instance first took a seat.
    pub fn gauge(&self) -> Value {
        let mut shelf = self.board.shelf();
        let gone = &mut Default::default();
        let place = shelf.place(&self.instance, self.number).unwrap_or(gone);
        json!({ "keys": place.keys, "bytes": place.bytes, "sets": place.sets, "removes": place.removes })
    }

    fn spot(&self, key: &str) -> Spot {
        Spot { instance: self.instance.clone(), key: key.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Most = Most { keys: 3, bytes: 30 };

    fn id(account: &str) -> InstanceId {
        InstanceId::new("t", "occum", account).unwrap()
    }

    fn gauge(keys: usize, bytes: usize, sets: u64, removes: u64) -> Value {
        json!({ "keys": keys, "bytes": bytes, "sets": sets, "removes": removes })
    }

    #[test]
    fn what_is_published_stays_when_the_guest_is_restarted_and_ends_with_the_instance() {
        let board = Board::new();
        let (seat, other) = (board.seat(&id("a"), MOST), board.seat(&id("a-b"), MOST));
        assert_eq!(
            (seat.set("b", "1"), seat.set("a", "[ 2 ]"), other.set("a", "3")),
            (Ok(true), Ok(true), Ok(true))
        );
        drop(seat);
        let seat = board.seat(&id("a"), MOST);
        assert_eq!((seat.keys(), seat.gauge()), (vec!["a".to_owned(), "b".to_owned()], gauge(2, 6, 2, 0)));

        board.forget(&id("a"));
        assert_eq!((seat.keys(), seat.gauge()), (vec![], gauge(0, 0, 0, 0)));
        assert_eq!((seat.set("a", "1"), seat.remove("a")), (Err(Error::Forgotten), false));
        let seat_of_the_next = board.seat(&id("a"), MOST);
        assert_eq!(seat_of_the_next.set("a", "1"), Ok(true));
        assert_eq!(
            (seat.set("a", "2"), seat.remove("a"), seat.keys()),
            (Err(Error::Forgotten), false, vec![])
        );
        assert_eq!((seat_of_the_next.keys(), other.keys()), (vec!["a".to_owned()], vec!["a".to_owned()]));
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let board = Board::new();
        let seat = board.seat(&id("a"), MOST);
        assert_eq!((seat.set("a", "{\"x\":1}"), seat.set("a", " { \"x\" : 1 } ")), (Ok(true), Ok(false)));
        assert_eq!((seat.set("a", "{\"x\":1.0}"), seat.remove("b")), (Ok(true), false));
        assert_eq!((seat.remove("a"), seat.remove("a")), (true, false));
        assert_eq!((seat.gauge(), board.picture(&Filter::all()).revision), (gauge(0, 0, 2, 1), 3));
    }

    #[test]
    fn keys_have_a_form() {
        let board = Board::new();
        let seat = board.seat(&id("a"), Most { keys: 9, bytes: 999 });
        for bad in ["", "a\nb", "a\rb", "\0", "\u{7f}", "\u{85}", &"x".repeat(257)] {
            assert_eq!(seat.set(bad, "1"), Err(Error::Key), "{bad:?}");
        }
        for fine in [" ", "a b", "é/\u{2028}*", "\"", &"x".repeat(256)] {
            assert_eq!(seat.set(fine, "1"), Ok(true), "{fine:?}");
        }
    }

    #[test]
    fn what_is_refused_leaves_all_as_it_was() {
        let board = Board::new();
        let seat = board.seat(&id("a"), MOST);
        for key in ["a", "b", "c"] {
            assert_eq!(seat.set(key, "12345678"), Ok(true));
        }
        let before = seat.gauge();
        assert_eq!(seat.set("d", "1"), Err(Error::Keys { most: 3 }));
        assert_eq!(seat.set("c", "123456789012"), Err(Error::Bytes { most: 30 }));
        assert!(matches!(seat.set("c", "{"), Err(Error::Json(_))));
        assert_eq!(seat.gauge(), before);
        assert_eq!(seat.set("c", "12345678901"), Ok(true));
        assert_eq!(seat.gauge()["bytes"], 30);
        // Others have limits of their own.
        assert_eq!(board.seat(&id("b"), MOST).set("d", "1"), Ok(true));
    }

    #[test]
    fn who_has_too_much_since_a_smaller_limit_may_shrink() {
        let board = Board::new();
        let seat = board.seat(&id("a"), MOST);
        assert_eq!((seat.set("a", "1234567890"), seat.set("b", "12345678")), (Ok(true), Ok(true)));
        let seat = board.seat(&id("a"), Most { keys: 1, bytes: 5 });
        assert_eq!(seat.set("b", "123456789"), Err(Error::Bytes { most: 5 }));
        assert_eq!(seat.set("c", "1"), Err(Error::Keys { most: 1 }));
        assert_eq!(
            (seat.set("b", "1234567"), seat.set("b", "7654321"), seat.remove("a")),
            (Ok(true), Ok(true), true)
        );
        assert_eq!(seat.set("b", "1234"), Ok(true));
    }
}
