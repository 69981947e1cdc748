//! The processes that are measured, and what Linux says of them.
use crate::native::{Connector, TOKEN};
use anyhow::Context;
use std::fs;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use workbench::Runtime;

/// Linux counts CPU time for /proc in hundredths of a second, on every machine that it runs on (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// One process under measurement. Dropped, it is killed.
pub enum Process {
    Runtime(Box<Runtime>),
    Native(Child),
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub user: Duration,
    pub system: Duration,
}

impl Process {
    /// This program again, as the native connector.
    pub fn native(connector: Connector, url: &str, token: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let child = Command::new(program)
            .args(["native", connector.name(), "--url", url])
            .env(TOKEN, token)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        child.map(Self::Native).context("cannot start the native connector")
    }

    pub fn runtime(runtime: Runtime) -> Self {
        Self::Runtime(Box::new(runtime))
    }

    /// User and system time of all its threads since it began.
    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        let pid = self.pid()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("no CPU time")?;
        // The name of the program, in brackets, is the only field that can hold a blank or a bracket.
        let (_, fields) = stat.rsplit_once(") ").context("no fields behind the name")?;
        let mut ticks = fields.split(' ').skip(11).map(str::parse::<u32>);
        let mut next = || anyhow::Ok(TICK * ticks.next().context("too few fields")??);
        Ok(Cpu { user: next()?, system: next()? })
    }

    /// Resident memory now.
    pub fn rss_kib(&self) -> anyhow::Result<u64> {
        rss_kib_of(self.pid()?)
    }

    /// Ends it; the runtime in order, and its end is looked at.
    pub async fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Native(mut child) => child.kill().await.context("cannot end the native connector"),
            Self::Runtime(runtime) => {
                let ended = runtime.stop().await?;
                anyhow::ensure!(
                    ended.status.success(),
                    "the runtime ended with {}:\n{}",
                    ended.status,
                    ended.log
                );
                Ok(())
            }
        }
    }

    fn pid(&self) -> anyhow::Result<u32> {
        match self {
            Self::Runtime(runtime) => runtime.pid(),
            Self::Native(child) => child.id().context("the native connector has ended"),
        }
    }
}

impl Cpu {
    pub fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
        }
    }

    pub fn all(self) -> Duration {
        self.user + self.system
    }
}

/// Resident memory of any process of ours.
pub fn rss_kib_of(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("no memory")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.trim().trim_end_matches(" kB").parse().with_context(|| format!("VmRSS is {line:?}"))
}
