//! Tests of the board against a model: any order of publishing and watching, at any speed.
use crate::{Board, Change, Error, Filter, Keys, Most, Seat, Seen, Watch};
use futures::FutureExt;
use ports::identity::InstanceId;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

const MOST: Most = Most { keys: 4, bytes: 24 };
const KEYS: [&str; 6] = ["a", "a/1", "a/2", "b", "b/1", "c"];

#[derive(Clone, Debug)]
enum Step {
    Set { account: usize, key: usize, digits: usize },
    Remove { account: usize, key: usize },
    Restart { account: usize },
    Forget { account: usize },
    Watch(Filter),
    Look { watcher: usize, times: usize },
    Leave { watcher: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (account, key, watcher) = (0..3usize, 0..KEYS.len(), 0..8usize);
    prop_oneof![
        8 => (account.clone(), key.clone(), 1..12usize)
            .prop_map(|(account, key, digits)| Step::Set { account, key, digits }),
        4 => (account.clone(), key.clone()).prop_map(|(account, key)| Step::Remove { account, key }),
        1 => account.clone().prop_map(|account| Step::Restart { account }),
        1 => account.clone().prop_map(|account| Step::Forget { account }),
        2 => (0..5usize, account, key).prop_map(|(kind, account, key)| Step::Watch(filter(kind, account, key))),
        6 => (watcher.clone(), 1..6usize).prop_map(|(watcher, times)| Step::Look { watcher, times }),
        1 => watcher.prop_map(|watcher| Step::Leave { watcher }),
    ]
}

fn filter(kind: usize, account: usize, key: usize) -> Filter {
    let key = KEYS[key].to_owned();
    match kind {
        0 => Filter { tenant: Some(id(account).tenant.to_string()), ..Filter::all() },
        1 => Filter { instance: Some(id(account)), ..Filter::all() },
        2 => Filter { key: Some(Keys::Beginning(key)), ..Filter::all() },
        3 => Filter { key: Some(Keys::Exactly(key)), instance: Some(id(account)), ..Filter::all() },
        _ => Filter::all(),
    }
}

fn id(account: usize) -> InstanceId {
    ["t/occum/a", "t/occum/a-b", "u/occum/a"][account].parse().unwrap()
}

/// What is on a board: by instance and key, the value and when it was set.
type Sight = BTreeMap<(InstanceId, String), (String, u64)>;

fn wanted(filter: &Filter, (instance, key): &(InstanceId, String)) -> bool {
    let keys = match &filter.key {
        Some(Keys::Exactly(wanted)) => key == wanted,
        Some(Keys::Beginning(prefix)) => key.starts_with(prefix),
        None => true,
    };
    keys && filter.tenant.as_deref().is_none_or(|tenant| tenant == &*instance.tenant)
        && filter.instance.as_ref().is_none_or(|wanted| wanted == instance)
}

struct Watcher {
    watch: Watch,
    filter: Filter,
    ready: bool,
    sight: Sight,
    /// The last revision seen of each key.
    revisions: HashMap<(InstanceId, String), u64>,
    last_of_picture: Option<(InstanceId, String)>,
    /// What was there at the beginning and is since.
    picture: Sight,
}

impl Watcher {
    fn new(board: &Board, filter: Filter, sight: &Sight) -> Self {
        let picture = sight.iter().filter(|(spot, _)| wanted(&filter, spot));
        let picture = picture.map(|(spot, entry)| (spot.clone(), entry.clone())).collect();
        let (watch, ready, last_of_picture) = (board.watch(filter.clone()), false, None);
        Self {
            watch,
            filter,
            ready,
            sight: Sight::new(),
            revisions: HashMap::new(),
            last_of_picture,
            picture,
        }
    }

    /// Whether there was anything.
    fn look(&mut self, now: &Sight, revision_now: u64) -> Result<bool, TestCaseError> {
        let Some(seen) = self.watch.next().now_or_never() else { return Ok(false) };
        match seen {
            Seen::Change(Change::Set { instance, key, value, revision }) => {
                let spot = (instance, key.to_string());
                prop_assert!(wanted(&self.filter, &spot));
                self.later(&spot, revision)?;
                prop_assert_eq!(
                    now.get(&spot),
                    Some(&(value.to_string(), revision)),
                    "not what is there now"
                );
                if !self.ready {
                    prop_assert!(self.last_of_picture.as_ref() < Some(&spot), "the picture is in order");
                    prop_assert!(self.picture.contains_key(&spot), "later than the picture");
                    self.last_of_picture = Some(spot.clone());
                }
                self.sight.insert(spot, (value.to_string(), revision));
            }
            Seen::Change(Change::Removed { instance, key, revision }) => {
                let spot = (instance, key.to_string());
                prop_assert!(self.ready, "the picture has nothing that is gone");
                self.later(&spot, revision)?;
                prop_assert!(self.sight.remove(&spot).is_some(), "removed, never told");
                prop_assert!(!now.contains_key(&spot));
            }
            Seen::Ready { revision } => {
                prop_assert!(!std::mem::replace(&mut self.ready, true), "ready comes once");
                prop_assert_eq!(revision, revision_now);
                prop_assert!(
                    self.picture.keys().all(|spot| self.sight.contains_key(spot)),
                    "the picture is whole"
                );
            }
        }
        Ok(true)
    }

