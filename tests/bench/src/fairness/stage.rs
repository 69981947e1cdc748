//! One runtime with two healthy connectors, and a hog that is let loose on them from time to time.
use super::hogs::{HOG, Hog, Pen, What};
use super::lives::lives;
use crate::far::Far;
use crate::line::{Door, Line};
use crate::script::Built;
use anyhow::ensure;
use platforms::haunt::Haunt;
use serde_json::Value;
use std::time::{Duration, Instant};
use workbench::Runtime;

/// A turn is so many slices: whatever the hog does in the course of time, frames and messages meet the same of it.
const SLICES: usize = 3;

/// How long frames go back and forth in a slice, and messages. By the clock and not by number: beside a hog that hurts
/// the bench takes no longer.
const FRAMES: Duration = Duration::from_millis(450);
const MESSAGES: Duration = Duration::from_millis(250);

pub struct Stage {
    runtime: Runtime,
    line: Line,
    far: Far,
    pen: Pen,
    /// That the hog was let loose, and its CPU in that time.
    loose: Duration,
    cpu: Duration,
}

#[derive(Default)]
pub struct Samples {
    /// Round trips to imp, in microseconds.
    pub frames: Vec<f64>,
    /// Messages through occum to the agent and back, in milliseconds.
    pub messages: Vec<f64>,
}

/// What became of the hog.
pub struct Deeds {
    /// Percent of one core while it was loose; 0 for one that is no instance.
    pub cpu: f64,
    pub failures: u64,
    /// Those that it came up against, and how often.
    pub limits: String,
    /// How long each of its endless loops lived, in milliseconds.
    pub lives: Vec<f64>,
}

impl Stage {
    /// The hog is in its pen, and the healthy are warm.
    pub async fn open(built: &Built, haunt: &Haunt, hog: &Hog) -> anyhow::Result<Self> {
        let (door, far) = (Door::open().await?, Far::start().await?);
        let mut script = built.healthy(&door.url, &far.occum, &far.agent);
        if let What::Villain { far, .. } = hog.what {
            built.beside(&mut script, hog.name, &haunt.socket(far), &haunt.api());
        }
        let runtime = Runtime::ready(script).await?;
        let mut pen = Pen::of(hog, built)?;
        // NB: before the healthy are waited for. The hog's timer first fires 100 ms after the start; a handler that has
        // not begun need not be waited for.
        pen.close(&runtime).await?;
        far.occum.online(&far.agent).await;
        let line = door.line().await?;
        let mut stage = Self { runtime, line, far, pen, loose: Duration::ZERO, cpu: Duration::ZERO };
        stage.slice(&mut Samples::default()).await?;
        Ok(stage)
    }

    pub async fn alone(&mut self, samples: &mut Samples) -> anyhow::Result<()> {
        self.pen.close(&self.runtime).await?;
        for _ in 0..SLICES {
            self.slice(samples).await?;
        }
        Ok(())
    }

    pub async fn beside(&mut self, samples: &mut Samples) -> anyhow::Result<()> {
        let (cpu, begun) = (self.hogs_cpu().await?, Instant::now());
        self.pen.open(&self.runtime).await?;
        self.slice(samples).await?;
        for _ in 1..SLICES {
            self.pen.again(&self.runtime).await?;
            self.slice(samples).await?;
        }
        self.loose += begun.elapsed();
        self.cpu += self.hogs_cpu().await? - cpu;
        Ok(())
    }

    /// With the hog still loose: ending some in order takes seconds, and their process is not needed any more.
    ///
    /// # Errors
    /// A healthy one failed meanwhile: then the figures say nothing.
    pub async fn end(self) -> anyhow::Result<Deeds> {
        let status = self.runtime.status().await?;
        for healthy in ["default/imp/default", "default/occum/a0"] {
            let health = &instance(&status, healthy)["health"];
            ensure!(health["failures"] == 0, "{healthy} did not stay healthy: {health}");
        }
        let hog = instance(&status, HOG);
        let hits = hog["limits_hit"].as_object().into_iter().flatten();
        let hits = hits.filter(|(_, times)| times.as_u64() > Some(0));
        let limits: Vec<String> = hits.map(|(limit, times)| format!("{limit} {times}")).collect();
        let failures = hog["health"]["failures"].as_u64().unwrap_or(0);
        let ended = self.runtime.kill().await?;
        Ok(Deeds {
            cpu: 100.0 * self.cpu.div_duration_f64(self.loose),
            failures,
            limits: limits.join(", "),
            lives: lives(&ended.log),
        })
    }

    async fn slice(&mut self, samples: &mut Samples) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < FRAMES {
            samples.frames.push(self.line.ask().await?);
        }
        let begun = Instant::now();
        while begun.elapsed() < MESSAGES {
            samples.messages.push(self.far.talk(1).await?.as_secs_f64() * 1e3);
        }
        Ok(())
    }

    async fn hogs_cpu(&self) -> anyhow::Result<Duration> {
        let status = self.runtime.status().await?;
        Ok(Duration::from_millis(instance(&status, HOG)["cpu_ms"].as_u64().unwrap_or(0)))
    }
}

fn instance<'a>(status: &'a Value, id: &str) -> &'a Value {
    let all = status["instances"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|one| one["instance"] == id).unwrap_or(&Value::Null)
}
