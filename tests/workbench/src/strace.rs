//! strace around a process: to watch its system calls, to let some fail, to kill it in the middle of one.
use anyhow::bail;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Longest wait for strace to start a program.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing tells us of an exec, so we look.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How a process is traced. Calls are counted per thread and only where they touch one of `paths`.
#[derive(Clone, Debug)]
pub struct Strace {
    output: PathBuf,
    options: Vec<OsString>,
    /// Stops the process only at calls that are traced: as fast as without, but strace 6.1 then loses signals that it
    /// is to inject [tried]; errors arrive.
    filtered: bool,
}

impl Strace {
    /// Traces these calls and writes them to `output`.
    ///
    /// # Errors
    /// There is no strace here; says how to get it.
    pub fn new(calls: &[&str], output: PathBuf) -> anyhow::Result<Self> {
        installed()?;
        // NB: a call that is to be tampered with must be traced; one that this kernel lacks is none (`?`).
        let calls: Vec<String> = calls.iter().map(|call| format!("?{call}")).collect();
        let options = vec!["-e".into(), format!("trace={}", calls.join(",")).into()];
        Ok(Self { output, options, filtered: true })
    }

    /// Only calls that touch this file, which need not exist yet.
    pub fn only(mut self, path: &Path) -> Self {
        self.options.extend(["-P".into(), path.into()]);
        self
    }

    /// Shows the files behind descriptors, and this much of what is written.
    pub fn in_full(mut self, bytes: usize) -> Self {
        self.options.extend(["-y".into(), "-s".into(), bytes.to_string().into()]);
        self
    }

    /// Kills the process when a thread enters its `nth` of these calls, before the call does anything.
    pub fn kill_at(mut self, calls: &[&str], nth: u32) -> Self {
        self.filtered = false;
        self.inject(calls, &format!("signal=SIGKILL:when={nth}"))
    }

    /// Lets the calls from number `first` to `last` of a thread fail with this error, such as `EIO`.
    pub fn fail(self, calls: &[&str], error: &str, first: u32, last: u32) -> Self {
        self.inject(calls, &format!("error={error}:when={first}..{last}"))
    }

    fn inject(mut self, calls: &[&str], what: &str) -> Self {
        let rule = format!("inject={}:{what}", calls.join(","));
        self.options.extend(["-e".into(), rule.into()]);
        self
    }

    /// Waits until the child is the traced program and no longer strace itself. Killed before that, it leaves a tracer
    /// that is stopped for ever [tried], and nothing was tested.
    pub(crate) async fn lets_go(&self, child: u32) -> anyhow::Result<()> {
        let program = PathBuf::from(format!("/proc/{child}/exe"));
        let begun = Instant::now();
        // A child that has ended already has no program: its end tells the rest.
        while std::fs::read_link(&program).is_ok_and(|path| path.file_name() == Some(OsStr::new("strace"))) {
            if begun.elapsed() > PATIENCE {
                bail!("strace did not start the program");
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    pub(crate) fn program(&self) -> OsString {
        "strace".into()
    }

    pub(crate) fn arguments(&self, binary: &Path) -> Vec<OsString> {
        // -D: the tracer is a grandchild, so that our child is the process itself and signals reach it.
        let mut arguments: Vec<OsString> =
            ["-f", "-D", "-qq", "-e", "signal=none", "-o"].map(Into::into).into();
        arguments.push(self.output.clone().into());
        if self.filtered {
            arguments.push("--seccomp-bpf".into());
        }
        arguments.extend(self.options.iter().cloned());
        arguments.extend(["--".into(), binary.into()]);
        arguments
    }
}

fn installed() -> anyhow::Result<()> {
    let asked = Command::new("strace").arg("-V").stdin(Stdio::null()).stdout(Stdio::null()).status();
    if !asked.is_ok_and(|status| status.success()) {
        bail!("these tests need strace, and `strace -V` does not run: `apt-get install strace`");
    }
    Ok(())
}
