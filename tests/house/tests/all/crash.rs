//! What was accepted is answered, once and in order, whatever happens to the process, the disk and the platform.
use crate::setup::{self, Component, Result};
use anyhow::{Context, ensure};
use crash::{Plan, Subject, Suite, Verdict, answers_wait_for_the_disk, blind, print};

/// Seeds that are played; another number by this environment variable.
const SEEDS: u64 = 200;
const SEEDS_VARIABLE: &str = "CRASH_SEEDS";

/// Plays at a time: they mostly wait.
const JOBS: usize = 4;

async fn subject() -> anyhow::Result<Subject> {
    let script = setup::script(&[Component::Occum], "").await?;
    let component = script.components.into_iter().next().context("one was asked for")?;
    Ok(Subject { runtime: script.binary, component })
}

fn seeds() -> anyhow::Result<u64> {
    let Ok(given) = std::env::var(SEEDS_VARIABLE) else { return Ok(SEEDS) };
    given.parse().with_context(|| format!("{SEEDS_VARIABLE} is not a number: {given:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_answered_once_and_in_order_whatever_crashes() -> Result {
    // NB: not the folder of the binary `crash`, which may run beside it.
    let folder = workbench::target().join("crash-house");
    let suite = Suite::new(subject().await?, folder).await?;
    let verdicts = suite.run((1..=seeds()?).map(Plan::of), JOBS, |_| ()).await;
    let mut text = String::new();
    print(&verdicts, &mut text)?;
    ensure!(verdicts.iter().all(Verdict::passed) && blind(&verdicts).is_none(), "{text}");
    println!("{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_leaves_before_its_data_is_synced() -> Result {
    let folder = workbench::target().join("crash-house-synced");
    println!("{}", answers_wait_for_the_disk(&subject().await?, folder).await?);
    Ok(())
}
