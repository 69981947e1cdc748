//! The real `runtime` as a child process, in a folder of its own.
use anyhow::{Context, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Longest wait for anything: generous, because machines are slow when they build beside it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to run.
#[derive(Clone, Debug)]
pub struct Script {
    pub binary: PathBuf,
    pub components: Vec<PathBuf>,
    /// The text of `runtime.toml`.
    pub config: String,
    pub environment: Vec<(String, String)>,
    pub arguments: Vec<String>,
}

/// A running runtime. Dropped, it is killed.
pub struct Runtime {
    script: Script,
    folder: TempDir,
    child: Child,
    log: Arc<Log>,
}

/// How a process ended, and what it had said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub log: String,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Notify,
}

impl Runtime {
    /// Starts it; it may not be ready yet.
    pub async fn start(script: Script) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        std::fs::write(folder.path().join("runtime.toml"), &script.config)?;
        let log = Arc::<Log>::default();
        let child = spawn(&script, folder.path(), &log)?;
        Ok(Self { script, folder, child, log })
    }

    /// Starts it and waits until it says that it runs.
    pub async fn ready(script: Script) -> anyhow::Result<Self> {
        let mut runtime = Self::start(script).await?;
        runtime.said("running").await?;
        Ok(runtime)
    }

    /// Waits for a line of the log that contains this.
    pub async fn said(&mut self, part: &str) -> anyhow::Result<String> {
        let log = self.log.clone();
        let found = timeout(PATIENCE, async {
            tokio::select! {
                line = log.find(part) => Ok(line),
                status = self.child.wait() => match log.now(part) {
                    Some(line) => Ok(line),
                    None => bail!("it ended ({status:?}) before it said {part:?}"),
                },
            }
        });
        match found.await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(error)) => bail!("{error}; it said:\n{}", self.log.all()),
            Err(_) => bail!("it did not say {part:?}; it said:\n{}", self.log.all()),
        }
    }

    pub fn log(&self) -> String {
        self.log.all()
    }

    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `runtime <arguments> --state …` against it.
    pub async fn ask(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let asked = Command::new(&self.script.binary)
            .args(arguments)
            .args(["--state", "state"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output();
        Ok(timeout(PATIENCE, asked).await??)
    }

    pub async fn status(&self) -> anyhow::Result<Value> {
        let output = self.ask(&["status", "--json"]).await?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("no status: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Calls a tool; its answer is JSON.
    pub async fn call(&self, instance: &str, tool: &str, arguments: &Value) -> anyhow::Result<Value> {
        let output = self.ask(&["call", instance, tool, &arguments.to_string()]).await?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("no answer: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Asks for the status until it is as wanted.
    pub async fn status_until(
        &self,
        what: &str,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let begun = tokio::time::Instant::now();
        loop {
            let status = self.status().await?;
            if wanted(&status) {
                return Ok(status);
            }
            if begun.elapsed() > PATIENCE {
                bail!("the status never said {what}: {status:#}\nlog:\n{}", self.log());
            }
        }
    }

    /// Sends a signal, such as `INT`.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.pid()?.to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().await?;
        if !sent.success() {
            bail!("kill -s {name} {pid} failed");
        }
        Ok(())
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> anyhow::Result<Ended> {
        let status = timeout(PATIENCE, self.child.wait()).await.context("it did not end")??;
        self.log.quiet().await;
        Ok(Ended { status, log: self.log.all() })
    }

    /// As Ctrl-C does.
    pub async fn stop(self) -> anyhow::Result<Ended> {
        self.signal("INT").await?;
        self.ended().await
    }

    /// `kill -9`, then the same again with the same state.
    pub async fn killed_and_started_again(mut self) -> anyhow::Result<Self> {
        self.child.kill().await?;
        self.log = Arc::default();
        self.child = spawn(&self.script, self.folder.path(), &self.log)?;
        self.said("running").await?;
        Ok(self)
    }
}

fn spawn(script: &Script, folder: &Path, log: &Arc<Log>) -> anyhow::Result<Child> {
    let mut child = Command::new(&script.binary)
        .arg("run")
        .args(&script.components)
        .args(["--config", "runtime.toml", "--state", "state"])
        .args(&script.arguments)
        .envs(script.environment.iter().cloned())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot run {}", script.binary.display()))?;
    let out = child.stdout.take().context("it was asked for")?;
    let err = child.stderr.take().context("it was asked for")?;
    tokio::spawn(log.clone().keep(out));
    tokio::spawn(log.clone().keep(err));
    Ok(child)
}

impl Log {
    async fn keep(self: Arc<Self>, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if std::env::var_os("SHOW_RUNTIME").is_some() {
                eprintln!("{line}");
            }
            self.lock().push(line);
            self.more.notify_waiters();
        }
    }

    async fn find(&self, part: &str) -> String {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if let Some(line) = self.now(part) {
                return line;
            }
            more.await;
        }
    }

    fn now(&self, part: &str) -> Option<String> {
        self.lock().iter().find(|line| line.contains(part)).cloned()
    }

    /// Until both pipes are at their end: their readers hold this.
    async fn quiet(self: &Arc<Self>) {
        let _ = timeout(PATIENCE, async {
            while Arc::strong_count(self) > 1 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    fn all(&self) -> String {
        self.lock().join("\n")
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
