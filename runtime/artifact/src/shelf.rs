//! The folder: sealed files that are there whole or not at all, and not without end.
use crate::Error;
use crate::name::Name;
use crate::seal::{Authentic, Key, MAC_BYTES, Purpose};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Past this, what was used longest ago goes, down to three quarters of it: some 1,000 to 2,000 connectors of the usual
/// size.
const MOST_BYTES: u64 = 4 << 30;

/// Drafts have this beginning until they are whole.
const DRAFT: &str = ".draft-";

/// A draft this old is nobody's any more.
const DRAFT_AGE: Duration = Duration::from_secs(3600);

/// A read of more is refused: nothing of ours is as large.
const MOST_FILE_BYTES: u64 = 1 << 30;

#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    key: Key,
    most_bytes: u64,
    /// About how much is in the folder. Others may write to it too, and what they add is found at the next sweep.
    held_bytes: AtomicU64,
}

/// A file: what was read is not to be believed before [`Shelf::authentic`].
pub struct Sealed {
    seal: [u8; MAC_BYTES],
    content: Vec<u8>,
}

impl Sealed {
    /// Believed only after [`Shelf::authentic`].
    pub fn content(self) -> Vec<u8> {
        self.content
    }
}

impl Shelf {
    /// Makes the folder (0700) and its key (0600) where there are none.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let wrong = |source| Error::Directory { path: folder.into(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(wrong)?;
        // Children have another working directory.
        let folder = fs::canonicalize(folder).map_err(wrong)?;
        let path = folder.join("key");
        if !path.try_exists().map_err(wrong)? {
            let fresh = Key::fresh().and_then(|key| draft(&folder, &[key.bytes()])).map_err(wrong)?;
            // NB: never over the key of another who is as quick: the children of both read this file.
            match fresh.persist_noclobber(&path) {
                Err(lost) if lost.error.kind() != io::ErrorKind::AlreadyExists => Err(wrong(lost.error))?,
                _ => {}
            }
        }
        let shelf = Self::existing(&folder)?;
        shelf.sweep();
        Ok(shelf)
    }

    /// Only reads: without a key there is nothing to be found either.
    pub fn existing(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("key");
        let bytes = fs::read(&path).map(zeroize::Zeroizing::new);
        let bytes = bytes.map_err(|source| Error::Directory { path: folder.into(), source })?;
        let key = Key::from_bytes(&bytes).ok_or(Error::Key { path })?;
        Ok(Self { folder: folder.into(), key, most_bytes: MOST_BYTES, held_bytes: AtomicU64::new(0) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn read(&self, purpose: Purpose, name: &Name) -> Option<Sealed> {
        let mut file = File::open(self.path(purpose, name)).ok()?;
        if file.metadata().ok()?.len() > MOST_FILE_BYTES {
            return None;
        }
        let mut sealed = Sealed { seal: [0; MAC_BYTES], content: Vec::new() };
        file.read_exact(&mut sealed.seal).ok()?;
        file.read_to_end(&mut sealed.content).ok()?;
        // The time of the last use. Where it cannot be set, age counts from when it was made.
        let _ = file.set_modified(SystemTime::now());
        Some(sealed)
    }

    pub fn seal(&self, purpose: Purpose, name: &Name, content: Vec<u8>) -> Sealed {
        Sealed { seal: self.key.seal(purpose, &name.to_string(), &content), content }
    }

    pub fn authentic<'a>(&self, purpose: Purpose, name: &Name, sealed: &'a Sealed) -> Option<Authentic<'a>> {
        self.key.open(purpose, &name.to_string(), &sealed.seal, &sealed.content)
    }

    pub fn write(&self, purpose: Purpose, name: &Name, sealed: &Sealed) -> io::Result<()> {
        draft(&self.folder, &[&sealed.seal, &sealed.content])?.persist(self.path(purpose, name))?;
        let bytes = (sealed.seal.len() + sealed.content.len()) as u64;
        if self.held_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most_bytes {
            self.sweep();
        }
        Ok(())
    }

    fn path(&self, purpose: Purpose, name: &Name) -> PathBuf {
        self.folder.join(format!("{name}.{}", purpose.word()))
    }

    /// Removes what is too much and what was left half-written. A file that cannot be removed is tried again next time.
    fn sweep(&self) {
        let now = SystemTime::now();
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let (path, Ok(about)) = (entry.path(), entry.metadata()) else { continue };
            let used = about.modified().unwrap_or(now);
            let is_draft = entry.file_name().as_encoded_bytes().starts_with(DRAFT.as_bytes());
            let ours = [Purpose::Code, Purpose::Note];
            if is_draft && now.duration_since(used).is_ok_and(|age| age > DRAFT_AGE) {
                let _ = fs::remove_file(path);
            } else if path.extension().is_some_and(|end| ours.iter().any(|purpose| end == purpose.word())) {
                files.push((used, about.len(), path));
            }
        }
        let mut held = files.iter().map(|(_, bytes, _)| bytes).sum::<u64>();
        if held > self.most_bytes {
            files.sort_unstable();
            for (_, bytes, path) in files {
                if held <= self.most_bytes / 4 * 3 {
                    break;
                }
                if fs::remove_file(path).is_ok() {
                    held -= bytes;
                }
            }
        }
        self.held_bytes.store(held, Ordering::Relaxed);
    }
}

