//! The ring itself: finds the instance's line and stands in it, or does without where the key is in memory.
use crate::desk::{Desk, Wish};
use crate::disk::Disk;
use crate::fault::Fault;
use crate::held::Held;
use crate::line::{Line, Tell};
use crate::open::{self, OpenError};
use crate::operator_key::OperatorKey;
use crate::seal::Seal;
use crate::survey::Survey;
use futures::channel::oneshot;
use futures::future::ready;
use ports::identity::InstanceId;
use ports::keys::{Answer, Class, Key, KeyError, KeyRing, Kind, MAX_NAME_BYTES};
use ports::secret::Secret;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Milliseconds since the Unix epoch; [`ports::clock::epoch_ms`] outside of tests.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A handle; cheap to clone. Calls take effect in their order, also where nobody polls what they answer. What needs the
/// disk runs on tokio's blocking threads.
#[derive(Clone)]
pub struct Ring(Arc<Inner>);

struct Inner {
    disk: Arc<Disk>,
    clock: Clock,
    survey: Survey,
    /// Of the instances that have asked for anything.
    lines: Mutex<HashMap<InstanceId, Arc<Line>>>,
}

impl Ring {
    /// Opens the ring in `folder`, or makes one there (mode 0700). What is sealed under one of the `former` keys is
    /// sealed anew under `key`; after that they are no longer needed ([`Survey::left_former`]). A crash in between does no
    /// harm: the next opening goes on. Blocks, and reads every record once.
    ///
    /// One process at a time: whoever calls has the state directory's lock.
    ///
    /// # Errors
    /// [`OpenError`], when the folder cannot be used. A record that cannot be opened is no error: see [`Ring::survey`].
    pub fn open(
        folder: &Path,
        key: OperatorKey,
        former: Vec<OperatorKey>,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        open::prepare(folder)?;
        let disk = Arc::new(Disk::new(folder.into(), Seal { key, former }));
        let survey = Survey::of(&disk);
        Ok(Self(Arc::new(Inner { disk, clock, survey, lines: Mutex::default() })))
    }

    /// What was found when it was opened.
    pub fn survey(&self) -> &Survey {
        &self.0.survey
    }

    #[cfg(test)]
    pub(crate) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    pub(crate) fn line(&self, owner: &InstanceId) -> Arc<Line> {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(owner) {
            return line.clone();
        }
        let line = Arc::new(Line::new(Desk::new(owner.clone(), self.0.disk.clone())));
        lines.entry(owner.clone()).or_insert(line).clone()
    }

    /// `now` answers without the disk, or does not; `work` answers in any case.
    fn ask<T: Send + 'static>(
        &self,
        owner: &InstanceId,
        now: impl FnOnce(&mut Desk) -> Option<Result<T, KeyError>>,
        work: impl FnOnce(&mut Desk) -> Result<T, KeyError> + Send + 'static,
    ) -> Answer<T> {
        let line = self.line(owner);
        if let Some(answer) = line.now(now) {
            return Box::pin(ready(answer));
        }
        let (tell, told) = oneshot::channel();
        let job = move |desk: &mut Desk| -> Tell {
            let answer = work(desk);
            Box::new(|| drop(tell.send(answer)))
        };
        match line.queue(Box::new(job)) {
            Ok(()) => Box::pin(async move { told.await.unwrap_or_else(|_| Err(Fault::Stopped.into())) }),
            Err(fault) => Box::pin(ready(Err(fault.into()))),
        }
    }

    fn find(&self, owner: &InstanceId, name: &str) -> Answer<Arc<Held>> {
        let wanted = name.to_owned();
        let find = move |desk: &mut Desk| desk.find(&wanted)?.ok_or_else(|| unknown(&wanted));
        self.ask(owner, |desk| desk.cached(name).map(Ok), find)
    }
}

impl KeyRing for Ring {
    fn ensure(&self, owner: &InstanceId, name: &str, kind: Kind, class: Class, most: usize) -> Answer<Key> {
        let (wish, wanted, now_ms) = (Wish { kind, class, most }, name.to_owned(), (self.0.clock)());
        self.ask(owner, |desk| desk.ensured(name, wish), move |desk| desk.ensure(&wanted, wish, now_ms))
    }

    fn keys(&self, owner: &InstanceId) -> Answer<Vec<Key>> {
        self.ask(owner, |_| None, |desk| Ok(desk.keys()?))
    }

    fn forget(&self, owner: &InstanceId, name: &str) -> Answer<bool> {
        let name = name.to_owned();
        self.ask(owner, |_| None, move |desk| Ok(desk.forget(&name)?))
    }

    // NB: the key is found within the call and used when the answer is polled, so that a long text holds up nobody else.
    fn sign(&self, owner: &InstanceId, name: &str, text: Zeroizing<Vec<u8>>) -> Answer<Vec<u8>> {
        let held = self.find(owner, name);
        Box::pin(async move { Ok(held.await?.sign(&text)) })
    }

    fn verify(&self, owner: &InstanceId, name: &str, text: Zeroizing<Vec<u8>>, tag: Vec<u8>) -> Answer<bool> {
        let held = self.find(owner, name);
        Box::pin(async move { held.await?.verify(&text, &tag) })
    }

    fn arrived(&self, owner: &InstanceId) -> Answer<BTreeMap<String, Secret>> {
        self.ask(owner, |_| None, |desk| Ok(desk.arrived()?))
    }

    fn keep(&self, owner: &InstanceId, name: &str, value: Secret) -> Answer<()> {
        let (name, now_ms) = (name.to_owned(), (self.0.clock)());
        self.ask(owner, |_| None, move |desk| Ok(desk.keep(&name, &value, now_ms)?))
    }
}

/// NB: cut: a guest may ask for a name of any length.
fn unknown(name: &str) -> KeyError {
    KeyError::Unknown(name.chars().take(MAX_NAME_BYTES).collect())
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ring({})", self.0.disk.root.display())
    }
}
