//! What a child may take from its machine, set by itself before it reads a byte of what it is to work on.
use crate::workers::threads;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, Signal, getpid, getrlimit, kill_process, nice, setrlimit};
use std::io::{self, stdout};
use std::thread;
use std::time::Duration;

pub struct Limits {
    pub time: Duration,
    pub memory_bytes: u64,
}

/// Files open at once. wasmtime has one for each memory that a component fills at its start, and few have more than
/// three.
const FILES: u64 = 64;

/// The usual stack of a main thread, also where whoever started us has taken the limit away.
const STACK_BYTES: u64 = 8 << 20;

/// So much nicer than the parent: a tenth of its share of a busy CPU.
const NICER: i32 = 10;

pub fn confine(limits: Limits) -> io::Result<()> {
    end_with_parent()?;
    nice(NICER)?;
    // The parent ends us by the clock. This is for when it cannot.
    let seconds = limits.time.as_secs().saturating_add(1).saturating_mul(threads() as u64);
    lower(Resource::Cpu, seconds, seconds.saturating_add(1))?;
    // Not the address space: wasmtime reserves much more of it than it uses.
    same(Resource::Data, limits.memory_bytes)?;
    same(Resource::Stack, STACK_BYTES)?;
    same(Resource::Core, 0)?;
    same(Resource::Nofile, FILES)?;
    // Not 0: wasmtime lays the contents of a memory into a file that is only in memory.
    same(Resource::Fsize, limits.memory_bytes)
}

fn same(resource: Resource, most: u64) -> io::Result<()> {
    lower(resource, most, most)
}

/// Never above what we have: that would be refused.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let within = |wanted: u64, most: Option<u64>| Some(most.map_or(wanted, |most| most.min(wanted)));
    let maximum = within(hard, now.maximum);
    setrlimit(resource, Rlimit { current: within(soft, maximum), maximum }).map_err(Into::into)
}

/// Whoever reads our answer is the parent; when nobody can any more, nobody needs us.
///
/// Not `PR_SET_PDEATHSIG`: that comes when the *thread* that started us ends, as those do on which tokio blocks.
fn end_with_parent() -> io::Result<()> {
    let watch = || {
        let out = stdout();
        let mut pipe = [PollFd::new(&out, PollFlags::empty())];
        // An error is reported though none was asked for, and nothing else is.
        while poll(&mut pipe, None) == Err(Errno::INTR) {}
        let _ = kill_process(getpid(), Signal::KILL);
    };
    thread::Builder::new().name("end-with-parent".into()).stack_size(64 << 10).spawn(watch).map(drop)
}
