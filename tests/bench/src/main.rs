//! The bench: what the sandbox costs, measured side by side on this machine, printed as ratios and never as a verdict.
//!
//! `cargo run --release --bin bench [-- --only whole|latency|memory|durable|fairness] [--messages N] [--instances N]
//! [--hog NAME] [--rounds N]`
//!
//! - **whole**: a platform's frame, the connector, an echo agent, the connector, the platform. Once through the real
//!   `runtime` with occum.wasm, once through the same connector as native Rust over the same drivers, in turns, each in
//!   a process of its own. CPU is that of this process alone; far end and clock are in the bench.
//! - **latency**: a frame to a handler and a frame back, one at a time, to the guest `imp` and to native code.
//! - **memory**: resident memory for each further connected instance of occum, awake and asleep.
//! - **durable**: messages accepted for good in a second, and the syncs of the disk that they shared.
//! - **fairness**: frames as in *latency* and messages as in *whole*, one at a time, in one process with a connector that
//!   takes all it can get: alone, and beside one such hog after the other; and how long an endless loop lives. Takes some
//!   five minutes; `--hog NAME` measures one of them, and more `--rounds` make the figures steadier.
//!
//! Run it on a quiet machine. `RUNTIME_LOG=warn,runtime=info` and `TOKIO_WORKER_THREADS=1` reach the runtime and show
//! what spans and a second worker cost; `SHOW_RUNTIME=1` shows what it says.
mod durable;
mod fairness;
mod far;
mod latency;
mod line;
mod memory;
mod native;
mod process;
mod script;
mod table;
mod whole;

use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

#[derive(Parser)]
struct Bench {
    /// Messages of one round of the whole way.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(1..))]
    messages: u64,
    /// Instances whose memory is measured.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(2..))]
    instances: u64,
    /// The only hog of the part fairness.
    #[arg(long, value_parser = fairness::names())]
    hog: Option<String>,
    /// Turns alone, and as many beside each hog. Ending one in order takes up to 6 s a turn, so there are few.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
    /// One part alone.
    #[arg(long)]
    only: Option<Part>,
    #[command(subcommand)]
    hidden: Option<Hidden>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    Whole,
    Latency,
    Memory,
    Durable,
    Fairness,
}

#[derive(Subcommand)]
enum Hidden {
    /// What the bench starts of itself, to be measured.
    #[command(hide = true)]
    Native {
        connector: native::Connector,
        #[arg(long)]
        url: String,
    },
}

fn main() -> ExitCode {
    let asked = Bench::parse();
    let done = match &asked.hidden {
        Some(Hidden::Native { connector, url }) => native::run(*connector, url),
        None => bench(&asked),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn bench(asked: &Bench) -> anyhow::Result<()> {
    let wanted = |part| asked.only.is_none_or(|only| only == part);
    eprintln!("building the runtime and the components (the first time takes some minutes)");
    let built = script::Built::all().await?;
    if wanted(Part::Whole) {
        whole::measure(&built, asked.messages).await?;
    }
    if wanted(Part::Latency) {
        latency::measure(&built).await?;
    }
    if wanted(Part::Memory) {
        memory::measure(&built, asked.instances).await?;
    }
    if wanted(Part::Durable) {
        durable::measure(&built).await?;
    }
    if wanted(Part::Fairness) {
        fairness::measure(&built, asked.hog.as_deref(), asked.rounds).await?;
    }
    Ok(())
}
