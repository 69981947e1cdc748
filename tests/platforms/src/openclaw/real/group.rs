//! A process group that ends with us: killed when it is dropped, and by itself when we are gone without a word.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// Starts the program, says its id, and kills the whole group once stdin ends: whoever holds the other end is gone.
const KEEPER: &str = r#"
log=$1; shift
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
program=$!
echo "$program"
( cat <&3 >/dev/null; kill -9 0 ) >/dev/null 2>&1 &
exec 3<&- >/dev/null
wait "$program"
"#;

/// Characters of a log that go into an error.
const TAIL: usize = 4_000;

pub(super) struct Group {
    keeper: Child,
    /// Closed, it ends the group.
    leash: Option<ChildStdin>,
    group: Pid,
    program: Pid,
}

impl Group {
    pub(super) async fn start(
        program: &Path,
        arguments: &[&OsStr],
        environment: &[(&'static str, PathBuf)],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let what = || format!("failed to start {}", program.display());
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(log)
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(what)?;
        let leash = keeper.stdin.take();
        let group = keeper.id().and_then(pid).with_context(what)?;
        let said = keeper.stdout.take().with_context(what)?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).await.with_context(what)?;
        let program = line.trim().parse().ok().and_then(pid).with_context(what)?;
        Ok(Self { keeper, leash, group, program })
    }

    /// The program's id.
    pub(super) fn pid(&self) -> u32 {
        self.program.as_raw_nonzero().get().unsigned_abs()
    }

    /// Cancel safe.
    pub(super) async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        let status = self.keeper.wait().await.context("failed to wait for a process")?;
        // What the program left behind goes now.
        self.leash = None;
        Ok(status)
    }

    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        self.signal_all();
        self.ended().await.map(drop)
    }

    pub(super) fn terminate(&self) -> anyhow::Result<()> {
        kill_process(self.program, Signal::TERM).context("failed to send SIGTERM")
    }

    fn signal_all(&self) {
        // NB: the keeper's id is only ours until it was waited for. That it is gone is what we want.
        if self.keeper.id().is_some() {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal_all();
    }
}

/// The end of a log, for an error.
pub(super) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text[text.len().saturating_sub(TAIL)..]).into_owned()
}

fn pid(raw: u32) -> Option<Pid> {
    i32::try_from(raw).ok().and_then(Pid::from_raw)
}
