//! Artefacts and notes: kept, found again, and believed only when they are ours.
use crate::bombs::{component, filled, worker_sized};
use crate::{AMPLE, engine, tests, wait, workers};
use artifact::{Cache, Error, Name, Origin, WorkerError, Workers, load};
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use wasmtime::Engine;

tests! {
    the_second_time_is_read_from_the_disk_and_asks_no_child
    a_changed_or_planted_artefact_is_not_loaded
    an_artefact_of_another_name_or_key_is_not_loaded
    what_is_no_component_is_said_so
    what_a_child_answers_is_kept_only_if_it_can_be_loaded
    a_child_loads_what_its_parent_kept
    a_child_loads_nothing_else
    a_note_is_found_again_and_no_other
    a_note_is_never_code_and_code_never_a_note
    a_cache_that_cannot_be_written_says_so
    a_temporary_cache_leaves_nothing
    two_who_ask_at_once_both_get_it
}

/// The preamble of a component, and nothing in it.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

struct Kit {
    engine: Engine,
    _folder: TempDir,
    cache: Cache,
    workers: Workers,
}

impl Kit {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let cache = Cache::open(&folder.path().join("artifacts")).unwrap();
        Self { engine: engine(), _folder: folder, cache, workers: workers(AMPLE) }
    }

    fn component(&self, wasm: &[u8]) -> Result<Origin, Error> {
        let made = wait(self.cache.component(&self.engine, wasm.to_vec(), &self.workers));
        made.map(|(_, origin, name)| {
            assert_eq!(name, self.name(wasm));
            origin
        })
    }

    fn name(&self, wasm: &[u8]) -> Name {
        Name::of(&self.engine, wasm)
    }

    fn file(&self, wasm: &[u8], end: &str) -> PathBuf {
        self.cache.folder().join(format!("{}.{end}", self.name(wasm)))
    }
}

fn the_second_time_is_read_from_the_disk_and_asks_no_child() {
    let kit = Kit::new();
    for wasm in [EMPTY.to_vec(), worker_sized()] {
        assert_eq!(kit.component(&wasm).unwrap(), Origin::Compiled);
        assert_eq!(kit.component(&wasm).unwrap(), Origin::Cached);
        let nobody = Workers::new("/no/such/program".into(), Vec::new(), AMPLE);
        let (_, origin, _) = wait(kit.cache.component(&kit.engine, wasm, &nobody)).unwrap();
        assert_eq!(origin, Origin::Cached);
    }
}

fn a_changed_or_planted_artefact_is_not_loaded() {
    let kit = Kit::new();
    kit.component(EMPTY).unwrap();
    let path = kit.file(EMPTY, "cwasm");
    let good = fs::read(&path).unwrap();
    let (mut first, mut last) = (good.clone(), good.clone());
    first[0] ^= 1;
    *last.last_mut().unwrap() ^= 1;
    for bad in [first, last, good[..good.len() / 2].to_vec(), good[32..].to_vec(), Vec::new()] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(load(kit.cache.folder(), &kit.engine, &kit.name(EMPTY)), Err(Error::Missing(_))));
        assert_eq!(kit.component(EMPTY).unwrap(), Origin::Compiled);
    }
    assert_eq!(kit.component(EMPTY).unwrap(), Origin::Cached);
}

fn an_artefact_of_another_name_or_key_is_not_loaded() {
    let (one, other) = (Kit::new(), Kit::new());
    one.component(EMPTY).unwrap();
    fs::copy(one.file(EMPTY, "cwasm"), other.file(EMPTY, "cwasm")).unwrap();
    assert_eq!(other.component(EMPTY).unwrap(), Origin::Compiled);
    fs::copy(one.file(EMPTY, "cwasm"), one.file(&filled(), "cwasm")).unwrap();
    assert_eq!(one.component(&filled()).unwrap(), Origin::Compiled);
}

fn what_is_no_component_is_said_so() {
    let kit = Kit::new();
    for bad in [&b""[..], b"\0asm\x01\0\0\0", b"hello", &EMPTY[..5]] {
        let error = kit.component(bad).unwrap_err();
        assert!(matches!(error, Error::Compile(WorkerError::Refused(_))), "{error:?}");
    }
}

fn what_a_child_answers_is_kept_only_if_it_can_be_loaded() {
    let kit = Kit::new();
    // `echo` answers with what it reads, whatever the job.
    let liar = Workers::new("/bin/sh".into(), vec!["-c".into(), "exec cat".into()], AMPLE);
    for wasm in [EMPTY.to_vec(), b"\x7fELF".to_vec(), Vec::new()] {
        let error = wait(kit.cache.component(&kit.engine, wasm.clone(), &liar)).unwrap_err();
        assert!(matches!(error, Error::Load(_)), "{error:?}");
        assert!(!kit.file(&wasm, "cwasm").exists());
    }
}

