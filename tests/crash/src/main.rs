//! `crash`: plays seeds against the runtime of this tree, or another.
use anyhow::Context;
use clap::Parser;
use crash::{Plan, Subject, Suite, answers_wait_for_the_disk, print};
use std::path::PathBuf;
use std::process::ExitCode;

/// Kills the runtime in a hundred ways and looks whether every message is answered once.
#[derive(Parser)]
struct Asked {
    /// How many seeds.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Only this one.
    #[arg(long, value_name = "SEED")]
    only: Option<u64>,
    /// How many at a time.
    #[arg(long, default_value_t = 4)]
    jobs: usize,
    /// This runtime instead of the one of this tree; with --component.
    #[arg(long, value_name = "PATH", requires = "component")]
    runtime: Option<PathBuf>,
    /// This occum connector instead of the one of this tree; with --runtime.
    #[arg(long, value_name = "PATH", requires = "runtime")]
    component: Option<PathBuf>,
    /// Where the plays leave what failed.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Without crashes and outages: shows that the tests themselves are right.
    #[arg(long)]
    calm: bool,
    /// Show the plans, play nothing.
    #[arg(long)]
    plan: bool,
    /// Instead of seeds: watch the system calls of an undisturbed run.
    #[arg(long)]
    synced: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let asked = Asked::parse();
    let seeds = match asked.only {
        Some(seed) => seed..=seed,
        None => asked.from..=asked.from + asked.seeds.saturating_sub(1),
    };
    let plans = seeds.map(Plan::of).map(|plan| if asked.calm { plan.calm() } else { plan });
    if asked.plan {
        plans.for_each(|plan| print!("{plan}"));
        return Ok(ExitCode::SUCCESS);
    }
    let subject = match (asked.runtime, asked.component) {
        (Some(runtime), Some(component)) => Subject {
            runtime: runtime.canonicalize().context("--runtime")?,
            component: component.canonicalize().context("--component")?,
        },
        _ => tokio::task::spawn_blocking(Subject::built).await??,
    };
    let folder = asked.folder.unwrap_or_else(|| workbench::target().join("crash"));
    let folder = std::path::absolute(folder)?;
    if asked.synced {
        println!("{}", answers_wait_for_the_disk(&subject, folder).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let suite = Suite::new(subject, folder).await?;
    let verdicts = suite.run(plans, asked.jobs, |verdict| println!("{verdict}")).await;
    let mut text = String::new();
    print(&verdicts, &mut text)?;
    print!("{text}");
    let passed = verdicts.iter().all(crash::Verdict::passed) && crash::blind(&verdicts).is_none();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
