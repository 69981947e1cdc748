//! Memory of one more instance: many against one, so that what the process holds anyway falls out.
use crate::process::{Process, rss_kib_of};
use crate::script::Built;
use anyhow::ensure;
use platforms::occum::{Occum, Record, Settings};
use std::time::Duration;
use tokio::time::sleep;
use tokio::try_join;
use workbench::Runtime;

/// After the last event, before the look.
const QUIET: Duration = Duration::from_secs(2);

/// Many start at once.
const PATIENCE: Duration = Duration::from_secs(180);

/// Without an event, where instances are to fall asleep; the shortest that can be configured.
const IDLE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Awake,
    Asleep,
}

/// In KiB.
struct Rss {
    soon: u64,
    /// When the HTTP connection of the first question (who am I?) is closed, too.
    later: u64,
}

pub async fn measure(built: &Built, instances: u64) -> anyhow::Result<()> {
    eprintln!("memory of {instances} instances against one; idle HTTP connections take a minute to close");
    let look = |instances, wanted| look(built, instances, wanted);
    let (awake, asleep) = (Wanted::Awake, Wanted::Asleep);
    // Side by side: memory is not CPU time, and most of it is waiting.
    let (one, all, one_asleep, all_asleep) =
        try_join!(look(1, awake), look(instances, awake), look(1, asleep), look(instances, asleep))?;
    println!("\nMemory: resident, KiB, of the runtime with connected instances of occum");
    println!("{:<34}{:>12}{:>12}{:>18}", "", "1 instance", instances, "each further one");
    let row = |what: &str, one: u64, all: u64| {
        let each = (all as f64 - one as f64) / (instances - 1) as f64;
        println!("{what:<34}{one:>12}{all:>12}{each:>18.1}");
    };
    row("awake, 2 s after the start", one.soon, all.soon);
    row("awake, only the socket is open", one.later, all.later);
    row("asleep, 2 s after the start", one_asleep.soon, all_asleep.soon);
    row("asleep, only the socket is open", one_asleep.later, all_asleep.later);
    Ok(())
}

async fn look(built: &Built, instances: u64, wanted: Wanted) -> anyhow::Result<Rss> {
    let settings = Settings { keep: 40, patience: PATIENCE, ..Settings::default() };
    let occum = Occum::start_with(settings).await?;
    let agents: Vec<_> = (0..instances).map(|n| occum.add_agent(&format!("Clanker {n}"))).collect();
    let idle_seconds = if wanted == Wanted::Asleep { 1 } else { 0 };
    let runtime = Runtime::ready(built.occum(&occum, &agents, idle_seconds)).await?;
    occum.connected(instances).await;
    // NB: the second process finds the component compiled. In the first, the compiler's freed memory would be taken by
    // instances, and they would seem to need none.
    let runtime = runtime.killed_and_started_again().await?;
    let pid = runtime.pid()?;
    occum.connected(2 * instances).await;
    sleep(IDLE + QUIET).await;
    let soon = rss_kib_of(pid)?;
    let only_sockets = |record: &Record| record.connections_open() == instances;
    occum.wait_for("the idle HTTP connections to close", only_sockets).await;
    sleep(QUIET).await;
    let later = rss_kib_of(pid)?;
    // NB: asked last, because answering takes memory too.
    let status = runtime.status().await?;
    let states = status["instances"].as_array().map(Vec::as_slice).unwrap_or_default();
    let expected = if wanted == Wanted::Asleep { "asleep" } else { "running" };
    let so_many = states.iter().filter(|one| one["health"]["state"] == expected).count() as u64;
    ensure!(so_many == instances, "{so_many} of {instances} are {expected}");
    Process::runtime(runtime).end().await?;
    Ok(Rss { soon, later })
}
