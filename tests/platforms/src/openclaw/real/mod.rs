//! The real OpenClaw gateway, offline: installed once with npm, started with a model that echoes, gone with the test.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use platforms::openclaw::real::{Gateway, Setup};
//!
//! let mut gateway = Gateway::start(Setup::default()).await?;
//! // ... point a client at gateway.url() with gateway.token() ...
//! gateway.kill().await?;
//! gateway.restart().await?;
//! assert!(gateway.prompts()?.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! What a user says steers the model: see the head of `fake-model.mjs`.

mod configuration;
mod group;
mod install;
mod model;
mod port;
mod prompt;
mod ready;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use uuid::Uuid;

use configuration::Configuration;
use group::Group;
use install::Installed;
use model::Model;
pub use prompt::Prompt;

/// Idle machines need 10 s, busy ones half a minute.
const START: Duration = Duration::from_secs(180);

/// How a gateway is to be.
#[derive(Default)]
pub struct Setup {
    /// The shared token; made up if there is none.
    pub token: Option<String>,
    /// Merged over the generated `openclaw.json`: objects are merged, `null` removes a key, all else replaces. Plugins
    /// are off unless this allows one or configures a channel.
    pub extra: Value,
    /// Where its state lives, kept afterwards; a temporary folder if there is none.
    pub folder: Option<PathBuf>,
}

/// One gateway process with its fake model. Dropped, both are killed; killed with the test, they end by themselves.
pub struct Gateway {
    installed: Installed,
    configuration: Configuration,
    folder: PathBuf,
    running: Option<Group>,
    // Dropped last: what runs in it must be gone.
    model: Model,
    _temporary: Option<TempDir>,
}

impl Gateway {
    /// Installs Node and OpenClaw if they are not there, then starts both; returns when the gateway answers clients.
    /// They are kept in `$OPENCLAW_TEST_CACHE` or `~/.cache/openclaw-test`; a first start takes minutes and a gigabyte.
    ///
    /// # Errors
    /// npm failed, or the gateway ended or was not ready in time: with the end of its log.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let installed = install::installed().await?;
        let (folder, temporary) = match setup.folder {
            Some(folder) => (folder, None),
            None => {
                let made = TempDir::with_prefix("openclaw-").context("failed to make a temporary folder")?;
                (made.path().to_owned(), Some(made))
            }
        };
        for inner in ["state", "home", "workspace"] {
            let inner = folder.join(inner);
            std::fs::create_dir_all(&inner).with_context(|| format!("failed to make {}", inner.display()))?;
        }
        // NB: absolute, as the gateway does not run where we do.
        let folder = folder.canonicalize().context("failed to find the gateway's folder")?;
        let model = Model::start(&installed, &folder).await?;
        let token = setup.token.unwrap_or_else(|| Uuid::now_v7().simple().to_string());
        let configuration = Configuration::new(&folder, port::free()?, &token, model.url(), setup.extra);
        configuration.write()?;
        let mut gateway =
            Self { installed, configuration, folder, running: None, model, _temporary: temporary };
        gateway.restart().await?;
        Ok(gateway)
    }

    /// `ws://127.0.0.1:<port>`, the same after a restart.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.configuration.port)
    }

    /// `http://127.0.0.1:<port>`, the same after a restart.
    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.configuration.port)
    }

    pub fn port(&self) -> u16 {
        self.configuration.port
    }

    pub fn token(&self) -> &str {
        &self.configuration.token
    }

    /// The gateway's own process, if it was begun and not yet seen to end.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Group::pid)
    }

    /// Its state, `openclaw.json` and `gateway.log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kill it with its children, at once, as a crash would. Nothing to do if it does not run.
    ///
    /// # Errors
    /// The system refused.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.running.take() {
            Some(mut running) => running.kill().await,
            None => Ok(()),
        }
    }

    /// Ask it to end. It lets active runs finish first, up to 315 s, and tells its clients.
    ///
    /// # Errors
    /// It does not run, or still runs after `within`: then it is left to end.
    pub async fn terminate(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let running = self.running.as_mut().context("the gateway does not run")?;
        running.terminate()?;
        let ended = tokio::time::timeout(within, running.ended()).await;
        let status = ended.with_context(|| format!("the gateway still runs {within:?} after SIGTERM"))??;
        self.running = None;
        Ok(status)
    }

    /// Kill it if it runs, and start it on the same port with the same state; returns when it answers clients.
    ///
    /// # Errors
    /// See `start`.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        self.begin().await?;
        self.ready().await
    }

    /// The first half of a restart: the process is there, and its port not yet.
    ///
    /// # Errors
    /// It runs already, or could not be started.
    pub async fn begin(&mut self) -> anyhow::Result<()> {
        if self.running.is_some() {
            bail!("the gateway runs already: kill or terminate it first");
        }
        let arguments = [self.installed.entry.as_os_str(), OsStr::new("gateway"), OsStr::new("run")];
        self.running =
            Some(Group::start(&self.installed.node, &arguments, &self.environment(), &self.log()).await?);
        Ok(())
    }

    /// The second half: wait until a client would be let in.
    ///
    /// # Errors
    /// It ended, or was not ready in time: with the end of its log.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let running = self.running.as_mut().context("the gateway was not begun")?;
        let (port, token) = (self.configuration.port, &self.configuration.token);
        let outcome = tokio::select! {
            status = running.ended() => Err(anyhow::anyhow!("the gateway ended with {}", status?)),
            ready = tokio::time::timeout(START, ready::ready(port, token)) => {
                ready.map_err(|_| anyhow::anyhow!("the gateway was not ready after {START:?}"))?
            }
        };
        outcome.with_context(|| format!("failed to start it; its log ends:\n{}", group::tail(&self.log())))
    }

    /// Merge this over its `openclaw.json`, but for its port and token. A running gateway notices; some keys ask for a
    /// restart.
    ///
    /// # Errors
    /// The file could not be written.
    pub async fn configure(&mut self, extra: Value) -> anyhow::Result<()> {
        self.configuration.merge(extra);
        self.configuration.write()
    }

    /// What the model was asked since the first start, in order.
    ///
    /// # Errors
    /// The model's log could not be read.
    pub fn prompts(&self) -> anyhow::Result<Vec<Prompt>> {
        prompt::read(self.model.log())
    }

    /// Run `openclaw …` in the gateway's environment: `&["devices", "list", "--json"]`.
    ///
    /// # Errors
    /// It could not be started. That it failed is in the answer.
    pub async fn cli(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        Command::new(&self.installed.node)
            .arg(&self.installed.entry)
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("failed to run openclaw's command line")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("gateway.log")
    }

    /// Nothing of ours: an agent's tools can read it.
    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let on = || PathBuf::from("1");
        let mut environment = self.installed.environment();
        environment.extend([
            ("HOME", self.folder.join("home")),
            ("OPENCLAW_STATE_DIR", self.folder.join("state")),
            ("OPENCLAW_CONFIG_PATH", self.folder.join("openclaw.json")),
            ("OPENCLAW_DISABLE_BONJOUR", on()),
            // Otherwise the process we hold may hand over to one we do not.
            ("OPENCLAW_NO_RESPAWN", on()),
            ("OPENCLAW_EXEC_SHELL_SNAPSHOT", PathBuf::from("0")),
            ("OPENCLAW_SKIP_CRON", on()),
        ]);
        environment
    }
}
