//! Places in a channel's history. Pure.

use crate::parse::{Event, What};
use serde::{Deserialize, Serialize};

/// A place in a channel's history. In the store: the id, or null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub(crate) enum Cursor {
    /// Before the first event.
    Beginning,
    After(String),
}

impl From<Option<String>> for Cursor {
    fn from(id: Option<String>) -> Self {
        id.map_or(Self::Beginning, Self::After)
    }
}

impl From<Cursor> for Option<String> {
    fn from(cursor: Cursor) -> Self {
        match cursor {
            Cursor::Beginning => None,
            Cursor::After(id) => Some(id),
        }
    }
}

/// Why a channel has no cursor that could be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Without<'a> {
    /// The account is new: nothing old is handled.
    FirstStart,
    /// The channel is new to the account, which has this agent id.
    NewChannel { own: &'a str },
    /// The platform does not know the cursor any more.
    Forgotten,
}

/// Where to begin, from the newest page of a channel's history, when no cursor says it.
///
/// - Of a new channel everything from our joining on is for us. If nobody joined us and the page shows the whole
///   history, then the channel was made with us in it, and everything is.
/// - Otherwise nothing old is handled: the newest event is the place, or the one before the first that came live.
pub(crate) fn beginning<'a>(
    page: &[Event],
    full: bool,
    why: Without<'_>,
    live: impl Iterator<Item = &'a Event>,
) -> Cursor {
    let at = |index: usize| Cursor::from(page.get(index).map(|event| event.id.clone()));
    if let Without::NewChannel { own } = why {
        let joined = page.iter().rposition(|event| event.what == What::AgentJoined(own.into()));
        match joined {
            Some(joined) => return at(joined),
            None if !full => return Cursor::Beginning,
            None => {}
        }
    }
    let live: Vec<_> = live.map(|event| event.id.as_str()).collect();
    match page.iter().position(|event| live.contains(&event.id.as_str())) {
        Some(0) => Cursor::Beginning,
        Some(first) => at(first - 1),
        None => page.last().map(|event| event.id.clone()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelId;

    fn event(id: &str) -> Event {
        let channel = ChannelId::try_from("c".to_owned()).unwrap();
        Event { id: id.into(), channel, what: What::Other }
    }

    fn page(ids: &[&str]) -> Vec<Event> {
        ids.iter().map(|id| event(id)).collect()
    }

    #[test]
    fn nothing_old_is_handled_at_the_first_start() {
        let begins = |ids: &[&str], live: &[&str]| {
            beginning(&page(ids), false, Without::FirstStart, page(live).iter())
        };
        assert_eq!(begins(&[], &[]), Cursor::Beginning);
        assert_eq!(begins(&["a", "b"], &[]), Cursor::After("b".into()));
        assert_eq!(begins(&["a", "b", "c"], &["b", "c"]), Cursor::After("a".into()));
        assert_eq!(begins(&["b", "c"], &["b"]), Cursor::Beginning);
        assert_eq!(begins(&["a", "b"], &["c"]), Cursor::After("b".into()), "not in the page yet");
    }

    #[test]
    fn of_a_new_channel_everything_since_we_joined_is_handled() {
        let joined = |id: &str, who: &str| Event { what: What::AgentJoined(who.into()), ..event(id) };
        let history = [event("a"), joined("b", "a1"), event("c"), joined("d", "a2"), event("e")];
        let begins =
            |page: &[Event], full| beginning(page, full, Without::NewChannel { own: "a1" }, [].iter());
        assert_eq!(begins(&history, true), Cursor::After("b".into()));
        assert_eq!(begins(&history[2..], false), Cursor::Beginning, "made with us in it");
        assert_eq!(
            begins(&history[2..], true),
            Cursor::After("e".into()),
            "an old one, joined nobody knows when"
        );
    }

    #[test]
    fn a_cursor_is_stored_as_an_id_or_null() {
        assert_eq!(serde_json::to_string(&Cursor::Beginning).unwrap(), "null");
        assert_eq!(serde_json::from_str::<Cursor>("\"ev_1\"").unwrap(), Cursor::After("ev_1".into()));
    }
}
