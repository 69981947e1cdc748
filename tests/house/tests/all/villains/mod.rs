//! All adversaries together in one runtime, beside healthy connectors whose messages never stop.
mod far;
mod neighbours;
mod oracle;

include!(concat!(env!("OUT_DIR"), "/adversaries.rs"));

use crate::setup::{self, Component, Result, health, instance};
pub use far::Far;
use neighbours::Neighbours;
use oracle::{NEVER, Oracle, Push, oracle};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};
use workbench::Runtime;

/// For all of them to meet their fate, in a debug build beside whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the neighbours talk at least.
const AT_LEAST: Duration = Duration::from_secs(20);

/// Of each, unless its own say otherwise. `start` and `stop` may wait for a core that so many want.
const ALL: &str =
    "handler_seconds = 2, start_seconds = 60, stop_seconds = 30, failures = 3, cpu_percent = 20";

fn id(villain: Villain) -> String {
    format!("default/villain/{}", villain.name())
}

fn config(far: &Far) -> String {
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
    let output = runtime.ask(arguments).await?;
    let said = [output.stdout, output.stderr].concat();
    anyhow::ensure!(said.len() < 20 << 10, "{} bytes for the terminal of {name}", said.len());
    let said = String::from_utf8(said)?;
    let plain = |c: char| !c.is_control() || c == '\n';
    anyhow::ensure!(said.chars().all(plain), "for the terminal: {said:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_villains_together_meet_their_fate_and_their_neighbours_notice_nothing() -> Result {
    let (neighbours, far) = (Neighbours::settle().await?, Far::start().await?);
    let config = neighbours.config()? + &config(&far);
    let mut script = setup::script(&[Component::Occum, Component::Imp, Component::Villain], config).await?;
    script.environment.push(("OCCUM_TOKEN".into(), neighbours.agent.token.clone()));
    let runtime = Runtime::ready(script).await?;
    let talks = neighbours.talk().await?;
    let begun = Instant::now();
    let pushes = Villain::ALL.iter().map(|villain| push(&runtime, *villain, oracle(*villain).push));
    let pushed = futures::future::try_join_all(pushes);
    let watched = async {
        loop {
            let status = runtime.status().await?;
            let left = Villain::ALL.iter().filter_map(|it| missing(*it, &oracle(*it), &status));
            let left: Vec<String> = left.collect();
            if left.is_empty() && begun.elapsed() >= AT_LEAST {
                return anyhow::Ok(status);
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "after {PATIENCE:?}:\n{}", left.join("\n"));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let (_, status) = tokio::try_join!(pushed, watched)?;
    for villain in Villain::ALL.iter().filter(|it| oracle(**it).dies.is_none()) {
        let health = health(&status, &id(*villain));
        assert_eq!(health["failures"], 0, "{} lives: {health}", villain.name());
    }
    let (chat, orders) = talks.end().await?;
    eprintln!(
        "{:?} beside {} villains: chat {chat:?}, orders {orders:?}",
        begun.elapsed(),
        Villain::ALL.len()
    );
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
