//! A folder with a configuration and a state, in which a runtime runs, ends and runs again.
use crate::child::Runtime;
use crate::log::Log;
use crate::strace::Strace;
use anyhow::Context;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::process::Command;

/// What to run.
#[derive(Clone, Debug)]
pub struct Script {
    pub binary: PathBuf,
    pub components: Vec<PathBuf>,
    /// The text of `runtime.toml`.
    pub config: String,
    pub environment: Vec<(String, String)>,
    pub arguments: Vec<String>,
    /// Further files beside `runtime.toml`: name and text.
    pub files: Vec<(String, String)>,
}

/// Clones are the same home.
#[derive(Clone)]
pub struct Home(Arc<Inner>);

struct Inner {
    script: Script,
    folder: Folder,
}

enum Folder {
    Passing(TempDir),
    Lasting(PathBuf),
}

impl Home {
    /// In a folder that goes with the last handle.
    pub fn new(script: Script) -> anyhow::Result<Self> {
        Self::furnished(script, Folder::Passing(TempDir::new()?))
    }

    /// In this folder, which stays; made where there is none.
    pub fn at(folder: PathBuf, script: Script) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Self::furnished(script, Folder::Lasting(folder))
    }

    fn furnished(script: Script, folder: Folder) -> anyhow::Result<Self> {
        let home = Self(Arc::new(Inner { script, folder }));
        std::fs::write(home.folder().join("runtime.toml"), &home.script().config)?;
        for (name, text) in &home.script().files {
            std::fs::write(home.folder().join(name), text)?;
        }
        Ok(home)
    }

    pub fn script(&self) -> &Script {
        &self.0.script
    }

    pub fn folder(&self) -> &Path {
        match &self.0.folder {
            Folder::Passing(folder) => folder.path(),
            Folder::Lasting(folder) => folder,
        }
    }

    /// What `--state` names.
    pub fn state(&self) -> PathBuf {
        self.folder().join("state")
    }

    /// What all runtimes here have said, in a home that stays.
    pub fn log_file(&self) -> Option<PathBuf> {
        match &self.0.folder {
            Folder::Passing(_) => None,
            Folder::Lasting(folder) => Some(folder.join("log.txt")),
        }
    }

    /// Starts a runtime here; it may not be ready yet. One at a time: the second finds the state locked.
    pub fn start(&self) -> anyhow::Result<Runtime> {
        self.spawn(self.script().binary.clone().into(), &[])
    }

    /// Starts a runtime here with strace around it, which changes nothing for us: the child is the runtime itself.
    pub async fn start_under(&self, strace: &Strace) -> anyhow::Result<Runtime> {
        let runtime = self.spawn(strace.program(), &strace.arguments(&self.script().binary))?;
        strace.lets_go(runtime.pid()?).await?;
        Ok(runtime)
    }

    /// Starts a runtime here and waits until it says that it runs.
    pub async fn ready(&self) -> anyhow::Result<Runtime> {
        let mut runtime = self.start()?;
        runtime.said("running").await?;
        Ok(runtime)
    }

    fn spawn(&self, program: OsString, before: &[OsString]) -> anyhow::Result<Runtime> {
        let script = self.script();
        let mut child = Command::new(&program)
            .args(before)
            .arg("run")
            .args(&script.components)
            .args(["--config", "runtime.toml", "--state", "state"])
            .args(&script.arguments)
            .envs(script.environment.iter().cloned())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let out = child.stdout.take().context("it was asked for")?;
        let err = child.stderr.take().context("it was asked for")?;
        let log = Arc::new(Log::open(self.log_file().as_deref())?);
        tokio::spawn(log.clone().keep(out));
        tokio::spawn(log.clone().keep(err));
        Ok(Runtime::adopt(self.clone(), child, log))
    }
}
