//! Builds what is not part of this workspace: connectors and test guests (for `wasm32-wasip2`), and the binary.
use anyhow::{Context, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

const TARGET: &str = "wasm32-wasip2";

/// One build at a time in this process; cargo itself keeps processes apart.
static BUILDING: Mutex<()> = Mutex::new(());

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

/// The top of the source tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lies two folders below the top").into()
}

/// All connectors of this tree, built and copied to `connectors/*.wasm`.
pub fn connectors() -> anyhow::Result<Vec<PathBuf>> {
    let folder = root().join("connectors");
    let mut built = components(&folder, &packages(&folder)?)?;
    for path in &mut built {
        let name = path.file_name().context("a component has a name")?;
        let public = folder.join(name);
        if fs::read(&public).ok() != Some(fs::read(&*path)?) {
            fs::copy(&*path, &public).with_context(|| format!("cannot write {}", public.display()))?;
        }
        *path = public;
    }
    Ok(built)
}

/// The connector of this name, such as `occum`.
pub fn connector(name: &str) -> anyhow::Result<PathBuf> {
    named(connectors()?, name)
}

/// All test guests.
pub fn guests() -> anyhow::Result<Vec<PathBuf>> {
    components(&root().join("tests/guests"), &[])
}

/// The test guest of this name, such as `imp`.
pub fn guest(name: &str) -> anyhow::Result<PathBuf> {
    named(guests()?, name)
}

/// The `runtime` binary of this tree.
pub fn runtime(profile: Profile) -> anyhow::Result<PathBuf> {
    let mut arguments = vec!["build", "--bin", "runtime"];
    if profile == Profile::Release {
        arguments.push("--release");
    }
    // All of the workspace's features, so that nothing is built a second time for the sake of one binary.
    arguments.extend(["--workspace", "--manifest-path"]);
    let manifest = root().join("Cargo.toml");
    cargo(arguments.iter().map(AsRef::as_ref).chain([manifest.as_os_str()]))?;
    let name = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    Ok(target().join(name).join("runtime"))
}

/// Where cargo puts what it builds from this tree.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn named(paths: Vec<PathBuf>, name: &str) -> anyhow::Result<PathBuf> {
    let found = paths.into_iter().find(|path| path.file_stem() == Some(OsStr::new(name)));
    found.with_context(|| format!("no component {name:?} in this tree"))
}

/// Builds a workspace of components, each by itself where its packages are named: what one wants of the SDK is not to be in
/// the other.
fn components(workspace: &Path, packages: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let target = workspace.join("target");
    let manifest = workspace.join("Cargo.toml");
    let build = [
        "build".as_ref(),
        "--release".as_ref(),
        "--target".as_ref(),
        TARGET.as_ref(),
        "--target-dir".as_ref(),
        target.as_os_str(),
        "--manifest-path".as_ref(),
        manifest.as_os_str(),
    ];
    add_target()?;
    match packages {
        [] => cargo(build)?,
        packages => {
            for package in packages {
                cargo(build.into_iter().chain(["--package".as_ref(), package.as_ref()]))?;
            }
        }
    }
    let folder = target.join(TARGET).join("release");
    let mut built: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension() == Some(OsStr::new("wasm")))
        .collect();
    built.sort();
    Ok(built)
}

/// Each folder of it that is a package.
fn packages(workspace: &Path) -> anyhow::Result<Vec<String>> {
    let folders = fs::read_dir(workspace).with_context(|| format!("cannot read {}", workspace.display()))?;
    let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
    let packages = folders.filter(|path| path.join("Cargo.toml").is_file());
    let names = packages.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Where rustup has no component target yet, it is added.
fn add_target() -> anyhow::Result<()> {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().context("cannot run rustc")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    eprintln!("adding the compile target {TARGET} (once)");
    let added = Command::new("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!(
            "`rustup target add {TARGET}` failed ({status}): connectors are compiled for this target; with a network, \
             run that command by hand and start again"
        ),
        Err(error) => bail!(
            "the compile target {TARGET} is missing and there is no rustup to add it ({error}): install it with your \
             distribution's means and start again"
        ),
    }
}

fn cargo<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> anyhow::Result<()> {
    let _one = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg("--quiet").args(arguments).stdin(Stdio::null()).current_dir(root());
    // What an outer cargo says of itself must not change what the inner one builds.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    let status = command.status().context("cannot run cargo")?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}
