//! Frame to handler: one frame at a time to a host that has nothing else to do, and back.
use crate::line::{Door, Line};
use crate::native::Connector;
use crate::process::Process;
use crate::script::Built;
use crate::table::{head, quantile, row};
use workbench::Runtime;

const FRAMES: usize = 2000;

/// Taken in turns of so many.
const TURN: usize = 250;

struct Side {
    line: Line,
    /// Owned: the process ends with its line.
    process: Process,
    micros: Vec<f64>,
}

pub async fn measure(built: &Built) -> anyhow::Result<()> {
    eprintln!("frame to handler, {FRAMES} frames each");
    let door = Door::open().await?;
    let process = Process::runtime(Runtime::ready(built.imp(&door.url)).await?);
    let mut runtime = Side::new(&door, process).await?;
    let door = Door::open().await?;
    let process = Process::native(Connector::Imp, &door.url, "")?;
    let mut native = Side::new(&door, process).await?;
    runtime.ask(TURN).await?;
    native.ask(TURN).await?;
    runtime.micros.clear();
    native.micros.clear();
    while runtime.micros.len() < FRAMES {
        runtime.ask(TURN).await?;
        native.ask(TURN).await?;
    }
    head(&format!(
        "Frame to handler and a frame back, {FRAMES} one at a time: a round trip, so an upper bound"
    ));
    for (what, part) in [("p50, µs", 0.5), ("p90, µs", 0.9), ("p99, µs", 0.99), ("p99.9, µs", 0.999)] {
        let of = |side: &Side| quantile(side.micros.iter().copied(), part);
        row(what, of(&runtime), of(&native));
    }
    runtime.process.end().await?;
    native.process.end().await
}

impl Side {
    async fn new(door: &Door, process: Process) -> anyhow::Result<Self> {
        Ok(Self { line: door.line().await?, process, micros: Vec::new() })
    }

    async fn ask(&mut self, times: usize) -> anyhow::Result<()> {
        for _ in 0..times {
            self.micros.push(self.line.ask().await?);
        }
        Ok(())
    }
}