/// Written and on the disk, 0600, under a name that nobody reads.
fn draft(folder: &Path, parts: &[&[u8]]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;
    use tempfile::TempDir;
    use wasmtime::Engine;

    fn shelf() -> (TempDir, Shelf) {
        let folder = TempDir::new().unwrap();
        let shelf = Shelf::open(&folder.path().join("artifacts")).unwrap();
        (folder, shelf)
    }

    fn name(content: &str) -> Name {
        Name::of(&Engine::default(), content.as_bytes())
    }

    fn keep(shelf: &Shelf, purpose: Purpose, name: &Name, content: &[u8]) {
        shelf.write(purpose, name, &shelf.seal(purpose, name, content.to_vec())).unwrap();
    }

    fn found(shelf: &Shelf, purpose: Purpose, name: &Name) -> Option<Vec<u8>> {
        let sealed = shelf.read(purpose, name)?;
        Some(shelf.authentic(purpose, name, &sealed)?.bytes().to_vec())
    }

    #[test]
    fn only_the_owner_may_look_at_it() {
        let (_folder, shelf) = shelf();
        keep(&shelf, Purpose::Code, &name("a"), b"code");
        assert_eq!(fs::metadata(shelf.folder()).unwrap().mode() & 0o777, 0o700);
        for entry in fs::read_dir(shelf.folder()).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_is_there_stays() {
        let (_folder, one) = shelf();
        keep(&one, Purpose::Code, &name("a"), b"code");
        let (two, reader) = (Shelf::open(one.folder()).unwrap(), Shelf::existing(one.folder()).unwrap());
        assert_eq!(found(&two, Purpose::Code, &name("a")).unwrap(), b"code");
        assert_eq!(found(&reader, Purpose::Code, &name("a")).unwrap(), b"code");
        fs::write(one.folder().join("key"), b"short").unwrap();
        assert!(matches!(Shelf::open(one.folder()), Err(Error::Key { .. })));
    }

    #[test]
    fn who_opens_it_at_the_same_time_gets_the_same_key() {
        let folder = TempDir::new().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let open = || Shelf::open(folder.path()).unwrap().key.bytes().to_vec();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_folder_is_named_so_that_a_child_finds_it() {
        let here = TempDir::with_prefix_in(".shelf-", ".").unwrap();
        let relative = Path::new(here.path().file_name().unwrap());
        let shelf = Shelf::open(relative).unwrap();
        assert!(shelf.folder().is_absolute() && shelf.folder().ends_with(relative));
    }

    #[test]
    fn reading_makes_no_folder() {
        let folder = TempDir::new().unwrap();
        assert!(Shelf::existing(&folder.path().join("none")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_used_longest_ago_goes_when_it_is_too_much() {
        let (_folder, mut shelf) = shelf();
        shelf.most_bytes = 4 * (1000 + MAC_BYTES as u64);
        let names: Vec<Name> = ["a", "b", "c", "d", "e"].into_iter().map(name).collect();
        let long_ago = SystemTime::now() - Duration::from_secs(1000);
        for (at, name) in names[..4].iter().enumerate() {
            keep(&shelf, Purpose::Code, name, &[0; 1000]);
            let file = File::open(shelf.path(Purpose::Code, name)).unwrap();
            file.set_modified(long_ago + Duration::from_secs(at as u64)).unwrap();
        }
        let is_there = |at: usize| found(&shelf, Purpose::Code, &names[at]).is_some();
        assert!(is_there(0), "it is used now, and the others were before");
        keep(&shelf, Purpose::Code, &names[4], &[0; 1000]);
        assert_eq!([0, 1, 2, 3, 4].map(is_there), [true, false, false, true, true]);
    }

    #[test]
    fn a_draft_that_nobody_finished_goes() {
        let (_folder, shelf) = shelf();
        let drafts = ["old", "new"].map(|end| shelf.folder().join(format!("{DRAFT}{end}")));
        drafts.iter().for_each(|path| fs::write(path, "half").unwrap());
        File::open(&drafts[0]).unwrap().set_modified(SystemTime::now() - 2 * DRAFT_AGE).unwrap();
        shelf.sweep();
        assert_eq!(drafts.map(|path| path.exists()), [false, true]);
        assert!(shelf.folder().join("key").exists());
    }
}
