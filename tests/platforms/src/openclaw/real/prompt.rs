//! What the fake model was asked, from its log.

use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use anyhow::Context;
use serde::Deserialize;

/// One request to the model. A turn that uses a tool makes two.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prompt {
    at_ms: u64,
    /// The last that a user said, without what OpenClaw wraps around it.
    pub user: String,
    /// Pictures in it.
    pub images: usize,
    pub system: String,
    /// Names of the tools the model may call.
    pub tools: Vec<String>,
    /// What the tool answered, if the model called one.
    pub tool_result: Option<String>,
    pub model: String,
}

impl Prompt {
    pub fn at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.at_ms)
    }
}

/// A line that is still being written is left for the next time.
pub(super) fn read(log: &Path) -> anyhow::Result<Vec<Prompt>> {
    let text = match fs::read_to_string(log) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| format!("failed to read {}", log.display()))?,
    };
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| serde_json::from_str(line).context("failed to read a prompt")).collect()
}
