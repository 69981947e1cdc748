//! Against real files. What the tests share: a folder that is opened again and again, and short ways to say calls.
mod ed25519;
mod faults;
mod file_names;
mod hmac;
mod key_file;
mod keys;
mod lasting;
mod leaks;
mod opening;
mod operator_key;
mod order;
mod private;
mod rotation;
mod secrets;

mod tampering;

use crate::{OperatorKey, Ring};
use ports::identity::InstanceId;
use ports::keys::{Class, Key, KeyError, KeyRing, Kind};
use ports::secret::Secret;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tempfile::TempDir;
use zeroize::Zeroizing;

const START_MS: u64 = 1_800_000_000_000;
const MOST: usize = 16;

/// A folder, an operator's key and a clock that goes one millisecond per look.
struct House {
    dir: TempDir,
    now_ms: Arc<AtomicU64>,
}

impl House {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), now_ms: Arc::new(AtomicU64::new(START_MS)) }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("keys")
    }

    fn open(&self) -> Ring {
        self.open_with(operator(1), vec![])
    }

    fn open_with(&self, key: OperatorKey, former: Vec<OperatorKey>) -> Ring {
        let now_ms = self.now_ms.clone();
        Ring::open(&self.folder(), key, former, Arc::new(move || now_ms.fetch_add(1, SeqCst))).unwrap()
    }

    /// All files below the folder, in order.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.folder(), &mut |path| files.extend(path.is_file().then(|| path.to_owned())));
        files.sort();
        files
    }

    /// The only one.
    fn file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

fn walk(path: &Path, see: &mut impl FnMut(&Path)) {
    see(path);
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| walk(&entry.unwrap().path(), see));
    }
}

fn operator(seed: u8) -> OperatorKey {
    OperatorKey::parse(&Secret::new(format!("{seed:02x}").repeat(32))).unwrap()
}

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

fn bot() -> InstanceId {
    id("default/occum/bot")
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "half a byte");
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn unavailable<T: std::fmt::Debug>(answer: Result<T, KeyError>) -> String {
    match answer {
        Err(KeyError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

impl Ring {
    async fn identity(&self, owner: &InstanceId, name: &str) -> Result<Key, KeyError> {
        self.ensure(owner, name, Kind::Ed25519, Class::Identity, MOST).await
    }

    async fn session(&self, owner: &InstanceId, name: &str) -> Result<Key, KeyError> {
        self.ensure(owner, name, Kind::Ed25519, Class::Session, MOST).await
    }

    async fn signed(&self, owner: &InstanceId, name: &str, text: &str) -> Result<Vec<u8>, KeyError> {
        self.sign(owner, name, Zeroizing::new(text.into())).await
    }

    async fn names(&self, owner: &InstanceId) -> Vec<String> {
        self.keys(owner).await.unwrap().into_iter().map(|key| key.name).collect()
    }

    async fn secret(&self, owner: &InstanceId, name: &str) -> Option<String> {
        self.arrived(owner).await.unwrap().get(name).map(|value| value.expose().to_owned())
    }
}

fn secret(value: &str) -> Secret {
    Secret::new(value.to_owned())
}
