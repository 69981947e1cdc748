//! The keys of one instance: those that were used are in memory. One caller at a time.
use crate::disk::Disk;
use crate::fault::Fault;
use crate::file_name::{What, is_name};
use crate::held::Held;
use crate::record::Record;
use crate::seal::Label;
use ports::identity::InstanceId;
use ports::keys::{Class, Key, KeyError, Kind};
use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

pub struct Desk {
    pub(crate) owner: InstanceId,
    pub(crate) disk: Arc<Disk>,
    /// All session keys, and the identities that were used.
    keys: BTreeMap<String, Arc<Held>>,
    /// Whether what is found on disk would be found after power loss too: not before we have synced the folder, and not
    /// after a fault.
    settled: bool,
}

/// What is asked of [`Desk::ensure`].
#[derive(Clone, Copy)]
pub struct Wish {
    pub kind: Kind,
    pub class: Class,
    pub most: usize,
}

impl Desk {
    pub fn new(owner: InstanceId, disk: Arc<Disk>) -> Self {
        Self { owner, disk, keys: BTreeMap::new(), settled: false }
    }

    /// What [`Desk::ensure`] would answer, where that needs no disk.
    pub fn ensured(&self, name: &str, wish: Wish) -> Option<Result<Key, KeyError>> {
        let held = self.keys.get(name)?;
        let known = held.key.class == Class::Session || self.settled;
        known.then(|| held.check(wish.kind, wish.class))
    }

    pub fn ensure(&mut self, name: &str, wish: Wish, now_ms: u64) -> Result<Key, KeyError> {
        if !is_name(name) {
            return Err(KeyError::BadName);
        }
        if let Some(held) = self.find(name)? {
            let key = held.check(wish.kind, wish.class)?;
            if wish.class == Class::Identity {
                self.settle()?;
            }
            return Ok(key);
        }
        if self.count()? >= wish.most {
            return Err(KeyError::Full { most: wish.most });
        }
        let record = Record::fresh(wish.kind, now_ms).map_err(Fault::Random)?;
        if wish.class == Class::Identity {
            self.write(What::Key, name, &record)?;
        }
        Ok(self.hold(name, wish.class, &record)?.key.clone())
    }

    pub fn keys(&mut self) -> Result<Vec<Key>, Fault> {
        for name in self.disk.names(&self.owner, What::Key)? {
            self.find(&name)?;
        }
        Ok(self.keys.values().map(|held| held.key.clone()).collect())
    }

    pub fn forget(&mut self, name: &str) -> Result<bool, Fault> {
        // NB: one that cannot be opened is not forgotten: under the right operator's key it can be.
        let Some(held) = self.find(name)? else {
            if !self.settled {
                self.disk.sync(&self.owner)?;
            }
            return Ok(false);
        };
        if held.key.class == Class::Session {
            return Ok(self.keys.remove(name).is_some());
        }
        let settled = mem::replace(&mut self.settled, false);
        self.disk.remove(Label { owner: &self.owner, what: What::Key, name })?;
        self.keys.remove(name);
        self.disk.sync(&self.owner)?;
        self.settled = settled;
        Ok(true)
    }

    /// In memory.
    pub fn cached(&self, name: &str) -> Option<Arc<Held>> {
        self.keys.get(name).cloned()
    }

    /// In memory, or from the disk.
    pub fn find(&mut self, name: &str) -> Result<Option<Arc<Held>>, Fault> {
        if let Some(held) = self.keys.get(name) {
            return Ok(Some(held.clone()));
        }
        match is_name(name) {
            true => match self.read(What::Key, name)? {
                Some(record) => self.hold(name, Class::Identity, &record).map(Some),
                None => Ok(None),
            },
            false => Ok(None),
        }
    }

    pub(crate) fn read(&self, what: What, name: &str) -> Result<Option<Record>, Fault> {
        let read = self.disk.read(Label { owner: &self.owner, what, name })?;
        Ok(read.map(|read| read.record))
    }

    /// On disk when it returns.
    pub(crate) fn write(&mut self, what: What, name: &str, record: &Record) -> Result<(), Fault> {
        self.settle()?;
        self.settled = false;
        self.disk.write(Label { owner: &self.owner, what, name }, record)?;
        self.settled = true;
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Fault> {
        // NB: somebody may have removed the folder under us.
        if !self.settled || !self.disk.has_folder(&self.owner)? {
            self.disk.settle(&self.owner)?;
            self.settled = true;
        }
        Ok(())
    }

    fn hold(&mut self, name: &str, class: Class, record: &Record) -> Result<Arc<Held>, Fault> {
        let label = Label { owner: &self.owner, what: What::Key, name };
        let held = Held::of(name, class, record).map(Arc::new);
        let held = held.ok_or(()).or_else(|()| Err(Fault::Sealed { path: self.disk.path(label)? }))?;
        self.keys.insert(name.into(), held.clone());
        Ok(held)
    }

    /// Keys of both classes; also those that cannot be opened.
    fn count(&self) -> Result<usize, Fault> {
        let sessions = self.keys.values().filter(|held| held.key.class == Class::Session).count();
        Ok(sessions + self.disk.names(&self.owner, What::Key)?.len())
    }
}
