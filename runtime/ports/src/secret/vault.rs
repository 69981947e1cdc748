//! The secrets of one instance, as they change: the operator rotates, platforms hand out.
use super::forms::Depth;
use super::history::History;
use super::place::{At, Capture, Destination, Fill, Form, Place};
use super::redact::Redactor;
use super::{CAPTURED, Secret};
use crate::log_budget::{LogBudget, Verdict};
use crate::reach::CheckedUrl;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::watch;
use tokio::task::block_in_place;
use zeroize::Zeroizing;

/// One secret: what the operator granted of it, and its value.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// `None`: it has not arrived yet.
    pub value: Option<Secret>,
    /// Where it may be written.
    pub places: Vec<Place>,
    /// Where it arrives.
    pub captures: Vec<Capture>,
    /// Names of keys under which text that holds it may be signed.
    pub signs: Vec<String>,
    /// Whether the guest may have text authenticated (HMAC) with it.
    pub authenticates: bool,
}

/// The secrets of one instance.
pub struct Vault {
    state: RwLock<State>,
    /// Held while a value changes: what is sought is made outside of the lock that everybody reads under.
    changing: Mutex<()>,
    changes: watch::Sender<u64>,
    keep: Option<Keep>,
    arrivals: LogBudget,
}

type Keep = Box<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    /// By name, of every entry.
    histories: BTreeMap<String, History>,
    redactor: Arc<Redactor>,
}

/// Longest value in bytes: a certificate chain with its key is about 8 KiB.
pub const MAX_SECRET_BYTES: usize = 64 << 10;

/// Longest value that arrives, in bytes: tokens have at most some thousands. The platform chooses how many there are,
/// and the search for each costs in proportion.
pub const MAX_ARRIVED_BYTES: usize = 4 << 10;

/// Values that may arrive within ten seconds. What is over it is withheld and forgotten: each costs a new search.
const ARRIVALS_PER_10S: u32 = 20;

/// A longer text is searched without holding up the other tasks of its thread.
const LONG_TEXT_BYTES: usize = 64 << 10;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    #[error("no secret named {0:?} is configured")]
    Unknown(String),
    #[error("secret {0:?} has not arrived yet")]
    Absent(String),
    #[error("secret {secret:?} may not go into {at} of this destination")]
    NotAPlace { secret: String, at: String },
    #[error("secret {secret:?} may not be {what}")]
    NotForThis { secret: String, what: String },
}

/// An answer or a frame, before the guest sees it.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// Of the request; `None` for a WebSocket.
    pub method: Option<&'a str>,
    pub url: &'a CheckedUrl,
    /// Of the answer, names in lower case.
    pub headers: &'a mut [(String, Vec<u8>)],
    /// The body or frame, where it is JSON.
    pub json: Option<&'a mut Value>,
}

/// What [`Vault::capture`] changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub headers: usize,
    pub json: usize,
}

impl Vault {
    pub fn new(entries: BTreeMap<String, Entry>) -> Self {
        let history = |(name, entry): (&String, &Entry)| (name.clone(), History::of(entry.value.clone()));
        let histories = entries.iter().map(history).collect();
        let redactor = Arc::new(redactor(&entries, &histories));
        Self {
            state: RwLock::new(State { entries, histories, redactor }),
            changing: Mutex::default(),
            changes: watch::Sender::default(),
            keep: None,
            arrivals: LogBudget::new(ARRIVALS_PER_10S),
        }
    }

    /// `keep` hears the name of each secret that arrives, before the guest hears that it did, and of each that the
    /// operator replaces; [`arrived`](Self::arrived) tells its value. It must not block.
    pub fn keeping(self, keep: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { keep: Some(Box::new(keep)), ..self }
    }

    /// Whether the instance has no secret at all, and none can arrive.
    pub fn is_empty(&self) -> bool {
        self.read().entries.is_empty()
    }

    /// Whether it is configured, or has arrived.
    pub fn exists(&self, name: &str) -> bool {
        self.read().entries.get(name).is_some_and(|entry| entry.value.is_some())
    }

    /// The text to write, if the operator granted this place.
    ///
    /// # Errors
    /// [`FillError`]; none of them tells anything of the value.
    pub fn fill(&self, fill: &Fill, to: Destination<'_>) -> Result<Secret, FillError> {
        let state = self.read();
        let (entry, value) = state.value(&fill.secret)?;
        if !entry.places.iter().any(|place| place.takes(&fill.at, to)) {
            return Err(FillError::NotAPlace { secret: fill.secret.clone(), at: fill.at.to_string() });
        }
        Ok(Secret::new(match &fill.form {
            Form::Raw => value.to_owned(),
            Form::Bearer => format!("Bearer {value}"),
            Form::Basic { user } => {
                format!("Basic {}", BASE64_STANDARD.encode(Zeroizing::new(format!("{user}:{value}"))))
            }
        }))
    }

