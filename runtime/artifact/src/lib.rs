//! Compiled components on disk, by content: the second start of the same component costs a read and not a compilation.
//!
//! A compiled artefact is machine code that will be run as it is. So each file carries a MAC under a key that only this
//! state directory's owner can read, and only what passes it is loaded. That load is the one `unsafe` call of the
//! house, and it has a file of its own.
mod load;
mod seal;

use seal::Key;
use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot use {path}")]
    Directory {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a key: delete it, and the next start makes a new one and compiles anew")]
    Key { path: PathBuf },
    /// The component is at fault.
    #[error("not a component that can be compiled: {0:#}")]
    Compile(wasmtime::Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Cached,
    Compiled,
}

/// A folder of compiled components. Shared by all of a host; cheap to use from several threads at once.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    key: Key,
}

impl Cache {
    /// Makes the folder (0700) and its key (0600) where there are none.
    ///
    /// # Errors
    /// [`Error::Directory`] and [`Error::Key`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let wrong = |source| Error::Directory { path: folder.into(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(wrong)?;
        let path = folder.join("key");
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let fresh = Key::fresh().map_err(wrong)?;
                write_whole(&path, &[fresh.bytes()]).map_err(wrong)?;
                fs::read(&path).map_err(wrong)?
            }
            read => read.map_err(wrong)?,
        };
        let key = Key::from_bytes(&bytes).ok_or(Error::Key { path })?;
        Ok(Self { folder: folder.into(), key })
    }

    /// The compiled form of these bytes: from the disk where it is there and whole, otherwise compiled now (seconds of
    /// CPU; call it where that does no harm) and kept. A disk that takes nothing costs only the next start's time.
    ///
    /// # Errors
    /// [`Error::Compile`].
    pub fn component(&self, engine: &Engine, wasm: &[u8]) -> Result<(Component, Origin), Error> {
        let name = name_of(engine, wasm);
        let path = self.folder.join(&name);
        if let Some(component) = self.load(engine, &name, &path) {
            return Ok((component, Origin::Cached));
        }
        let component = Component::from_binary(engine, wasm).map_err(Error::Compile)?;
        if let Ok(code) = component.serialize() {
            let _ = write_whole(&path, &[&self.key.seal(&name, &code), &code]);
        }
        Ok((component, Origin::Compiled))
    }

    fn load(&self, engine: &Engine, name: &str, path: &Path) -> Option<Component> {
        let file = fs::read(path).ok()?;
        let code = self.key.open(name, &file)?;
        load::trusted(engine, code).ok()
    }
}

/// By content, and by all that decides what it compiles to.
fn name_of(engine: &Engine, wasm: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    format!("{}-{:016x}.cwasm", hex(&Sha256::digest(wasm)), settings.finish())
}

/// A reader sees all of it or nothing.
fn write_whole(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    let draft = path.with_extension(hex(&salt));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    let written = written.and_then(|()| file.sync_all()).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn cache() -> (Engine, TempDir, Cache) {
        let folder = TempDir::new().unwrap();
        let cache = Cache::open(&folder.path().join("artifacts")).unwrap();
        (Engine::default(), folder, cache)
    }

    fn wasm() -> Vec<u8> {
        // The preamble of a component, and nothing in it.
        b"\0asm\x0d\0\x01\0".to_vec()
    }

    fn file(cache: &Cache, engine: &Engine) -> PathBuf {
        cache.folder.join(name_of(engine, &wasm()))
    }

    #[test]
    fn the_second_time_is_read_from_the_disk() {
        let (engine, _folder, cache) = cache();
        assert_eq!(cache.component(&engine, &wasm()).unwrap().1, Origin::Compiled);
        assert_eq!(cache.component(&engine, &wasm()).unwrap().1, Origin::Cached);
    }

    #[test]
    fn a_changed_or_planted_artefact_is_not_loaded() {
        let (engine, _folder, cache) = cache();
        cache.component(&engine, &wasm()).unwrap();
        let path = file(&cache, &engine);
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for bad in [flipped, good[..good.len() / 2].to_vec(), good[32..].to_vec(), Vec::new()] {
            fs::write(&path, bad).unwrap();
            assert_eq!(cache.component(&engine, &wasm()).unwrap().1, Origin::Compiled);
        }
    }

    #[test]
    fn an_artefact_of_another_name_or_key_is_not_loaded() {
        let (engine, _folder, one) = cache();
        one.component(&engine, &wasm()).unwrap();
        let (_, _folder, other) = cache();
        fs::copy(file(&one, &engine), file(&other, &engine)).unwrap();
        assert_eq!(other.component(&engine, &wasm()).unwrap().1, Origin::Compiled);
    }

    #[test]
    fn what_is_no_component_is_said_so() {
        let (engine, _folder, cache) = cache();
        for bad in [&b""[..], b"\0asm\x01\0\0\0", b"hello", &wasm()[..5]] {
            assert!(matches!(cache.component(&engine, bad), Err(Error::Compile(_))));
        }
    }
}
