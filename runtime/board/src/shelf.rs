//! The board's state behind its lock: what is published, by whom, how much, and who watches.
use crate::waiting::{Next, Waiting};
use crate::{Error, Filter, Most};
use ports::identity::InstanceId;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    pub instance: InstanceId,
    pub key: Arc<str>,
}

#[derive(Clone)]
pub struct Entry {
    pub value: Arc<str>,
    pub revision: u64,
}

/// What one instance has published. `sets` and `removes` count what changed something.
#[derive(Default)]
pub struct Place {
    /// Differs from that of a former place of the same instance.
    number: u64,
    pub keys: usize,
    pub bytes: usize,
    pub sets: u64,
    pub removes: u64,
}

#[derive(Default)]
pub struct Shelf {
    pub revision: u64,
    entries: BTreeMap<Arc<Spot>, Entry>,
    places: BTreeMap<InstanceId, Place>,
    watchers: BTreeMap<u64, Waiting>,
    /// The last that a place or watcher got.
    number: u64,
}

impl Shelf {
    pub fn seat(&mut self, instance: &InstanceId) -> u64 {
        if let Some(place) = self.places.get(instance) {
            return place.number;
        }
        self.number += 1;
        self.places.insert(instance.clone(), Place { number: self.number, ..Place::default() });
        self.number
    }

    /// None when it was forgotten since.
    pub fn place(&mut self, instance: &InstanceId, number: u64) -> Option<&mut Place> {
        self.places.get_mut(instance).filter(|place| place.number == number)
    }

    pub fn set(&mut self, spot: Spot, value: String, most: Most, number: u64) -> Result<bool, Error> {
        let place = self.places.get_mut(&spot.instance).filter(|place| place.number == number);
        let place = place.ok_or(Error::Forgotten)?;
        let before = self.entries.get(&spot);
        if before.is_some_and(|entry| *entry.value == *value) {
            return Ok(false);
        }
        if before.is_none() && place.keys >= most.keys {
            return Err(Error::Keys { most: most.keys });
        }
        let size = |value: &str| spot.key.len() + value.len();
        let bytes = place.bytes - before.map_or(0, |entry| size(&entry.value)) + size(&value);
        // Who has more since a restart with a smaller limit may still publish less.
        if bytes > most.bytes && bytes > place.bytes {
            return Err(Error::Bytes { most: most.bytes });
        }
        place.keys += usize::from(before.is_none());
        place.bytes = bytes;
        place.sets += 1;
        self.revision += 1;
        let spot = Arc::new(spot);
        self.entries.insert(spot.clone(), Entry { value: value.into(), revision: self.revision });
        self.watchers.values_mut().for_each(|waiting| waiting.set(&spot));
        Ok(true)
    }

    pub fn remove(&mut self, spot: Spot, number: u64) -> bool {
        let place = self.places.get_mut(&spot.instance).filter(|place| place.number == number);
        // NB: one after the other. Who has no place any more takes nothing of the next one's away.
        let Some(place) = place else { return false };
        let Some(entry) = self.entries.remove(&spot) else { return false };
        place.keys -= 1;
        place.bytes -= spot.key.len() + entry.value.len();
        place.removes += 1;
        self.tell_removed(&Arc::new(spot));
        true
    }

    pub fn forget(&mut self, instance: &InstanceId) {
        self.places.remove(instance);
        let spots: Vec<_> = self.of(instance).cloned().collect();
        for spot in spots {
            self.entries.remove(&spot);
            self.tell_removed(&spot);
        }
    }

    fn tell_removed(&mut self, spot: &Arc<Spot>) {
        self.revision += 1;
        self.watchers.values_mut().for_each(|waiting| waiting.removed(spot, self.revision));
    }

    pub fn of(&self, instance: &InstanceId) -> impl Iterator<Item = &Arc<Spot>> {
        let first = Spot { instance: instance.clone(), key: "".into() };
        let spots = self.entries.range(first..).map(|(spot, _)| spot);
        spots.take_while(move |spot| spot.instance == *instance)
    }

    pub fn picture(&self, which: &Filter) -> Vec<(Arc<Spot>, Entry)> {
        let wanted = self.entries.iter().filter(|(spot, _)| which.takes(spot));
        wanted.map(|(spot, entry)| (spot.clone(), entry.clone())).collect()
    }

    pub fn watch(&mut self, which: Filter) -> (u64, &Waiting) {
        self.number += 1;
        let waiting = Waiting::new(which, &self.entries);
        (self.number, self.watchers.entry(self.number).or_insert(waiting))
    }

    pub fn next(&mut self, watcher: u64) -> Option<Next> {
        self.watchers.get_mut(&watcher)?.next(&self.entries)
    }

    pub fn leave(&mut self, watcher: u64) {
        self.watchers.remove(&watcher);
    }

    #[cfg(test)]
    pub fn holds(&self, watcher: u64) -> (usize, usize) {
        self.watchers[&watcher].holds()
    }

    #[cfg(test)]
    pub fn watchers(&self) -> usize {
        self.watchers.len()
    }
}
