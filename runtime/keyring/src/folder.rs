//! The folders of instances: made, and synced.
use crate::disk::Disk;
use crate::fault::Fault;
use ports::identity::InstanceId;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

impl Disk {
    /// The instance's folder is there, and whatever has been done in it is on disk.
    pub fn settle(&self, owner: &InstanceId) -> Result<(), Fault> {
        let account = self.folder(owner)?;
        let levels: Vec<&Path> = account.ancestors().take(4).collect();
        for folder in levels.iter().rev().skip(1) {
            self.step().and_then(|()| make(folder)).map_err(Fault::of(folder))?;
        }
        // NB: also those that were there: whoever made them may have been killed before it came to this.
        levels.into_iter().try_for_each(|folder| self.sync_folder(folder).map_err(Fault::of(folder)))
    }

    pub fn has_folder(&self, owner: &InstanceId) -> Result<bool, Fault> {
        Ok(self.folder(owner)?.is_dir())
    }

    /// What was renamed and removed in the instance's folder.
    pub fn sync(&self, owner: &InstanceId) -> Result<(), Fault> {
        let folder = self.folder(owner)?;
        match self.sync_folder(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            synced => synced.map_err(Fault::of(&folder)),
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        File::open(folder)?.sync_all()
    }

    pub(crate) fn folder(&self, owner: &InstanceId) -> Result<PathBuf, Fault> {
        let InstanceId { tenant, connector, account } = owner;
        // Its fields are public: somebody may have made one that climbs.
        let checked = InstanceId::new(tenant, connector, account).map_err(io::Error::other);
        checked.map_err(Fault::of(&self.root))?;
        Ok([tenant, connector, account].iter().fold(self.root.clone(), |path, part| path.join(&***part)))
    }

    /// Where tests let the disk fail.
    pub(crate) fn step(&self) -> io::Result<()> {
        #[cfg(test)]
        {
            use std::sync::atomic::Ordering::SeqCst;
            let less = |left: usize| left.checked_sub(1);
            if self.fails_in.fetch_update(SeqCst, SeqCst, less) == Ok(1) {
                return Err(ErrorKind::StorageFull.into());
            }
        }
        Ok(())
    }
}

fn make(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}