fn a_child_loads_what_its_parent_kept() {
    let kit = Kit::new();
    for wasm in [EMPTY.to_vec(), filled()] {
        kit.component(&wasm).unwrap();
        let name = kit.name(&wasm).to_string();
        let job = [OsStr::new("load"), kit.cache.folder().as_os_str(), OsStr::new(&name)];
        assert_eq!(wait(kit.workers.run(&job, b"", 100)).unwrap(), b"ran");
    }
}

fn a_child_loads_nothing_else() {
    let kit = Kit::new();
    let code = wait(kit.workers.run(&["compile"], EMPTY, 1 << 20)).unwrap();
    // Code as the compiler made it, without our seal.
    fs::write(kit.file(EMPTY, "cwasm"), [&[0; 32][..], &code].concat()).unwrap();
    for name in [kit.name(EMPTY).to_string(), kit.name(b"none").to_string(), "../key".into()] {
        let job = [OsStr::new("load"), kit.cache.folder().as_os_str(), OsStr::new(&name)];
        let error = wait(kit.workers.run(&job, b"", 100)).unwrap_err();
        assert!(matches!(&error, WorkerError::Crashed { end, .. } if end.code() == Some(1)), "{error}");
    }
}

fn a_note_is_found_again_and_no_other() {
    let kit = Kit::new();
    let (one, two) = (kit.name(b"one"), kit.name(b"two"));
    assert_eq!(kit.cache.note(&one), None);
    kit.cache.keep_note(&one, b"I am one").unwrap();
    assert_eq!(kit.cache.note(&one).unwrap(), b"I am one");
    assert_eq!(kit.cache.note(&two), None);
    fs::copy(kit.file(b"one", "note"), kit.file(b"two", "note")).unwrap();
    assert_eq!(kit.cache.note(&two), None, "it is another's");
    kit.cache.keep_note(&one, b"").unwrap();
    assert_eq!(kit.cache.note(&one).unwrap(), b"");
    let mut flipped = fs::read(kit.file(b"one", "note")).unwrap();
    flipped[31] ^= 1;
    fs::write(kit.file(b"one", "note"), flipped).unwrap();
    assert_eq!(kit.cache.note(&one), None, "it was changed");
}

fn a_note_is_never_code_and_code_never_a_note() {
    let kit = Kit::new();
    // A component that says of itself what is machine code.
    let code = wait(kit.workers.run(&["compile"], EMPTY, 1 << 20)).unwrap();
    kit.cache.keep_note(&kit.name(EMPTY), &code).unwrap();
    fs::copy(kit.file(EMPTY, "note"), kit.file(EMPTY, "cwasm")).unwrap();
    assert!(matches!(load(kit.cache.folder(), &kit.engine, &kit.name(EMPTY)), Err(Error::Missing(_))));
    assert_eq!(kit.component(EMPTY).unwrap(), Origin::Compiled);
    fs::copy(kit.file(EMPTY, "cwasm"), kit.file(EMPTY, "note")).unwrap();
    assert_eq!(kit.cache.note(&kit.name(EMPTY)), None);
}

fn a_cache_that_cannot_be_written_says_so() {
    let kit = Kit::new();
    // A folder stands where the artefact is to be. Rights would not do: root has them all.
    fs::create_dir(kit.file(EMPTY, "cwasm")).unwrap();
    assert!(matches!(kit.component(EMPTY), Err(Error::Directory { .. })));
    assert_eq!(fs::read_dir(kit.cache.folder()).unwrap().count(), 2, "the key and that folder");
}

fn a_temporary_cache_leaves_nothing() {
    let (engine, workers, cache) = (engine(), workers(AMPLE), Cache::temporary().unwrap());
    let folder = cache.folder().to_owned();
    wait(cache.component(&engine, EMPTY.to_vec(), &workers)).unwrap();
    let clone = cache.clone();
    drop(cache);
    assert!(folder.is_absolute() && folder.exists());
    drop(clone);
    assert!(!folder.exists() && !folder.parent().unwrap().exists());
}

fn two_who_ask_at_once_both_get_it() {
    let kit = Kit::new();
    let ask = || kit.cache.component(&kit.engine, component(&[]), &kit.workers);
    let (one, two) = wait(async { tokio::join!(ask(), ask()) });
    assert_eq!(one.unwrap().2, two.unwrap().2);
    assert_eq!(kit.component(&component(&[])).unwrap(), Origin::Cached);
}
