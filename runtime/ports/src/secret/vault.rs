//! The secrets of one instance, as they change: the operator rotates, platforms hand out.
use super::forms::Depth;
use super::place::{At, Capture, Destination, Fill, Form, Place};
use super::redact::Redactor;
use super::{CAPTURED, Secret};
use crate::reach::CheckedUrl;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
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
#[derive(Default)]
pub struct Vault {
    state: RwLock<State>,
    /// Held while a value changes: what is sought is made outside of the lock that everybody reads under.
    changing: Mutex<()>,
    changes: watch::Sender<u64>,
    keep: Option<Keep>,
}

type Keep = Box<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    /// By name: values that were replaced, and are still found in what comes back.
    former: BTreeMap<String, Former>,
    redactor: Arc<Redactor>,
}

/// The latest last.
#[derive(Clone, Default)]
struct Former {
    operators: VecDeque<Secret>,
    arrived: VecDeque<Secret>,
    /// Whether the present value arrived.
    is_arrived: bool,
}

/// Former values of the operator that are still looked for, of each secret. What was rotated is of no use for long.
const MOST_FORMER: usize = 16;

/// Former values that arrived. A platform may hand out a new one with each answer, each of them good for an hour.
const MOST_FORMER_ARRIVED: usize = 64;

/// Longest value in bytes: a certificate chain with its key is about 8 KiB.
pub const MAX_SECRET_BYTES: usize = 64 << 10;

/// Longest value that arrives, in bytes: tokens have at most some thousands. The platform chooses how many there are,
/// and the search for each costs in proportion.
pub const MAX_ARRIVED_BYTES: usize = 4 << 10;

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
        let former = BTreeMap::new();
        let redactor = Arc::new(redactor(&entries, &former));
        Self { state: RwLock::new(State { entries, former, redactor }), ..Self::default() }
    }

    /// `keep` hears the name of each secret that arrives, before the guest hears that it did; [`arrived`](Self::arrived)
    /// tells its value. It must not block.
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
        let is_arrived = state.former.get(name).is_some_and(|former| former.is_arrived);
        state.entries.get(name).filter(|_| is_arrived)?.value.clone()
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

    /// Takes what arrives and writes [`CAPTURED`] in its place. Text of 1 to [`MAX_SECRET_BYTES`] is kept; whatever else
    /// stands at the granted place is withheld and forgotten.
    pub fn capture(&self, arrival: Arrival<'_>) -> Taken {
        let Arrival { method, url, headers, mut json } = arrival;
        let mut taken = Taken::default();
        // One for each secret: of several the last.
        let mut arrived: BTreeMap<String, Secret> = BTreeMap::new();
        let wanted: Vec<(String, At)> = {
            let state = self.read();
            let of = |(name, entry): (&String, &Entry)| -> Vec<(String, At)> {
                let holds =
                    |capture: &&Capture| capture.awaits(method, url) && capture.holds(json.as_deref());
                entry
                    .captures
                    .iter()
                    .filter(holds)
                    .map(|capture| (name.clone(), capture.at.clone()))
                    .collect()
            };
            state.entries.iter().flat_map(of).collect()
        };
        for (name, at) in wanted {
            match at {
                At::Header(header) => {
                    for (_, value) in headers.iter_mut().filter(|(name, _)| *name == header) {
                        taken.headers += 1;
                        let value = mem::replace(value, CAPTURED.into());
                        arrived
                            .extend(String::from_utf8(value).ok().map(|it| (name.clone(), Secret::new(it))));
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
                        arrived.insert(name, Secret::new(value));
                    }
                }
                At::Query(_) => {}
            }
        }
        for (name, value) in arrived {
            // NB: two secrets at one place; the second finds what the first left.
            let fits = (1..=MAX_ARRIVED_BYTES).contains(&value.expose().len()) && value.expose() != CAPTURED;
            if fits
                && self.change(&name, value, true)
                && let Some(keep) = &self.keep
            {
                keep(&name);
            }
        }
        taken
    }

    /// From now on this is the operator's value. Whether it is another one, and can be one.
    pub fn rotate(&self, name: &str, value: Secret) -> bool {
        (1..=MAX_SECRET_BYTES).contains(&value.expose().len()) && self.change(name, value, false)
    }

    /// As if it had arrived, in an earlier process.
    pub fn restore(&self, name: &str, value: Secret) -> bool {
        (1..=MAX_ARRIVED_BYTES).contains(&value.expose().len()) && self.change(name, value, true)
    }

    fn change(&self, name: &str, value: Secret, arrives: bool) -> bool {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut entries, mut former) = {
            let state = self.read();
            (state.entries.clone(), state.former.clone())
        };
        let Some(entry) = entries.get_mut(name).filter(|entry| entry.value.as_ref() != Some(&value)) else {
            return false;
        };
        let history = former.entry(name.to_owned()).or_default();
        if let Some(replaced) = entry.value.replace(value) {
            let (values, most) = match history.is_arrived {
                true => (&mut history.arrived, MOST_FORMER_ARRIVED),
                false => (&mut history.operators, MOST_FORMER),
            };
            values.push_back(replaced);
            if values.len() > most {
                values.pop_front();
            }
        }
        history.is_arrived = arrives;
        let redactor = Arc::new(redactor(&entries, &former));
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State { entries, former, redactor };
        self.changes.send_modify(|count| *count += 1);
        true
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

