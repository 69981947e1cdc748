//! The compiled form of a component: from the disk where it is there and whole, otherwise from a child.
use crate::Error;
use crate::load::trusted;
use crate::name::Name;
use crate::seal::Purpose;
use crate::shelf::{Sealed, Shelf};
use crate::workers::Workers;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The largest artefact. Compiling makes three to five times a component's size, and the largest that we take is 64 MiB.
const MOST_BYTES: usize = 320 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Cached,
    Compiled,
}

/// A folder of compiled components, and of notes about them. Shared by all of a host: clones are the same cache, and it
/// may be used from several tasks, threads and processes at once.
///
/// It holds at most 4 GiB; past that, what was used longest ago goes.
#[derive(Debug, Clone)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shelf: Shelf,
    /// Removed with the last clone.
    _folder: Option<TempDir>,
}

impl Cache {
    /// Makes the folder (0700) and its key (0600) where there are none.
    ///
    /// # Errors
    /// [`Error::Directory`] and [`Error::Key`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner { shelf: Shelf::open(folder)?, _folder: None })))
    }

    /// For those who have no place to keep it: a folder of its own, removed when the last clone of this is dropped.
    ///
    /// # Errors
    /// [`Error::Directory`].
    pub fn temporary() -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("artifacts-").tempdir();
        let folder = folder.map_err(|source| Error::Directory { path: std::env::temp_dir(), source })?;
        // In a folder of its own, as that one is made for its owner only.
        let shelf = Shelf::open(&folder.path().join("artifacts"))?;
        Ok(Self(Arc::new(Inner { shelf, _folder: Some(folder) })))
    }

    /// An absolute path, for the child that is to [`load`] from it.
    pub fn folder(&self) -> &Path {
        self.0.shelf.folder()
    }

    /// The compiled form of these bytes: from the disk where it is there and whole, otherwise compiled now by the job
    /// `compile` of a worker and kept. The bytes whose hash names it are the bytes that are compiled.
    ///
    /// Two calls for the same bytes at once both compile, and the later one is kept. Dropping the future ends the child.
    ///
    /// # Errors
    /// [`Error::Compile`] says what the child came to. [`Error::Directory`] when it cannot be kept: a child that is to
    /// load it would not find it.
    pub async fn component(
        &self,
        engine: &Engine,
        wasm: Vec<u8>,
        workers: &Workers,
    ) -> Result<(Component, Origin, Name), Error> {
        let (cache, with) = (self.clone(), engine.clone());
        let looked = aside(move || {
            let name = Name::of(&with, &wasm);
            (cache.find(&with, &name), name, wasm)
        });
        let (found, name, wasm) = looked.await;
        if let Some(component) = found {
            return Ok((component, Origin::Cached, name));
        }
        let code = workers.run(&["compile"], &wasm, MOST_BYTES).await.map_err(Error::Compile)?;
        drop(wasm);
        let (cache, with) = (self.clone(), engine.clone());
        let component = aside(move || cache.keep(&with, &name, code)).await?;
        Ok((component, Origin::Compiled, name))
    }

    /// What was last kept about this artefact by [`keep_note`](Self::keep_note), if it is whole and ours.
    pub fn note(&self, name: &Name) -> Option<Vec<u8>> {
        let shelf = &self.0.shelf;
        let sealed = shelf.read(Purpose::Note, name)?;
        shelf.authentic(Purpose::Note, name, &sealed)?;
        Some(sealed.content())
    }

    /// Keeps something small that holds for exactly this artefact, such as what the component says of itself, so that the
    /// next start need not ask. Sealed like the artefact, but never taken for one. Waits for the disk (some
    /// milliseconds).
    ///
    /// # Errors
    /// [`Error::Directory`].
    pub fn keep_note(&self, name: &Name, note: &[u8]) -> Result<(), Error> {
        let sealed = self.0.shelf.seal(Purpose::Note, name, note.to_vec());
        self.write(Purpose::Note, name, &sealed)
    }

    fn find(&self, engine: &Engine, name: &Name) -> Option<Component> {
        find(&self.0.shelf, engine, name)?.ok()
    }

    /// Loaded first: what cannot be loaded is not kept.
    fn keep(&self, engine: &Engine, name: &Name, code: Vec<u8>) -> Result<Component, Error> {
        let sealed = self.0.shelf.seal(Purpose::Code, name, code);
        let code = self.0.shelf.authentic(Purpose::Code, name, &sealed).ok_or(Error::Missing(*name))?;
        let component = trusted(engine, code).map_err(Error::Load)?;
        self.write(Purpose::Code, name, &sealed)?;
        Ok(component)
    }

    fn write(&self, purpose: Purpose, name: &Name, sealed: &Sealed) -> Result<(), Error> {
        let wrong = |source| Error::Directory { path: self.folder().into(), source };
        self.0.shelf.write(purpose, name, sealed).map_err(wrong)
    }
}

/// For a child: an artefact that its parent keeps, through the same check. It only reads, and of the key nothing stays in
/// its memory.
///
/// # Errors
/// [`Error::Directory`] and [`Error::Key`] where there is no cache, [`Error::Missing`] where it has no such artefact that
/// is whole and ours, [`Error::Load`].
pub fn load(folder: &Path, engine: &Engine, name: &Name) -> Result<Component, Error> {
    find(&Shelf::existing(folder)?, engine, name).ok_or(Error::Missing(*name))?.map_err(Error::Load)
}

fn find(shelf: &Shelf, engine: &Engine, name: &Name) -> Option<wasmtime::Result<Component>> {
    let sealed = shelf.read(Purpose::Code, name)?;
    let code = shelf.authentic(Purpose::Code, name, &sealed)?;
    Some(trusted(engine, code))
}

/// Hashing and loading take a tenth of a second for the largest.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only a runtime that is going down cancels it, and then nobody waits for us any more.
            Err(_) => std::future::pending().await,
        },
    }
}
