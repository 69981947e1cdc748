//! The real OpenClaw gateway behind the runtime: as people install it, with a model that echoes.
mod bridge;
mod control_center;
mod crashes;
mod peek;
mod tools;

use crate::setup::{self, Component};
use platforms::occum::{Agent, Occum};
use platforms::openclaw::real::{Gateway, Setup};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};
use workbench::{Runtime, Script};

/// A gateway takes a gigabyte and both cores to start: one after the other.
static ONE: Mutex<()> = Mutex::const_new(());

/// For whatever goes through the gateway; it takes its time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

struct Real {
    gateway: Gateway,
    _one: MutexGuard<'static, ()>,
}

async fn gateway(extra: Value) -> anyhow::Result<Real> {
    let one = ONE.lock().await;
    let gateway = Gateway::start(Setup { extra, ..Setup::default() }).await?;
    Ok(Real { gateway, _one: one })
}

/// The runtime's table for this gateway, its token in the environment variable `GATEWAY_TOKEN`.
fn agent(gateway: &Gateway, more: &str) -> String {
    format!(
        "[agent]\nbackend = \"openclaw\"\nurl = \"{}\"\ntoken = {{ env = \"GATEWAY_TOKEN\" }}\n{more}\n",
        gateway.url()
    )
}

/// occum behind the gateway, with more of the configuration.
async fn script(gateway: &Gateway, occum: &Occum, whose: &Agent, more: &str) -> anyhow::Result<Script> {
    let config = agent(gateway, more) + &setup::occum_config(occum);
    let mut script = setup::script(&[Component::Occum], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), whose.token.clone()));
    script.environment.push(("GATEWAY_TOKEN".into(), gateway.token().to_owned()));
    Ok(script)
}

async fn connected(gateway: &Gateway, occum: &Occum, whose: &Agent, more: &str) -> anyhow::Result<Runtime> {
    let runtime = Runtime::ready(script(gateway, occum, whose, more).await?).await?;
    occum.connected(1).await;
    Ok(runtime)
}

/// Waits until the channel's n-th work session is completed; returns all summaries.
async fn worked(occum: &Occum, channel: &str, count: u64) -> Vec<String> {
    let wanted = |record: &platforms::occum::Record| record.work_completed_count(channel) >= count;
    let done = occum.wait_within(PATIENCE, "the work to be completed", wanted).await;
    done.unwrap_or_else(|not_seen| panic!("{not_seen}"));
    occum
        .record(|record| record.work(channel))
        .iter()
        .map(|work| work.summary.clone().unwrap_or_default())
        .collect()
}

fn posts(occum: &Occum, channel: &str) -> Vec<String> {
    let posts = occum.record(|record| record.posts(channel));
    posts.iter().map(|post| post.text().unwrap_or_default().to_owned()).collect()
}

/// Looks again and again.
async fn until<T>(what: &str, look: impl AsyncFnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    until_within(what, PATIENCE, look).await
}

async fn until_within<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        anyhow::ensure!(begun.elapsed() < patience, "{what}: not within {patience:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
