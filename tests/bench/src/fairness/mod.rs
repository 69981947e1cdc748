//! Fairness: what healthy connectors notice of one that takes all that it can get, in the same process.
//!
//! The hog is an instance of the same process in both turns, paused in one of them: so what differs is what it does, and
//! a machine that grows slower or hotter treats both alike. Each hog has a process of its own, as some leave a full
//! store or a spent allowance behind.
mod hogs;
mod lives;
mod report;
mod stage;

use crate::script::Built;
use anyhow::Context;
use clap::builder::PossibleValuesParser;
use hogs::{HOGS, Hog};
use platforms::haunt::Haunt;
use report::Outcome;
use stage::{Samples, Stage};

/// For the command line.
pub fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(HOGS.iter().map(|hog| hog.name))
}

/// All hogs, or the one of this name; in so many turns alone, and as many beside it.
pub async fn measure(built: &Built, only: Option<&str>, rounds: u64) -> anyhow::Result<()> {
    let haunt = Haunt::start().await?;
    let mut outcomes = Vec::new();
    let all = async {
        for hog in HOGS.iter().filter(|hog| only.is_none_or(|only| only == hog.name)) {
            eprintln!("beside {}", hog.name);
            let outcome = beside(built, &haunt, hog, rounds).await;
            outcomes.push(outcome.with_context(|| format!("beside {}", hog.name))?);
        }
        Ok(())
    };
    let done = all.await;
    // Minutes of measuring are not to be lost by the last one.
    report::print(&outcomes);
    done
}

async fn beside(built: &Built, haunt: &Haunt, hog: &Hog, rounds: u64) -> anyhow::Result<Outcome> {
    let mut stage = Stage::open(built, haunt, hog).await?;
    let (mut alone, mut beside) = (Samples::default(), Samples::default());
    for _ in 0..rounds {
        stage.alone(&mut alone).await?;
        stage.beside(&mut beside).await?;
    }
    Ok(Outcome { hog: hog.name, alone, beside, deeds: stage.end().await? })
}