    fn later(&mut self, spot: &(InstanceId, String), revision: u64) -> Result<(), TestCaseError> {
        let before = self.revisions.insert(spot.clone(), revision);
        prop_assert!(before.is_none_or(|before| before < revision), "{before:?} then {revision}");
        Ok(())
    }

    fn is_bounded(&self, now: &Sight) -> Result<(), TestCaseError> {
        let (marks, queue) = self.watch.holds();
        let known =
            now.keys().filter(|spot| wanted(&self.filter, spot) && !self.sight.contains_key(*spot)).count();
        prop_assert_eq!(marks, self.sight.len() + known, "told and on the board, nothing else");
        prop_assert!(queue <= marks);
        Ok(())
    }
}

/// What the board must answer, done in the plainest way.
fn expected(now: &Sight, spot: &(InstanceId, String), value: &str) -> Result<bool, Error> {
    let own = || now.iter().filter(|((instance, _), _)| *instance == spot.0);
    let bytes = |spot: &(InstanceId, String), value: &str| spot.1.len() + value.len();
    let before = now.get(spot).map(|(value, _)| value.as_str());
    let all: usize = own().map(|(spot, (value, _))| bytes(spot, value)).sum();
    let after = all + bytes(spot, value) - before.map_or(0, |before| bytes(spot, before));
    match before {
        Some(before) if before == value => Ok(false),
        None if own().count() == MOST.keys => Err(Error::Keys { most: MOST.keys }),
        _ if after > MOST.bytes => Err(Error::Bytes { most: MOST.bytes }),
        _ => Ok(true),
    }
}

fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let board = Board::new();
    let mut seats: Vec<Seat> = (0..3).map(|account| board.seat(&id(account), MOST)).collect();
    let (mut now, mut revision, mut watchers) = (Sight::new(), 0, Vec::<Watcher>::new());
    for (round, step) in steps.into_iter().enumerate() {
        match step {
            Step::Set { account, key, digits } => {
                let (value, spot) =
                    ((round % 2 + 1).to_string().repeat(digits), (id(account), KEYS[key].to_owned()));
                let answer = seats[account].set(KEYS[key], &format!(" {value} "));
                prop_assert_eq!(&answer, &expected(&now, &spot, &value));
                if answer == Ok(true) {
                    revision += 1;
                    now.insert(spot, (value, revision));
                }
            }
            Step::Remove { account, key } => {
                let was = now.remove(&(id(account), KEYS[key].to_owned())).is_some();
                prop_assert_eq!(seats[account].remove(KEYS[key]), was);
                revision += u64::from(was);
            }
            Step::Restart { account } => seats[account] = board.seat(&id(account), MOST),
            Step::Forget { account } => {
                let before = now.len();
                now.retain(|(instance, _), _| *instance != id(account));
                revision += (before - now.len()) as u64;
                board.forget(&id(account));
                prop_assert_eq!(seats[account].set("a", "1"), Err(Error::Forgotten));
                seats[account] = board.seat(&id(account), MOST);
            }
            Step::Watch(filter) if watchers.len() < 8 => watchers.push(Watcher::new(&board, filter, &now)),
            Step::Watch(_) => {}
            Step::Look { watcher, times } => {
                if let Some(watcher) = watchers.get_mut(watcher) {
                    for _ in 0..times {
                        watcher.look(&now, revision)?;
                    }
                }
            }
            Step::Leave { watcher } if watcher < watchers.len() => drop(watchers.swap_remove(watcher)),
            Step::Leave { .. } => {}
        }
        for watcher in &mut watchers {
            watcher.picture.retain(|spot, _| now.contains_key(spot));
            watcher.is_bounded(&now)?;
        }
        prop_assert_eq!(board.shelf().watchers(), watchers.len());
    }
    for (account, seat) in seats.iter().enumerate() {
        let own: Vec<_> = now.iter().filter(|((instance, _), _)| *instance == id(account)).collect();
        let bytes: usize = own.iter().map(|((_, key), (value, _))| key.len() + value.len()).sum();
        prop_assert_eq!(seat.keys(), own.iter().map(|((_, key), _)| key.clone()).collect::<Vec<_>>());
        let gauge = seat.gauge();
        prop_assert_eq!((&gauge["keys"], &gauge["bytes"]), (&own.len().into(), &bytes.into()));
    }
    for mut watcher in watchers {
        while watcher.look(&now, revision)? {}
        prop_assert!(watcher.ready);
        now.iter().filter(|(spot, _)| wanted(&watcher.filter, spot)).try_for_each(|(spot, entry)| {
            prop_assert_eq!(watcher.sight.get(spot), Some(entry));
            Ok(())
        })?;
        prop_assert!(watcher.sight.keys().all(|spot| now.contains_key(spot)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_watcher_comes_to_see_what_is_there(steps in prop::collection::vec(step(), 1..120)) {
        run(steps)?;
    }
}
