//! Opening the folder: there, and ours alone.
use crate::ours::{Whose, whose};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot use the key ring's folder {path}")]
    Folder {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is to be the key ring's folder, but is none: move it away, and the next start makes one")]
    NotAFolder { path: PathBuf },
    #[error("others may use the key ring's folder {path}: `chmod 700 {path}` if nobody has")]
    Shared { path: PathBuf },
    #[error("the key ring's folder {path} belongs to somebody else: name one of yours")]
    Foreign { path: PathBuf },
}

/// The folder is there and ours alone.
pub fn prepare(path: &Path) -> Result<(), OpenError> {
    let wrong = |source| OpenError::Folder { path: path.into(), source };
    if !path.try_exists().map_err(wrong)? {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        File::open(above.unwrap_or(Path::new("."))).and_then(|above| above.sync_all()).map_err(wrong)?;
    }
    let about = fs::metadata(path).map_err(wrong)?;
    if !about.is_dir() {
        return Err(OpenError::NotAFolder { path: path.into() });
    }
    match whose(&about).map_err(wrong)? {
        Whose::Ours => Ok(()),
        Whose::Shared => Err(OpenError::Shared { path: path.into() }),
        Whose::Foreign => Err(OpenError::Foreign { path: path.into() }),
    }
}
