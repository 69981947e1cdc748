//! All adversaries together in one runtime, beside healthy connectors whose messages never stop.
mod neighbours;
mod oracle;
mod raw;

include!(concat!(env!("OUT_DIR"), "/adversaries.rs"));

use crate::setup::{self, Component, Result, health, instance};
use neighbours::Neighbours;
use oracle::{NEVER, Oracle, Push, oracle};
use platforms::haunt::Haunt;
use raw::{BOMBS, Fate, fate};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use workbench::{Home, Runtime};

/// For all of them to meet their fate, in a debug build beside whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the neighbours talk at least.
const AT_LEAST: Duration = Duration::from_secs(20);

/// Of each, unless its own say otherwise. `start` and `stop` may wait for a core that so many want.
const ALL: &str =
    "handler_seconds = 2, start_seconds = 60, stop_seconds = 60, failures = 3, cpu_percent = 20";

fn id(villain: Villain) -> String {
    format!("default/villain/{}", villain.name())
}

fn config(far: &Haunt) -> String {
    let mut config = String::new();
    for villain in Villain::ALL {
        let Oracle { far: how, limits, .. } = oracle(*villain);
        let (name, url, api) = (villain.name(), far.socket(how), far.api());
        let own: BTreeMap<&str, &str> =
            ALL.split(", ").chain(limits.split(", ")).filter_map(|limit| limit.split_once(" = ")).collect();
        let limits: Vec<String> = own.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let _ = write!(
            config,
            "[connectors.villain.accounts.{name}]\n\
             config = {{ case = \"{name}\", url = \"{url}\", api = \"{api}\" }}\n\
             grants = {{ private = [\"127.0.0.0/8\"] }}\n\
             limits = {{ {} }}\n",
            limits.join(", ")
        );
    }
    config
}

fn raw_id(raw: Raw) -> String {
    format!("default/{}/default", adversaries::id(raw.name()))
}

/// An account for each component that comes so far that it has a name; and little for the compiler, as these are small.
fn raw_config() -> String {
    let mut config =
        String::from("[compiler]\nseconds = 8\nmemory_mib = 768\nat_once = 2\nothers_wait_seconds = 600\n");
    for raw in Raw::ALL.iter().filter(|raw| !matches!(fate(**raw), Fate::Refused(_) | Fate::Bomb)) {
        let id = adversaries::id(raw.name());
        // Those that compute are to be found out by that, however long they wait for a core.
        let more = match fate(*raw) {
            Fate::Dies("deadline", "start") => "start_seconds = 3",
            Fate::Dies("deadline", "stop") => "stop_seconds = 1",
            _ => "",
        };
        let limits = format!("{ALL}, {more}");
        let own: BTreeMap<&str, &str> =
            limits.split(", ").filter_map(|limit| limit.split_once(" = ")).collect();
        let limits: Vec<String> = own.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let _ = writeln!(config, "[connectors.{id}.accounts.default]\nlimits = {{ {} }}", limits.join(", "));
    }
    config
}

fn write_raw(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (name, make) in adversaries::CASES {
        let path = folder.join(name).with_extension("wasm");
        std::fs::write(&path, make()?)?;
        paths.push(path);
    }
    Ok(paths)
}

fn raw_missing(raw: Raw, status: &Value) -> Option<String> {
    let refused = status["refused"].as_array().into_iter().flatten();
    let file = format!("/{}.wasm", raw.name());
    let mut refused = refused.filter(|it| it["component"].as_str().is_some_and(|it| it.ends_with(&file)));
    let why = refused.next().and_then(|it| it["why"].as_str());
    let now = instance(status, &raw_id(raw));
    let failure = &now["health"]["last_failure"];
    let is_bomb = || why.is_some_and(|why| BOMBS.iter().any(|words| why.contains(words)));
    let lives = || now["health"]["state"] == "running" && now["health"]["failures"] == 0;
    let met = match fate(raw) {
        Fate::Refused(words) => why.is_some_and(|why| why.contains(words)),
        Fate::Bomb => is_bomb(),
        Fate::Heavy => lives() || is_bomb(),
        Fate::Dies(class, door) => {
            failure["class"] == class && failure["door"].as_str().is_some_and(|it| it.starts_with(door))
        }
        // That its share bites is seen where it has the machine for itself: see `each_limit`.
        Fate::Slowed => now["health"]["starts"].as_u64() > Some(0),
        Fate::Lives => lives(),
    };
    (!met).then(|| format!("{} is not {:?}: {why:?} {failure}", raw.name(), fate(raw)))
}

fn raw_push(raw: Raw) -> Push {
    match fate(raw) {
        Fate::Dies(_, "stop") => Push::Pause,
        _ => Push::Itself,
    }
}

