//! A child never outlives those who wait for it.
use crate::child::WORD;
use crate::{AMPLE, tests, wait, workers};
use artifact::{Bounds, WorkerError, this_program};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::block_in_place;

tests! {
    a_dropped_future_ends_its_child
    a_killed_parent_takes_its_child_along
    a_thread_that_ends_takes_no_child_along
    a_child_that_nobody_ends_is_ended_by_its_own_limit
    a_late_child_is_gone_when_its_parent_is_told
}

pub const PARENT: &str = "parent";

/// A parent that waits for a child that stays.
pub fn parent(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let path = arguments.next().unwrap();
    let _ = wait(workers(AMPLE).run(&[OsStr::new("stay"), &path], b"", 0));
    ExitCode::FAILURE
}

fn a_dropped_future_ends_its_child() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pid");
    wait(async {
        let workers = workers(Bounds { at_once: 1, ..AMPLE });
        let job = [OsStr::new("stay"), path.as_os_str()];
        let child = tokio::select! {
            _ = workers.run(&job, b"", 0) => panic!("it stays"),
            child = tokio::task::spawn_blocking({ let path = path.clone(); move || read_pid(&path) }) => child.unwrap(),
        };
        until(|| !is_alive(&child));
        workers.run(&["echo"], b"", 0).await.expect("its place is free");
    });
}

fn a_killed_parent_takes_its_child_along() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pid");
    let mut parent = Command::new(this_program().unwrap()).arg(PARENT).arg(&path).spawn().unwrap();
    let child = read_pid(&path);
    assert!(is_alive(&child));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until(|| !is_alive(&child));
}

fn a_thread_that_ends_takes_no_child_along() {
    // A worker thread that blocked in place goes to the blocking pool, and ends when that is idle.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_keep_alive(Duration::from_millis(10))
        .enable_all()
        .build()
        .unwrap();
    let slept = runtime.block_on(async {
        let started = tokio::spawn(async {
            let workers = workers(AMPLE);
            let mut job = Box::pin(async move { workers.run(&["sleep", "1500"], b"", 0).await });
            // Polled once, so started by this thread.
            let begun = futures_poll(&mut job);
            assert!(begun);
            let here = std::thread::current().id();
            block_in_place(|| sleep(Duration::from_millis(100)));
            (job, here)
        });
        let (job, _here) = started.await.unwrap();
        job.await
    });
    slept.unwrap();
}

/// Whether it is still going on.
fn futures_poll<T>(work: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> bool {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    work.as_mut().poll(&mut context).is_pending()
}

fn a_child_that_nobody_ends_is_ended_by_its_own_limit() {
    // One second on the clock, so two for each of its threads.
    let mut command = Command::new(this_program().unwrap());
    command.args([WORD, "1000", "100000000", "spin"]).stdout(Stdio::piped());
    let begun = Instant::now();
    let done = command.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(done.status.signal(), Some(24), "SIGXCPU");
    assert!(begun.elapsed() > Duration::from_secs(1));
}

fn a_late_child_is_gone_when_its_parent_is_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pid");
    let workers = workers(Bounds { time: Duration::from_millis(1000), ..AMPLE });
    let late = wait(workers.run(&[OsStr::new("stay"), path.as_os_str()], b"", 0));
    assert!(matches!(late, Err(WorkerError::Time(_))));
    assert!(!is_alive(&read_pid(&path)));
}

fn read_pid(path: &Path) -> String {
    until(|| path.exists());
    fs::read_to_string(path).unwrap()
}

fn is_alive(pid: &str) -> bool {
    // Dead, though nobody may have asked for its status yet.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !matches!(stat.rsplit(") ").next().and_then(|rest| rest.chars().next()), None | Some('Z' | 'X'))
}

fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never holds");
        sleep(Duration::from_millis(5));
    }
}
