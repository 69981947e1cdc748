//! Turning off any single limit is noticed: for each there is a guest that spends a known amount, twice. Below a low limit
//! the host counts that it came up against it, and under a high one (as good as none) it spends the same and does not.
use crate::setup::{self, Component, Result, health, instance};
use platforms::haunt::Haunt;
use ports::limit::Limit;
use serde_json::Value;
use std::fmt::Write;
use std::time::{Duration, Instant};
use workbench::Runtime;

const PATIENCE: Duration = Duration::from_secs(120);

/// As good as off, and what makes the difference. Each limit has its line here, or this does not compile.
fn low_and_high(limit: Limit) -> (u32, u32) {
    match limit {
        Limit::InFlight => (1, 256),
        Limit::Memory => (4, 1024),
        Limit::Table => (1000, 1_048_576),
        Limit::Handles => (50, 65536),
        Limit::HostCalls => (20, 16384),
        Limit::HostCallBytes => (64, 65536),
        Limit::HostCallTime => (1, 600),
        Limit::Handler => (1, 600),
        Limit::Start => (1, 600),
        Limit::Stop => (1, 60),
        Limit::Cpu => (50, 10_000),
        Limit::CpuShare => (1, 100),
        Limit::MailboxEvents => (1, 4096),
        Limit::MailboxBytes => (64, 65536),
        Limit::Sockets => (1, 256),
        Limit::Dials => (2, 6000),
        Limit::Timers => (3, 4096),
        Limit::LogLines => (10, 10_000),
        Limit::Dispatches => (1, 4096),
        Limit::DispatchRate => (2, 1_000_000),
        Limit::Requests => (1, 256),
        Limit::StoreKeys => (5, 1_000_000),
        Limit::StoreBytes => (16, 1_048_576),
        Limit::Keys => (1, 1024),
        Limit::PublishKeys => (1, 100_000),
        Limit::PublishBytes => (1, 65536),
        Limit::Failures => (2, 1000),
    }
}

/// The table is no spender's: nobody can grow one in Rust.
fn connector(limit: Limit) -> &'static str {
    if limit == Limit::Table { "table" } else { "spender" }
}

fn account(limit: Limit, end: &str) -> String {
    format!("default/{}/{}-{end}", connector(limit), limit.name())
}

fn config(far: &Haunt) -> String {
    let mut config = String::new();
    for limit in Limit::ALL {
        let (low, high) = low_and_high(*limit);
        for (end, value) in [("low", low), ("high", high)] {
            let (connector, name) = (connector(*limit), limit.name());
            let _ = writeln!(
                config,
                "[connectors.{connector}.accounts.{name}-{end}]\nlimits = {{ {name} = {value} }}"
            );
            if connector == "spender" {
                let (url, api) =
                    (far.socket(if *limit == Limit::MailboxBytes { "flood" } else { "quiet" }), far.api());
                let _ = writeln!(
                    config,
                    "config = {{ limit = \"{name}\", url = \"{url}\", api = \"{api}\" }}\n\
                     grants = {{ private = [\"127.0.0.0/8\"] }}"
                );
            }
        }
    }
    config
}

fn hits(status: &Value, limit: Limit, end: &str) -> u64 {
    instance(status, &account(limit, end))["limits_hit"][limit.name()].as_u64().unwrap_or(0)
}

/// Why it is too early to judge.
fn waits(status: &Value, limit: Limit) -> Option<String> {
    let high = instance(status, &account(limit, "high"));
    let spent = match limit {
        Limit::Table => high["health"]["starts"] == 1,
        Limit::Stop => high["health"]["state"] == "paused",
        _ => high["rooms"]["status"]["detail"] == "spent",
    };
    if !spent {
        return Some(format!("{}: not spent: {}", limit.name(), high["health"]));
    }
    let low = instance(status, &account(limit, "low"));
    (hits(status, limit, "low") == 0).then(|| format!("{}: does not bite: {low}", limit.name()))
}

#[tokio::test(flavor = "multi_thread")]
async fn turning_off_any_single_limit_is_noticed() -> Result {
    let far = Haunt::start().await?;
    let mut script = setup::script(&[Component::Spender], config(&far)).await?;
    let folder = tempfile::TempDir::new()?;
    let table = folder.path().join("table.wasm");
    std::fs::write(&table, adversaries::table(5000)?)?;
    script.components.push(table);
    let runtime = Runtime::ready(script).await?;
    for end in ["low", "high"] {
        let name = format!("spender/{}-{end}", Limit::Stop.name());
        let paused = runtime.ask(&["pause", &name]).await?;
        assert!(paused.status.success(), "{paused:?}");
    }
    let begun = Instant::now();
    let status = loop {
        let status = runtime.status().await?;
        let left: Vec<String> = Limit::ALL.iter().filter_map(|limit| waits(&status, *limit)).collect();
        if left.is_empty() {
            break status;
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "after {PATIENCE:?}:\n{}", left.join("\n"));
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    for limit in Limit::ALL {
        assert_eq!(hits(&status, *limit, "high"), 0, "{} bites where it is off", limit.name());
        let high = health(&status, &account(*limit, "high"));
        let failures = if *limit == Limit::Failures { 3 } else { 0 };
        assert_eq!(high["failures"], failures, "{}: {high}", limit.name());
    }
    runtime.stop().await?;
    Ok(())
}

/// Turns without end, in three ways of which none ever breaks the budget of one turn. More of them than a machine for CI
/// has cores, so that one that is not made to step back is noticed by `status` itself.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_rests_and_never_hangs_waits_for_its_share() -> Result {
    const ENDLESS: [&str; 3] = ["pingpong_after_return", "pingpong_slow", "yield_forever_after_return"];
    let folder = tempfile::TempDir::new()?;
    let mut script = setup::script(&[], "").await?;
    for (name, make) in adversaries::CASES.iter().filter(|(name, _)| ENDLESS.contains(name)) {
        let path = folder.path().join(name).with_extension("wasm");
        std::fs::write(&path, make()?)?;
        script.components.push(path);
        let _ = writeln!(
            script.config,
            "[connectors.{}.accounts.default]\nlimits = {{ cpu_percent = 10, cpu_ms = 1000 }}",
            adversaries::id(name)
        );
    }
    let runtime = Runtime::ready(script).await?;
    let one = |name: &str| format!("default/{}/default", adversaries::id(name));
    let rested = |status: &Value| {
        let hits = |name: &&str| instance(status, &one(name))["limits_hit"]["cpu_percent"].as_u64();
        ENDLESS.iter().all(|name| hits(name) > Some(5))
    };
    let status = runtime.status_until("all rest", rested).await?;
    for name in ENDLESS {
        assert_eq!(health(&status, &one(name))["failures"], 0, "{name}");
    }
    assert!(runtime.stop().await?.status.success());
    Ok(())
}
