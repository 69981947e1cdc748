//! Secrets of files that change while connectors run: read again, used from the next request and dial on.
use config::{SecretFile, read_secret};
use ports::identity::InstanceId;
use ports::secret::Vault;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

/// How often files are looked at. One look is a microsecond, and who rotates a secret waits longer than this.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The files of one instance.
pub struct Watched {
    pub id: InstanceId,
    pub vault: Arc<Vault>,
    pub files: Vec<SecretFile>,
}

/// What tells a file from another of the same name, or from itself before it was written. Symbolic links are followed: an
/// orchestrator swaps a folder of links.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

struct Seen {
    file: SecretFile,
    id: InstanceId,
    vault: Arc<Vault>,
    mark: Option<Mark>,
}

/// Until it is dropped.
pub async fn watch(all: Vec<Watched>) {
    // NB: no mark. What changed between the start's reading and this one is seen at the first look.
    let seen = |Watched { id, vault, files }| {
        files.into_iter().map(move |file| Seen {
            file,
            id: InstanceId::clone(&id),
            vault: Arc::clone(&vault),
            mark: None,
        })
    };
    let mut files: Vec<Seen> = all.into_iter().flat_map(seen).collect();
    if files.is_empty() {
        return;
    }
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let looked = spawn_blocking(move || {
            files.iter_mut().for_each(Seen::look);
            files
        });
        match looked.await {
            Ok(back) => files = back,
            Err(error) => return warn!(blame = "host", %error, "files of secrets are no longer watched"),
        }
    }
}

impl Seen {
    fn look(&mut self) {
        let mark = std::fs::metadata(&self.file.path).ok().map(|about| Mark::of(&about));
        if mark == self.mark {
            return;
        }
        self.mark = mark;
        match read_secret(&self.file.path) {
            Ok(value) => {
                // What arrived since is not undone by a touch.
                let is_new = self.vault.provided(&self.file.name).as_ref() != Some(&value);
                if is_new && self.vault.rotate(&self.file.name, value) {
                    info!(connector = %self.id, secret = self.file.name, "a secret was rotated");
                }
            }
            Err(why) => {
                let secret = &self.file.name;
                warn!(connector = %self.id, secret, why, "a secret's file changed and is not used: the former value stays");
            }
        }
    }
}

impl Mark {
    fn of(about: &Metadata) -> Self {
        Self { inode: about.ino(), bytes: about.len(), changed: (about.ctime(), about.ctime_nsec()) }
    }
}