async fn push_raw(runtime: &Runtime, raw: Raw) -> Result {
    if raw_push(raw) == Push::Pause {
        // It may join the others late.
        let begun = Instant::now();
        loop {
            match runtime.ask(&["pause", &adversaries::id(raw.name())]).await {
                Ok(done) if done.status.success() => break,
                // It waits for the end, which is slow: whether it was the right one is watched.
                Err(_) => break,
                Ok(_) => {}
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "{} is never there", raw.name());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(())
}

/// Compiling all of them takes longer than a usual start.
async fn ready(script: workbench::Script) -> anyhow::Result<Runtime> {
    let runtime = Home::new(script)?.start()?;
    let begun = Instant::now();
    while runtime.status().await.is_err() {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "it is not ready: {}", runtime.log());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(runtime)
}

/// Waits until all who are pushed like this met their fate.
async fn watch(
    runtime: &Runtime,
    pushed: impl Fn(Push) -> bool,
    at_least: Duration,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let status = runtime.status().await?;
        let mut left: Vec<String> = Vec::new();
        for villain in Villain::ALL.iter().filter(|it| pushed(oracle(**it).push)) {
            left.extend(missing(*villain, &oracle(*villain), &status));
        }
        left.extend(
            Raw::ALL.iter().filter(|it| pushed(raw_push(**it))).filter_map(|it| raw_missing(*it, &status)),
        );
        if left.is_empty() && begun.elapsed() >= at_least {
            return Ok(status);
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "after {PATIENCE:?}:\n{}", left.join("\n"));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What is still missing of the oracle's wishes.
fn missing(villain: Villain, oracle: &Oracle, status: &Value) -> Option<String> {
    let (now, health) = (instance(status, &id(villain)), health(status, &id(villain)));
    let mut missing = Vec::new();
    if let Some((causes, door)) = oracle.dies {
        let failure = &health["last_failure"];
        let class = failure["class"].as_str().unwrap_or_default();
        if !causes.contains(&class) || !failure["door"].as_str().is_some_and(|it| it.starts_with(door)) {
            missing.push(format!("to die of {causes:?} at {door:?}, not {failure}"));
        }
    }
    for limit in oracle.hits {
        if now["limits_hit"][limit.name()].as_u64().unwrap_or(0) == 0 {
            missing.push(format!("to hit {}, not {}", limit.name(), now["limits_hit"]));
        }
    }
    if let Some(state) = oracle.ends_as.filter(|state| health["state"] != *state) {
        missing.push(format!("to be {state}, not {}", health["state"]));
    }
    if let Some(says) = oracle.says.filter(|says| now["rooms"]["status"]["detail"] != *says) {
        missing.push(format!("to say {says:?}, not {}", now["rooms"]["status"]));
    }
    (!missing.is_empty()).then(|| format!("{} has {}", villain.name(), missing.join("; ")))
}

async fn push(runtime: &Runtime, villain: Villain, push: Push) -> Result {
    let name = format!("villain/{}", villain.name());
    let arguments: &[&str] = match push {
        Push::Itself => return Ok(()),
        Push::Call => &["call", &name, "villain_do"],
        Push::Command => &["call", &name, "/villain", "x"],
        Push::Send => &["send", &name, "somewhere", "hello"],
        Push::Pause => &["pause", &name],
    };
    let output = match (push, runtime.ask(arguments).await) {
        // It waits for the end, which is slow: whether it was the right one is watched.
        (Push::Pause, Err(_)) => return Ok(()),
        (_, output) => output?,
    };
    let said = [output.stdout, output.stderr].concat();
    anyhow::ensure!(said.len() < 20 << 10, "{} bytes for the terminal of {name}", said.len());
    let said = String::from_utf8(said)?;
    let plain = |c: char| !c.is_control() || c == '\n';
    anyhow::ensure!(said.chars().all(plain), "for the terminal: {said:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_adversaries_together_meet_their_fate_and_their_neighbours_notice_nothing() -> Result {
    let (neighbours, far) = (Neighbours::settle().await?, Haunt::start().await?);
    let config = neighbours.config()? + &config(&far) + &raw_config();
    let mut script = setup::script(&[Component::Occum, Component::Imp, Component::Villain], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), neighbours.agent.token.clone()));
    let folder = TempDir::new()?;
    script.components.extend(write_raw(folder.path())?);
    let runtime = ready(script).await?;
    let talks = neighbours.talk().await?;
    let begun = Instant::now();
    let push_those = |pauses: bool| {
        let is_one = move |push: Push| (push == Push::Pause) == pauses;
        let villains = Villain::ALL.iter().filter(move |it| is_one(oracle(**it).push));
        let raws = Raw::ALL.iter().filter(move |it| is_one(raw_push(**it)));
        let villains = villains.map(|villain| push(&runtime, *villain, oracle(*villain).push));
        let raws = raws.map(|raw| push_raw(&runtime, *raw));
        (futures::future::try_join_all(villains), futures::future::try_join_all(raws))
    };
    let (villains, raws) = push_those(false);
    tokio::try_join!(villains, raws, watch(&runtime, |push| push != Push::Pause, AT_LEAST))?;
    // Who loops in `stop` needs a core within the time for it: not while all the others want theirs.
    let (villains, raws) = push_those(true);
    let (_, _, status) = tokio::try_join!(villains, raws, watch(&runtime, |_| true, Duration::ZERO))?;
    for villain in Villain::ALL.iter().filter(|it| oracle(**it).dies.is_none()) {
        let health = health(&status, &id(*villain));
        assert_eq!(health["failures"], 0, "{} lives: {health}", villain.name());
    }
    let (chat, orders) = talks.end().await?;
    let (time, count) = (begun.elapsed(), Villain::ALL.len() + Raw::ALL.len());
    eprintln!("{time:?} beside {count} adversaries: chat {chat:?}, orders {orders:?}");
    let status = runtime.status().await?;
    for healthy in ["default/occum/default", "default/imp/default"] {
        assert_eq!(health(&status, healthy)["failures"], 0, "{healthy}");
        assert_eq!(health(&status, healthy)["restarts"], 0, "{healthy}");
        assert_eq!(health(&status, healthy)["state"], "running", "{healthy}");
    }
    assert_eq!(status["clock"]["replaced"], 0);
    let log = runtime.log();
    for line in NEVER {
        assert!(!log.contains(line), "{line:?} is in the log");
    }
    // One JSON object on each line, and nobody forged one.
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| anyhow::anyhow!("{error}: {line}"))?;
        assert_ne!(line["message"], "forged-by-villain", "{line}");
    }
    assert!(runtime.stop().await?.status.success());
    Ok(())
}