    /// A part of a text that `key` signs.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn part(&self, secret: &str, key: &str) -> Result<Secret, FillError> {
        let state = self.read();
        let (entry, value) = state.value(secret)?;
        match entry.signs.iter().any(|name| name == key) {
            true => Ok(Secret::new(value.to_owned())),
            false => {
                let what = format!("in what key {key:?} signs");
                Err(FillError::NotForThis { secret: secret.into(), what })
            }
        }
    }

    /// The key of an HMAC.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn authenticator(&self, secret: &str) -> Result<Secret, FillError> {
        let state = self.read();
        let (entry, value) = state.value(secret)?;
        match entry.authenticates {
            true => Ok(Secret::new(value.to_owned())),
            false => {
                let what = "the key of an HMAC".to_owned();
                Err(FillError::NotForThis { secret: secret.into(), what })
            }
        }
    }

    /// The present value, if it arrived.
    pub fn arrived(&self, name: &str) -> Option<Secret> {
        let state = self.read();
        let is_arrived = state.histories.get(name).is_some_and(|history| history.is_arrived);
        state.entries.get(name).filter(|_| is_arrived)?.value.clone()
    }

    /// The operator's latest value, also where one that arrived replaced it.
    pub fn provided(&self, name: &str) -> Option<Secret> {
        self.read().histories.get(name)?.provided.clone()
    }

    /// How often this secret has changed.
    pub fn version(&self, name: &str) -> u64 {
        self.read().histories.get(name).map_or(0, |history| history.version)
    }

    /// Whether something may arrive in the JSON of what comes from there: then what is no JSON must not be shown.
    pub fn awaits_json(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        let state = self.read();
        let mut captures = state.entries.values().flat_map(|entry| &entry.captures);
        captures.any(|capture| matches!(capture.at, At::Json(_)) && capture.awaits(method, url))
    }

    /// Whether anything may arrive there: only then need an answer or frame be parsed.
    pub fn awaits(&self, method: Option<&str>, url: &CheckedUrl) -> bool {
        let state = self.read();
        state.entries.values().flat_map(|entry| &entry.captures).any(|capture| capture.awaits(method, url))
    }

    /// Takes what arrives and writes [`CAPTURED`] in its place. Text of 1 to [`MAX_ARRIVED_BYTES`] is kept if it arrived
    /// at the granted URL itself; whatever else stands at the granted place is withheld.
    pub fn capture(&self, arrival: Arrival<'_>) -> Taken {
        let Arrival { method, url, headers, mut json } = arrival;
        let mut taken = Taken::default();
        // One for each secret: of several the last. With whether it is to be used.
        let mut arrived: BTreeMap<String, (Secret, bool)> = BTreeMap::new();
        let wanted: Vec<(String, At, bool)> = {
            let state = self.read();
            let of = |(name, entry): (&String, &Entry)| -> Vec<(String, At, bool)> {
                let holds =
                    |capture: &&Capture| capture.awaits(method, url) && capture.holds(json.as_deref());
                let one = |capture: &Capture| (name.clone(), capture.at.clone(), capture.is_at(method, url));
                entry.captures.iter().filter(holds).map(one).collect()
            };
            state.entries.iter().flat_map(of).collect()
        };
        for (name, at, is_used) in wanted {
            match at {
                At::Header(header) => {
                    for (_, value) in headers.iter_mut().filter(|(name, _)| *name == header) {
                        taken.headers += 1;
                        let value = String::from_utf8(mem::replace(value, CAPTURED.into()));
                        arrived.extend(value.ok().map(|it| (name.clone(), (Secret::new(it), is_used))));
                    }
                }
                At::Json(pointer) => {
                    let Some(place) = json.as_deref_mut().and_then(|json| json.pointer_mut(&pointer)) else {
                        continue;
                    };
                    if place.is_null() {
                        continue;
                    }
                    taken.json += 1;
                    if let Value::String(value) = mem::replace(place, CAPTURED.into()) {
                        arrived.insert(name, (Secret::new(value), is_used));
                    }
                }
                At::Query(_) => {}
            }
        }
        for (name, (value, is_used)) in arrived {
            // NB: two secrets at one place; the second finds what the first left.
            let fits = (1..=MAX_ARRIVED_BYTES).contains(&value.expose().len()) && value.expose() != CAPTURED;
            if !fits
                || self.is_present(&name, &value)
                || !matches!(self.arrivals.take(), Verdict::Write { .. })
            {
                continue;
            }
            let how = if is_used { How::Arrives } else { How::IsWithheld };
            if self.change(&name, value, how)
                && let Some(keep) = &self.keep
            {
                keep(&name);
            }
        }
        taken
    }

    /// From now on this is the operator's value. Whether it is another one, and can be one.
    pub fn rotate(&self, name: &str, value: Secret) -> bool {
        let is_changed = (1..=MAX_SECRET_BYTES).contains(&value.expose().len())
            && self.change(name, value, How::IsProvided);
        // What had arrived is not to come back.
        if is_changed && let Some(keep) = &self.keep {
            keep(name);
        }
        is_changed
    }

    /// As if it had arrived, in an earlier process.
    pub fn restore(&self, name: &str, value: Secret) -> bool {
        (1..=MAX_ARRIVED_BYTES).contains(&value.expose().len()) && self.change(name, value, How::Arrives)
    }

    /// It was a value once: it is looked for, and nothing else.
    pub fn remember(&self, name: &str, value: Secret) {
        self.change(name, value, How::IsWithheld);
    }

    fn is_present(&self, name: &str, value: &Secret) -> bool {
        self.read().entries.get(name).is_some_and(|entry| entry.value.as_ref() == Some(value))
    }

    fn change(&self, name: &str, value: Secret, how: How) -> bool {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut entries, mut histories) = {
            let state = self.read();
            (state.entries.clone(), state.histories.clone())
        };
        let is_nested = |known: &Secret| {
            let (known, value) = (known.expose(), value.expose());
            known != value && (known.contains(value) || value.contains(known))
        };
        let known = entries.values().filter_map(|entry| entry.value.as_ref());
        // Values inside of each other are no tokens; they would be found at every byte of a text that is made for it.
        if how != How::IsProvided && known.chain(histories.values().flat_map(History::values)).any(is_nested)
        {
            return false;
        }
        let (Some(entry), Some(history)) = (entries.get_mut(name), histories.get_mut(name)) else {
            return false;
        };
        if entry.value.as_ref() == Some(&value) {
            return false;
        }
        match how {
            How::IsWithheld => history.withhold(value),
            How::IsProvided | How::Arrives => {
                if how == How::IsProvided {
                    history.provided = Some(value.clone());
                }
                if let Some(replaced) = entry.value.replace(value) {
                    history.replaced(replaced);
                }
                history.is_arrived = how == How::Arrives;
                history.version += 1;
            }
        }
        // Making what is sought takes milliseconds where values are long.
        let redactor = aside(LONG_TEXT_BYTES + 1, || Arc::new(redactor(&entries, &histories)));
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State { entries, histories, redactor };
        self.changes.send_modify(|count| *count += 1);
        how != How::IsWithheld
    }

    /// Changes whenever a value does.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// `text` with every secret of the instance cut out, in all its common forms.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        aside(text.len(), || self.redactor().text(text))
    }

    /// The same for bytes, of which any part may be text.
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        aside(bytes.len(), || self.redactor().bytes(bytes))
    }

    /// Whether a secret of the instance is in it, in one of its common forms.
    pub fn is_in(&self, text: &str) -> bool {
        self.redactor().finds(text.as_bytes())
    }

    /// The same for the name of a header, whose letter case may have changed on the way.
    pub fn is_in_name(&self, name: &str) -> bool {
        self.redactor().finds_folded(name)
    }

    fn redactor(&self) -> Arc<Redactor> {
        self.read().redactor.clone()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn value(&self, name: &str) -> Result<(&Entry, &str), FillError> {
        let entry = self.entries.get(name).ok_or_else(|| FillError::Unknown(name.into()))?;
        let value = entry.value.as_ref().ok_or_else(|| FillError::Absent(name.into()))?;
        Ok((entry, value.expose()))
    }
}

/// What a change is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// By the operator.
    IsProvided,
    /// By the platform.
    Arrives,
    /// It is a secret and not to be used.
    IsWithheld,
}

fn redactor(entries: &BTreeMap<String, Entry>, histories: &BTreeMap<String, History>) -> Redactor {
    let values = entries.values().filter_map(|entry| entry.value.as_ref());
    let former = histories.values().flat_map(History::values);
    Redactor::new(values.map(|it| (it, Depth::Whole)).chain(former.map(|it| (it, Depth::Brief))))
}

/// Runs it where it stands; what takes long, so that other tasks of this thread go on elsewhere meanwhile.
fn aside<T>(bytes: usize, search: impl FnOnce() -> T) -> T {
    let can_move = Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
    match can_move && bytes > LONG_TEXT_BYTES {
        true => block_in_place(search),
        false => search(),
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self::new(BTreeMap::new())
    }
}

/// Names only.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.read().entries.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