fn redactor(entries: &BTreeMap<String, Entry>, former: &BTreeMap<String, Former>) -> Redactor {
    let values = entries.values().filter_map(|entry| entry.value.as_ref());
    let replaced = former.values().flat_map(|former| former.operators.iter().chain(&former.arrived));
    Redactor::new(values.map(|it| (it, Depth::Whole)).chain(replaced.map(|it| (it, Depth::Brief))))
}

/// Runs it where it stands; what takes long, so that other tasks of this thread go on elsewhere meanwhile.
fn aside<T>(bytes: usize, search: impl FnOnce() -> T) -> T {
    let can_move = Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
    match can_move && bytes > LONG_TEXT_BYTES {
        true => block_in_place(search),
        false => search(),
    }
}

/// Names only.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.read().entries.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_test::JsonTest;
    use serde_json::json;
    use std::sync::Mutex;

    const URL: &str = "https://api.test/v1/channels/1/messages";

    fn place(url: &str, at: At, when: Vec<JsonTest>) -> Place {
        Place { url: url.parse().unwrap(), at, when }
    }

    fn test(pointer: &str, equals: &str) -> JsonTest {
        JsonTest { pointer: pointer.into(), equals: json!(equals) }
    }

    fn vault_of(entry: Entry) -> Vault {
        Vault::new(BTreeMap::from([("token".into(), entry)]))
    }

    fn vault() -> Vault {
        let auth = test("/type", "auth");
        let places = vec![
            place("GET,POST https://api.test/v1/*", At::Header("authorization".into()), vec![]),
            place("wss://api.test/v1/ws", At::Json("/token".into()), vec![auth]),
        ];
        vault_of(Entry {
            value: Some(Secret::new("s3cret-value".into())),
            places,
            signs: vec!["device".into()],
            ..Entry::default()
        })
    }

    fn fill(at: At) -> Fill {
        Fill { secret: "token".into(), at, form: Form::Bearer }
    }

    #[test]
    fn a_secret_goes_to_its_places_and_nowhere_else() {
        let url = CheckedUrl::parse(URL).unwrap();
        let body = json!({"text": "x", "token": "", "type": "auth"});
        let to = Destination { method: Some("POST"), url: &url, json: Some(&body) };
        let filled = vault().fill(&fill(At::Header("authorization".into())), to).unwrap();
        assert_eq!(filled.expose(), "Bearer s3cret-value");
        for at in [
            At::Json("/text".into()),
            At::Json("/token".into()),
            At::Query("token".into()),
            At::Header("x-a".into()),
        ] {
            assert!(matches!(vault().fill(&fill(at), to), Err(FillError::NotAPlace { .. })));
        }
        let unknown = Fill { secret: "other".into(), ..fill(At::Header("authorization".into())) };
        assert_eq!(vault().fill(&unknown, to).unwrap_err(), FillError::Unknown("other".into()));
    }

    #[test]
    fn a_frame_must_pass_its_test() {
        let url = CheckedUrl::parse("wss://api.test/v1/ws").unwrap();
        let (auth, say) = (json!({"type": "auth", "token": ""}), json!({"type": "say", "token": ""}));
        let to = |json| Destination { method: None, url: &url, json };
        assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&auth))).is_ok());
        assert!(vault().fill(&fill(At::Json("/token".into())), to(Some(&say))).is_err());
        assert!(vault().fill(&fill(At::Json("/token".into())), to(None)).is_err());
    }

    #[test]
    fn a_secret_is_part_of_what_its_keys_sign_and_of_nothing_else() {
        assert_eq!(vault().part("token", "device").unwrap().expose(), "s3cret-value");
        for key in ["other", "", "Device"] {
            assert!(matches!(vault().part("token", key), Err(FillError::NotForThis { .. })));
        }
        assert!(vault().authenticator("token").is_err());
        let open = vault_of(Entry { authenticates: true, ..Entry::default() });
        assert_eq!(open.authenticator("token"), Err(FillError::Absent("token".into())));
        assert!(open.rotate("token", Secret::new("x".into())) && open.authenticator("token").is_ok());
    }

    #[test]
    fn a_secret_is_in_no_debug_output_and_can_be_taken_out_of_a_text() {
        assert_eq!(format!("{:?}", vault()), r#"{"token"}"#);
        assert_eq!(vault().redact("got s3cret-value!"), "got [redacted]!");
        assert!(vault().is_in("czNjcmV0LXZhbHVl") && !vault().is_in("s3cret"));
    }

    #[test]
    fn a_rotated_secret_is_filled_at_once_and_its_former_values_are_still_cut_out() {
        let (vault, url) = (vault(), CheckedUrl::parse(URL).unwrap());
        let changes = vault.changes();
        let to = Destination { method: Some("GET"), url: &url, json: None };
        assert!(vault.rotate("token", Secret::new("n3w-value".into())));
        assert!(!vault.rotate("token", Secret::new("n3w-value".into())), "the same again is no change");
        assert!(changes.has_changed().unwrap() && *changes.borrow() == 1);
        let filled = vault.fill(&fill(At::Header("authorization".into())), to).unwrap();
        assert_eq!(filled.expose(), "Bearer n3w-value");
        assert_eq!(vault.redact("s3cret-value n3w-value"), "[redacted] [redacted]");
        for bad in [String::new(), "x".repeat(MAX_SECRET_BYTES + 1)] {
            assert!(!vault.rotate("token", Secret::new(bad)));
        }
        assert!(!vault.rotate("other", Secret::new("n3w-value".into())), "only what was granted");
        for nth in 0..100 {
            vault.rotate("token", Secret::new(format!("value {nth:2}")));
        }
        assert_eq!(vault.redact("n3w-value value 90 value 99"), "n3w-value [redacted] [redacted]");
    }

    #[test]
    fn what_arrives_is_kept_and_the_guest_finds_a_mark_in_its_place() {
        let capture = |at, when| Capture { url: "POST https://api.test/v1/*".parse().unwrap(), at, when };
        let ok = test("/type", "paired");
        let entry = Entry {
            captures: vec![
                capture(At::Json("/auth/token".into()), vec![ok.clone()]),
                capture(At::Header("x-token".into()), vec![]),
            ],
            ..Entry::default()
        };
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeper = kept.clone();
        let vault = vault_of(entry).keeping(move |name| keeper.lock().unwrap().push(name.to_owned()));
        let url = CheckedUrl::parse(URL).unwrap();
        for spelled in ["v1/channels/1/messages", "V1/%63hannels//1/messages/", "x/../v1/channels;a=b/1"] {
            let url = CheckedUrl::parse(&format!("https://api.test/{spelled}?a=b")).unwrap();
            assert!(vault.awaits(Some("GET"), &url) && vault.awaits_json(Some("POST"), &url), "{spelled}");
        }
        for other in ["https://api.test/v2/x", "https://b.test/v1/x", "https://api.test:444/v1/x"] {
            assert!(!vault.awaits(Some("POST"), &CheckedUrl::parse(other).unwrap()), "{other}");
        }
        let arrives = |headers: &mut [(String, Vec<u8>)], mut json: Value| {
            let method = Some("POST");
            let taken = vault.capture(Arrival { method, url: &url, headers, json: Some(&mut json) });
            (taken, json)
        };
        assert!(!vault.exists("token"));
        let other = json!({"type": "other", "auth": {"token": "arrived-1"}});
        assert_eq!(arrives(&mut [], other.clone()), (Taken::default(), other));
        let paired = |token: Value| json!({"type": "paired", "auth": {"token": token}});
        let (taken, json) = arrives(&mut [], paired(json!("arrived-1")));
        assert_eq!((taken, json), (Taken { json: 1, headers: 0 }, paired(json!("[captured]"))));
        assert!(vault.exists("token") && vault.redact("arrived-1") == "[redacted]");
        for strange in [json!(17), json!({"a": 1}), json!(""), json!(true)] {
            assert_eq!(arrives(&mut [], paired(strange)).1, paired(json!("[captured]")));
        }
        assert_eq!(arrives(&mut [], paired(Value::Null)).0, Taken::default(), "nothing has arrived");
        let mut headers = [("x-token".to_owned(), b"arrived-2".to_vec()), ("x".into(), b"y".to_vec())];
        assert_eq!(arrives(&mut headers, json!(1)).0, Taken { headers: 1, json: 0 });
        assert_eq!(headers[0].1, b"[captured]");
        assert_eq!(*kept.lock().unwrap(), ["token", "token"]);
        assert_eq!(vault.arrived("token").unwrap().expose(), "arrived-2");
        arrives(&mut [], paired(json!("x".repeat(MAX_ARRIVED_BYTES + 1))));
        assert_eq!(
            vault.arrived("token").unwrap().expose(),
            "arrived-2",
            "what is too long is withheld only"
        );
        // However many arrive, what was the operator's stays known.
        vault.rotate("token", Secret::new("the operator's".into()));
        assert_eq!(vault.arrived("token"), None);
        for nth in 0..200 {
            arrives(&mut [], paired(json!(format!("arrived again {nth:3}"))));
        }
        assert_eq!(vault.redact("the operator's, arrived again 150"), "[redacted], [redacted]");
    }
}
