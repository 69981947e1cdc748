//! The fake model's process. It outlives the gateway's crashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::install::Installed;

const PROGRAM: &str = include_str!("../../../openclaw/fake-model.mjs");

pub(super) struct Model {
    url: String,
    log: PathBuf,
    /// Killed when it is dropped. It also ends with its stdin, which is ours.
    _process: Child,
}

impl Model {
    pub(super) async fn start(installed: &Installed, folder: &Path) -> anyhow::Result<Self> {
        let program = folder.join("fake-model.mjs");
        let log = folder.join("model.jsonl");
        fs::write(&program, PROGRAM).with_context(|| format!("failed to write {}", program.display()))?;
        let mut process = Command::new(&installed.node)
            .arg(&program)
            .env_clear()
            .envs(installed.environment())
            .env("FAKE_MODEL_LOG", &log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("failed to start the fake model")?;
        let said = process.stdout.take().context("the fake model has no stdout")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).await.context("failed to read what the fake model says")?;
        let url = line.trim().strip_prefix("fake-model listening ");
        let url =
            url.with_context(|| format!("the fake model did not say where it listens, but {line:?}"))?;
        Ok(Self { url: url.to_owned(), log, _process: process })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }
}
