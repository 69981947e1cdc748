//! Going through the folder when it is opened: rid of what a crash has left, and all under the operator's present key.
use crate::disk::Disk;
use crate::fault::Fault;
use crate::file_name::{self, UNFINISHED};
use crate::seal::Label;
use ports::identity::InstanceId;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was found when the ring was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub records: usize,
    /// Of them: were under a former key, and are under the present one now.
    pub sealed_anew: usize,
    /// Of them: cannot be used.
    pub unusable: usize,
    /// Still under a former key, which is needed as long as there are any.
    pub left_former: usize,
    /// The first few things that went wrong, each with its file.
    pub warnings: Vec<String>,
}

/// With a wrong key there is one of each record.
const MOST_WARNINGS: usize = 8;

impl Survey {
    /// Looks at every record, one by one; nothing stays in memory. What goes wrong with one is no matter of the others.
    pub fn of(disk: &Disk) -> Self {
        let mut survey = Self::default();
        for (tenant, folder) in survey.folders(&disk.root) {
            for (connector, folder) in survey.folders(&folder) {
                for (account, folder) in survey.folders(&folder) {
                    match InstanceId::new(&tenant, &connector, &account) {
                        Ok(owner) => survey.instance(disk, &owner, &folder),
                        Err(_) => survey.warn(format!("{}: not of the key ring", folder.display())),
                    }
                }
            }
        }
        survey.tell(&disk.root);
        survey
    }

    fn instance(&mut self, disk: &Disk, owner: &InstanceId, folder: &Path) {
        for (file, path) in self.entries(folder) {
            if file.starts_with(UNFINISHED) {
                if let Err(error) = fs::remove_file(&path) {
                    self.warn(Fault::of(&path)(error).to_string());
                }
            } else if let Some((what, name)) = file_name::decode(&file) {
                self.record(disk, Label { owner, what, name: &name });
            }
        }
    }

    fn record(&mut self, disk: &Disk, label: Label<'_>) {
        self.records += 1;
        match disk.read(label) {
            Ok(Some(read)) if read.former => match disk.write(label, &read.record) {
                Ok(()) => self.sealed_anew += 1,
                Err(fault) => {
                    self.left_former += 1;
                    self.warn(fault.to_string());
                }
            },
            Ok(_) => {}
            Err(fault) => {
                self.unusable += 1;
                self.warn(fault.to_string());
            }
        }
    }

    fn folders(&mut self, path: &Path) -> Vec<(String, PathBuf)> {
        // NB: of the entry itself: a link to a folder is none of ours.
        let own = |path: &Path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
        self.entries(path).into_iter().filter(|(_, path)| own(path)).collect()
    }

    fn entries(&mut self, path: &Path) -> Vec<(String, PathBuf)> {
        let listed = fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        let entries = listed.unwrap_or_else(|error| {
            self.warn(Fault::of(path)(error).to_string());
            Vec::new()
        });
        let named = |entry: &fs::DirEntry| Some((entry.file_name().into_string().ok()?, entry.path()));
        entries.iter().filter_map(named).collect()
    }

    fn warn(&mut self, text: String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(text);
        }
    }

    fn tell(&self, root: &Path) {
        let Self { records, sealed_anew, unusable, left_former, .. } = self;
        let folder = root.display();
        for warning in &self.warnings {
            tracing::warn!("key ring: {warning}");
        }
        if *unusable > 0 {
            tracing::warn!(%folder, unusable, records, "key ring: records cannot be opened; others work");
        }
        if *left_former > 0 {
            tracing::warn!(%folder, left_former, "key ring: records are still under a former operator's key");
        }
        if *sealed_anew > 0 {
            tracing::info!(%folder, sealed_anew, "key ring: records are under the new operator's key now");
        }
    }
}
