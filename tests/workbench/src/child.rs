//! The real `runtime` as a child process.
use crate::home::{Home, Script};
use crate::log::Log;
use anyhow::{Context, bail};
use serde_json::Value;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest wait for anything: generous, because machines are slow when they build beside it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running runtime. Dropped, it is killed.
pub struct Runtime {
    home: Home,
    child: Child,
    log: Arc<Log>,
}

/// How a process ended, and what it had said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub log: String,
}

impl Runtime {
    /// Starts it in a new folder; it may not be ready yet.
    pub async fn start(script: Script) -> anyhow::Result<Self> {
        Home::new(script)?.start()
    }

    /// Starts it in a new folder and waits until it says that it runs.
    pub async fn ready(script: Script) -> anyhow::Result<Self> {
        Home::new(script)?.ready().await
    }

    pub(crate) fn adopt(home: Home, child: Child, log: Arc<Log>) -> Self {
        Self { home, child, log }
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

    pub fn home(&self) -> &Home {
        &self.home
    }

    pub fn folder(&self) -> &Path {
        self.home.folder()
    }

    /// Runs `runtime <arguments> --state …` against it.
    pub async fn ask(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let asked = Command::new(&self.home.script().binary)
            .args(arguments)
            .args(["--state", "state"])
            .current_dir(self.folder())
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

    /// Waits, for ever, until it ends by itself. Can be dropped and called again.
    pub async fn gone(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// Waits until it has ended, and whoever traces it too.
    pub async fn ended(mut self) -> anyhow::Result<Ended> {
        let status = timeout(PATIENCE, self.child.wait()).await.context("it did not end")??;
        let _ = timeout(PATIENCE, self.log.quiet()).await;
        Ok(Ended { status, log: self.log.all() })
    }

    /// As Ctrl-C does.
    pub async fn stop(self) -> anyhow::Result<Ended> {
        self.signal("INT").await?;
        self.ended().await
    }

    /// `kill -9`. It may have ended already.
    pub async fn kill(mut self) -> anyhow::Result<Ended> {
        self.child.start_kill()?;
        self.ended().await
    }

    /// `kill -9`, then the same again with the same state.
    pub async fn killed_and_started_again(self) -> anyhow::Result<Self> {
        let home = self.home.clone();
        self.kill().await?;
        home.ready().await
    }
}
