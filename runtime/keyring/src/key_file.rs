//! The operator's key in a file of the state directory, for those who configure none.
use crate::operator_key::{BadKey, OperatorKey};
use crate::ours::{Whose, whose};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ports::secret::Secret;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("cannot use the key file {path}")]
    Disk {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a regular file: move it away, and the next start makes a key there")]
    NotAFile { path: PathBuf },
    #[error(
        "others may read the operator's key in {path}: `chmod 600 {path}` if nobody has, else use a new key"
    )]
    Shared { path: PathBuf },
    #[error("the key file {path} belongs to somebody else: name one of yours")]
    Foreign { path: PathBuf },
    #[error("{path} holds no key")]
    Bad {
        path: PathBuf,
        #[source]
        source: BadKey,
    },
}

/// More than any way to write a key, with some white space.
const MOST_BYTES: u64 = 1024;

impl OperatorKey {
    /// The key in this file; made there (random, mode 0600, on disk before the answer) where there is no file. Blocks.
    /// When two make it at once, both get the one that is there in the end.
    ///
    /// # Errors
    /// [`KeyFileError`]; a file that is there is never changed.
    pub fn of_file(path: &Path) -> Result<Self, KeyFileError> {
        let disk = |source| KeyFileError::Disk { path: path.into(), source };
        match fs::symlink_metadata(path) {
            Ok(about) => refuse(path, &about)?,
            Err(error) if error.kind() == ErrorKind::NotFound => make(path).map_err(disk)?,
            Err(error) => return Err(disk(error)),
        }
        // NB: also where another one made it: it may not have come to this, and we are about to use the key.
        File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(disk)?;
        let file = File::open(path).map_err(disk)?;
        // NB: again, of what we opened: by now the name may be another file's.
        refuse(path, &file.metadata().map_err(disk)?)?;
        let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES as usize));
        file.take(MOST_BYTES).read_to_string(&mut text).map_err(disk)?;
        let key = OperatorKey::parse(&Secret::new(std::mem::take(&mut *text)));
        key.map_err(|source| KeyFileError::Bad { path: path.into(), source })
    }
}

fn refuse(path: &Path, about: &Metadata) -> Result<(), KeyFileError> {
    let path = || path.to_path_buf();
    if !about.is_file() {
        return Err(KeyFileError::NotAFile { path: path() });
    }
    match whose(about).map_err(|source| KeyFileError::Disk { path: path(), source })? {
        Whose::Ours => Ok(()),
        Whose::Shared => Err(KeyFileError::Shared { path: path() }),
        Whose::Foreign => Err(KeyFileError::Foreign { path: path() }),
    }
}

/// Leaves a whole key under the name, or nothing.
fn make(path: &Path) -> io::Result<()> {
    let key = OperatorKey::fresh()?;
    let text = Zeroizing::new(BASE64_STANDARD.encode(key.bytes()) + "\n");
    let aside = aside(path)?;
    let made = write(&aside, text.as_bytes()).and_then(|()| match fs::hard_link(&aside, path) {
        // NB: a link and no renaming, which would replace the key that somebody else has made and uses by now.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&aside);
    made.and(removed)
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// A name beside the file that no other maker has.
fn aside(path: &Path) -> io::Result<PathBuf> {
    let nonce = getrandom::u64().map_err(io::Error::other)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{nonce:016x}.tmp")))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
