//! The state directory: one runtime at a time, for its owner only.
use anyhow::{Context, bail};
use journal::Sqlite;
use ports::clock::epoch_ms;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Locked as long as it lives; the kernel gives the lock back however the process ends.
pub struct StateDir {
    folder: PathBuf,
    _lock: File,
}

impl StateDir {
    pub fn lock(folder: &Path) -> anyhow::Result<Self> {
        make(folder)?;
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.into(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another runtime uses the state directory {}: stop it, or give this one its own with --state",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Only whoever has the lock has the journal.
    pub fn journal(&self) -> anyhow::Result<Sqlite> {
        Ok(Sqlite::open(&self.folder, Arc::new(epoch_ms))?)
    }

    pub fn keyring(&self) -> PathBuf {
        self.folder.join("keyring")
    }

    /// The key of the key ring, where the operator configures none.
    pub fn operator_key(&self) -> PathBuf {
        self.folder.join("operator.key")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }
}

/// For its owner only.
pub fn make(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the state directory {}", folder.display()))?;
    refuse_foreign(folder)
}

/// What the operator approved of what connectors ask for.
pub fn approvals(folder: &Path) -> PathBuf {
    folder.join("approvals.json")
}

/// Held while they are changed, whoever changes them.
pub fn lock_approvals(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("approvals.lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
    lock.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// The folder holds machine code that is run as it is: it must be ours alone.
fn refuse_foreign(folder: &Path) -> anyhow::Result<()> {
    let about = std::fs::metadata(folder).with_context(|| format!("cannot look at {}", folder.display()))?;
    let us = std::fs::metadata("/proc/self").context("cannot tell who we are")?.uid();
    if about.uid() != us {
        bail!("the state directory {} belongs to somebody else; name another with --state", folder.display());
    }
    if about.mode() & 0o077 != 0 {
        bail!("others may use the state directory {0}; `chmod 700 {0}` if it is yours", folder.display());
    }
    Ok(())
}

/// The state directory where the command line names none: not in the current folder, which may come from somebody.
pub fn default_folder() -> PathBuf {
    let of_user = |name: &str, below: &str| {
        let folder = std::env::var_os(name).filter(|folder| !folder.is_empty())?;
        Some(PathBuf::from(folder).join(below))
    };
    of_user("XDG_STATE_HOME", "connector-runtime")
        .or_else(|| of_user("HOME", ".local/state/connector-runtime"))
        .unwrap_or_else(|| "/var/lib/connector-runtime".into())
}

/// Where the runtime of a state directory listens.
pub fn control_socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
