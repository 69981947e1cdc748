//! Reading a file that the operator names: never a pipe or a device, and never more than allowed.
use crate::secrets::Unfetched;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// `shown` begins each error, such as `file "token"`.
pub(crate) fn read(
    shown: &str,
    path: &Path,
    most: usize,
) -> Result<(Zeroizing<Vec<u8>>, Metadata), Unfetched> {
    let unread = |error| Unfetched::Missing(format!("{shown} cannot be read: {error}"));
    // NB: asked before it is opened: opening a pipe would wait for its writer.
    let meta = fs::metadata(path).map_err(unread)?;
    if !meta.is_file() {
        return Err(Unfetched::Wrong(format!("{shown} is not a regular file")));
    }
    // One buffer of the final size: one that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 64));
    let read = File::open(path).and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes));
    read.map_err(unread)?;
    match bytes.len() > most {
        true => Err(Unfetched::Wrong(format!("{shown} is over the limit of {most} bytes"))),
        false => Ok((bytes, meta)),
    }
}
