//! What the operator approved at a terminal, kept from one start to the next.
use crate::request::Request;
use ports::identity::InstanceId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What this runtime writes. A newer one may mean more by an approval than we would understand.
const FORMAT: u64 = 1;

/// Largest file in bytes: ten thousand instances with a long request each.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// For each instance the request that the operator approved, line by line, so that a difference can be shown later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    instances: BTreeMap<InstanceId, Approval>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Approval {
    request: Request,
    at_ms: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum BadApprovals {
    #[error("cannot read the approvals in {}", path.display())]
    Unread { path: PathBuf, source: io::Error },
    #[error("the approvals in {} are damaged ({what}); move the file away, then approval is asked again", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error(
        "the approvals in {} have format {format}, and this runtime knows {FORMAT}; run the newer runtime that wrote \
         them, or move the file away, then approval is asked again",
        path.display()
    )]
    Newer { path: PathBuf, format: u64 },
}

impl Approvals {
    /// Without a file nothing is approved.
    ///
    /// # Errors
    /// [`BadApprovals`], which names the file and says what to do.
    pub fn read(path: &Path) -> Result<Self, BadApprovals> {
        let bytes = match content(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(BadApprovals::Unread { path: path.into(), source }),
        };
        let damaged = |what: String| BadApprovals::Damaged { path: path.into(), what };
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(damaged(format!("over {MAX_FILE_BYTES} bytes")));
        }
        let head: Head = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if head.format > FORMAT {
            return Err(BadApprovals::Newer { path: path.into(), format: head.format });
        }
        if head.format < FORMAT {
            return Err(damaged(format!("format {}", head.format)));
        }
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        let mut instances = BTreeMap::new();
        for (id, Line { approved_ms, request }) in stored.instances {
            let request = Request::stored(request).ok_or_else(|| damaged(format!("{id}: no request")))?;
            instances.insert(id, Approval { request, at_ms: approved_ms });
        }
        Ok(Self { instances })
    }

    /// In place of what was approved before.
    pub fn approve(&mut self, id: &InstanceId, request: &Request, now_ms: u64) {
        self.instances.insert(id.clone(), Approval { request: request.clone(), at_ms: now_ms });
    }

    /// Whether there was an approval to take back.
    pub fn revoke(&mut self, id: &InstanceId) -> bool {
        self.instances.remove(id).is_some()
    }

    /// Of the instances that have an approval, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &InstanceId> {
        self.instances.keys()
    }

    pub fn request_of(&self, id: &InstanceId) -> Option<&Request> {
        self.instances.get(id).map(|approval| &approval.request)
    }

    /// All of it or nothing, also where the power fails; for its owner only.
    ///
    /// # Errors
    /// The file cannot be written, or would be too large to be read again; then what was there stays.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let line = |(id, approval): (&InstanceId, &Approval)| {
            let request = approval.request.lines().map(str::to_owned).collect();
            (id.clone(), Line { approved_ms: approval.at_ms, request })
        };
        let stored = Stored { format: FORMAT, instances: self.instances.iter().map(line).collect() };
        let mut text = serde_json::to_vec_pretty(&stored)?;
        text.push(b'\n');
        // NB: before the file is touched: what cannot be read would keep the runtime from its next start.
        if text.len() as u64 > MAX_FILE_BYTES {
            let what =
                format!("the approvals take {} bytes and are over the limit of {MAX_FILE_BYTES}", text.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        write_whole(path, &text)
    }
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u64,
    instances: BTreeMap<InstanceId, Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    approved_ms: u64,
    request: BTreeSet<String>,
}

/// At most one byte more than allowed.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    let draft = path.with_extension(format!("{:016x}.new", u64::from_le_bytes(salt)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = file.write_all(text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written?;
    // NB: the name is on disk only once its folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
