//! Records as files: `tenant/connector/account/record` below the ring's folder. A record is there as a whole or not at
//! all, and what is answered survives power loss.
//!
//! Who calls sees to it that one instance has one caller at a time.
use crate::fault::Fault;
use crate::file_name::{self, UNFINISHED, What};
use crate::record::{HEAD_BYTES, Record};
use crate::seal::{Label, OVERHEAD_BYTES, Refused, Seal};
use ports::identity::InstanceId;
use ports::secret::MAX_SECRET_BYTES;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub struct Disk {
    pub root: PathBuf,
    pub seal: Seal,
    /// Steps until one fails.
    #[cfg(test)]
    pub fails_in: std::sync::atomic::AtomicUsize,
}

/// The largest record's; a longer file is not read.
const MOST_BYTES: usize = OVERHEAD_BYTES + HEAD_BYTES + MAX_SECRET_BYTES;

pub struct Found {
    pub record: Record,
    /// Sealed under a former key.
    pub former: bool,
}

impl Disk {
    pub fn new(root: PathBuf, seal: Seal) -> Self {
        Self {
            root,
            seal,
            #[cfg(test)]
            fails_in: Default::default(),
        }
    }

    pub fn read(&self, label: Label<'_>) -> Result<Option<Found>, Fault> {
        let path = self.path(label)?;
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(Fault::of(&path))?,
        };
        let mut bytes = Vec::new();
        file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(Fault::of(&path))?;
        let opened = self.seal.open(label, &bytes).map_err(|refused| match refused {
            Refused::Sealed => Fault::Sealed { path: path.clone() },
            Refused::Newer(found) => Fault::Newer { path: path.clone(), found },
        })?;
        let fits = |record: &Record| record.kind.is_some() == (label.what == What::Key);
        let record = Record::decode(&opened.plain).filter(fits).ok_or(Fault::Sealed { path })?;
        Ok(Some(Found { record, former: opened.former }))
    }

    /// On disk when it returns, if the folder is ([`Disk::settle`]). Where it fails, the former record is there, or the
    /// new one.
    pub fn write(&self, label: Label<'_>, record: &Record) -> Result<(), Fault> {
        let path = self.path(label)?;
        let file = self.seal.close(label, &record.encode()).map_err(Fault::Random)?;
        let aside = aside(&path);
        if let Err(fault) = self.put(&aside, &path, &file) {
            let _ = fs::remove_file(&aside);
            return Err(fault);
        }
        self.sync(label.owner)
    }

    fn put(&self, aside: &Path, path: &Path, bytes: &[u8]) -> Result<(), Fault> {
        // What a crash has left, and the next start did not come to remove.
        remove(aside).map_err(Fault::of(aside))?;
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(aside);
        let written = opened.and_then(|mut file| {
            self.step()?;
            file.write_all(bytes)?;
            self.step()?;
            file.sync_all()
        });
        written.and_then(|()| self.step()).map_err(Fault::of(aside))?;
        fs::rename(aside, path).map_err(Fault::of(path))
    }

    /// Not on disk before [`Disk::sync`].
    pub fn remove(&self, label: Label<'_>) -> Result<(), Fault> {
        let path = self.path(label)?;
        self.step().and_then(|()| remove(&path)).map_err(Fault::of(&path))
    }

    /// The names of the instance's records of one sort, in no order.
    pub fn names(&self, owner: &InstanceId, what: What) -> Result<Vec<String>, Fault> {
        let folder = self.folder(owner)?;
        let files = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(Fault::of(&folder))?,
        };
        let mut names = Vec::new();
        for file in files {
            let file = file.map_err(Fault::of(&folder))?.file_name();
            let record = file.to_str().and_then(file_name::decode);
            names.extend(record.filter(|(found, _)| *found == what).map(|(_, name)| name));
        }
        Ok(names)
    }

    pub fn path(&self, label: Label<'_>) -> Result<PathBuf, Fault> {
        Ok(self.folder(label.owner)?.join(file_name::encode(label.what, label.name)))
    }
}

fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{UNFINISHED}{name}"))
}

/// Gone, also where it was not there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
