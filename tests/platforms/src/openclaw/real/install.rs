//! Node and OpenClaw in a folder of their own, put there with npm when they are missing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use anyhow::{Context, bail};
use serde_json::Value;

use super::group::tail;

const NODE: &str = "26.10.0";
const OPENCLAW: &str = "2026.9.6";

/// What is needed to run it.
pub(super) struct Installed {
    pub(super) node: PathBuf,
    pub(super) entry: PathBuf,
    cache: PathBuf,
}

impl Installed {
    /// What each process of Node gets.
    pub(super) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let mut path = self.node.parent().map(Path::to_owned).unwrap_or_default().into_os_string();
        path.push(":/usr/bin:/bin");
        vec![
            ("PATH", PathBuf::from(path)),
            ("LANG", PathBuf::from("C.UTF-8")),
            // OpenClaw keeps its compiled code below it: the next start finds it there.
            ("TMPDIR", self.cache.join("tmp")),
        ]
    }
}

/// Whole or not at all: each package is installed beside its place, then moved there. Several processes may do this at
/// once; one does it and the others wait.
///
/// # Errors
/// npm is missing or failed, with the end of its log.
pub(super) async fn installed() -> anyhow::Result<Installed> {
    tokio::task::spawn_blocking(|| {
        let cache = cache()?;
        fs::create_dir_all(cache.join("tmp"))
            .with_context(|| format!("failed to make {}", cache.display()))?;
        let lock = File::create(cache.join("lock")).context("failed to make the lock file")?;
        // Held until the file is closed.
        lock.lock().context("failed to lock the lock file")?;
        // The package `node` fetches the binary in its install script; openclaw's scripts are for desktops.
        package(&cache, "node", NODE, &["--foreground-scripts"])?;
        package(&cache, "openclaw", OPENCLAW, &["--ignore-scripts", "--engine-strict=false"])?;
        Ok(Installed {
            node: cache.join("node/node_modules/node/bin/node"),
            entry: cache.join("openclaw/node_modules/openclaw/openclaw.mjs"),
            cache,
        })
    })
    .await?
}

fn cache() -> anyhow::Result<PathBuf> {
    let named = env::var_os("OPENCLAW_TEST_CACHE").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/openclaw-test"));
    named.or_else(home).context("failed to find a folder to install into: set OPENCLAW_TEST_CACHE or HOME")
}

fn package(cache: &Path, name: &str, version: &str, options: &[&str]) -> anyhow::Result<()> {
    let place = cache.join(name);
    if is_there(&place, name, version) {
        return Ok(());
    }
    let beside = cache.join(format!(".{name}-new"));
    let log = cache.join(format!("{name}.log"));
    remove(&beside)?;
    fs::create_dir_all(&beside).with_context(|| format!("failed to make {}", beside.display()))?;
    fs::write(beside.join("package.json"), r#"{"private":true}"#)?;
    let what = format!("{name}@{version}");
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund"]).args(options).arg(&what).current_dir(&beside);
    run(npm, &log)
        .with_context(|| format!("failed to install {what} with npm, which must be on the PATH"))?;
    if name == "node" && !beside.join("node_modules/node/bin/node").is_file() {
        // An npm that blocks install scripts leaves the package without its binary.
        let mut own = Command::new("node");
        own.arg("installArchSpecificPackage").current_dir(beside.join("node_modules/node"));
        run(own, &log).with_context(|| format!("failed to run the installer of {what}"))?;
    }
    remove(&place)?;
    fs::rename(&beside, &place).with_context(|| format!("failed to move {what} to {}", place.display()))?;
    if !is_there(&place, name, version) {
        bail!(
            "{what} is not in {} although npm succeeded: remove that folder and try again",
            place.display()
        );
    }
    Ok(())
}

fn is_there(place: &Path, name: &str, version: &str) -> bool {
    let inner = place.join("node_modules").join(name);
    let manifest = fs::read(inner.join("package.json")).ok();
    let manifest: Option<Value> = manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let entry = if name == "node" { "bin/node" } else { "openclaw.mjs" };
    manifest.is_some_and(|manifest| manifest["version"] == version) && inner.join(entry).is_file()
}

fn run(mut command: Command, log: &Path) -> anyhow::Result<()> {
    let to = File::options().create(true).append(true).open(log)?;
    let status = command.stdin(Stdio::null()).stdout(to.try_clone()?).stderr(to).status()?;
    if !status.success() {
        bail!("it ended with {status}; {} ends:\n{}", log.display(), tail(log));
    }
    Ok(())
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
