//! Who takes all that it can get. Each under the default limits, as those are what an operator has.
use crate::script::Built;
use anyhow::{Context, ensure};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::sleep;
use workbench::Runtime;

pub struct Hog {
    pub name: &'static str,
    pub what: What,
}

#[derive(Clone, Copy)]
pub enum What {
    /// A case of the guest villain, which has the hog's name.
    Villain { far: &'static str, pace: Pace },
    /// No instance: somebody compiles what is hard to compile, in another process.
    Compiler,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Pace {
    /// It does the same for as long as it is let.
    Steady,
    /// It is over soon, or its restarts grow rare: for each slice it is started anew.
    Anew,
}

/// By what they want: the CPU, host calls, the log, the queue, sockets and requests, the store, the agent, the compiler.
pub const HOGS: [Hog; 14] = [
    steady("calls_between_turns"),
    steady("yield_for_ever"),
    anew("loop_in_on_fire"),
    anew("hashes_in_a_loop"),
    steady("big_calls"),
    steady("flood_log"),
    flooded("slow_on_message"),
    flooded("retry_forever"),
    steady("flood_sockets"),
    steady("flood_requests"),
    anew("flood_store"),
    steady("flood_keys"),
    steady("flood_agent"),
    Hog { name: "compiler", what: What::Compiler },
];

const fn steady(name: &'static str) -> Hog {
    Hog { name, what: What::Villain { far: "quiet", pace: Pace::Steady } }
}

const fn anew(name: &'static str) -> Hog {
    Hog { name, what: What::Villain { far: "quiet", pace: Pace::Anew } }
}

const fn flooded(name: &'static str) -> Hog {
    Hog { name, what: What::Villain { far: "flood", pace: Pace::Steady } }
}

/// What keeps a hog away while nothing is to be beside the healthy.
pub enum Pen {
    Instance(Pace),
    Compiler { program: PathBuf, folder: TempDir, running: JoinSet<anyhow::Result<()>> },
}

/// The name of the hog for those who steer it.
pub const HOG: &str = "default/villain/default";

const BOMB: &str = "bomb.wasm";

/// For sockets to close, and for the memory of what was killed to be given back.
const SETTLE: Duration = Duration::from_millis(300);

impl Pen {
    pub fn of(hog: &Hog, built: &Built) -> anyhow::Result<Self> {
        match hog.what {
            What::Villain { pace, .. } => Ok(Self::Instance(pace)),
            What::Compiler => {
                let folder = TempDir::new()?;
                let (_, make) = adversaries::CASES
                    .iter()
                    .find(|(name, _)| *name == "live_in_all_loops")
                    .context("there is no such bomb")?;
                std::fs::write(folder.path().join(BOMB), make()?)?;
                Ok(Self::Compiler { program: built.runtime().to_owned(), folder, running: JoinSet::new() })
            }
        }
    }

    pub async fn open(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        match self {
            Self::Instance(_) => steer(runtime, "resume").await,
            Self::Compiler { program, folder, running } => {
                running.spawn(compile(program.clone(), folder.path().to_owned()));
                Ok(())
            }
        }
    }

    /// Between two slices of one turn.
    pub async fn again(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        match self {
            Self::Instance(Pace::Anew) => steer(runtime, "restart").await,
            Self::Instance(Pace::Steady) | Self::Compiler { .. } => Ok(()),
        }
    }

    pub async fn close(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        match self {
            Self::Instance(_) => steer(runtime, "pause").await?,
            Self::Compiler { running, .. } => {
                if let Some(ended) = running.try_join_next() {
                    ended??;
                }
                running.shutdown().await;
            }
        }
        sleep(SETTLE).await;
        Ok(())
    }
}

async fn steer(runtime: &Runtime, how: &str) -> anyhow::Result<()> {
    let asked = runtime.ask(&[how, HOG]).await?;
    ensure!(asked.status.success(), "cannot {how} the hog: {}", String::from_utf8_lossy(&asked.stderr));
    Ok(())
}

/// Over and over: whoever sent such a component once sends it again. Dropped, it kills the process, and that one's child
/// ends with it.
async fn compile(program: PathBuf, folder: PathBuf) -> anyhow::Result<()> {
    loop {
        Command::new(&program)
            .args(["check", BOMB, "--state", "other"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .context("cannot run the compiler")?;
    }
}
