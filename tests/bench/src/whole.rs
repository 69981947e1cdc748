//! The whole way: what a message costs the process that holds the connector.
use crate::far::{Far, Seen, WINDOW};
use crate::native::Connector;
use crate::process::{Cpu, Process};
use crate::script::Built;
use crate::table::{head, median, row};
use std::iter::zip;
use std::time::Duration;
use workbench::Runtime;

/// In turns, so that a machine that grows slower or hotter treats both alike.
const ROUNDS: usize = 3;

/// Before anything is measured: connections are open, allocators and caches have what they need.
const WARM_UP: u64 = 300;

/// For what is still under way when the platform has all answers. An idle process takes no CPU, so longer is no harm.
const SETTLE: Duration = Duration::from_millis(100);

struct Round {
    messages: u64,
    cpu: Cpu,
    wall: Duration,
    seen: Seen,
    rss_kib: u64,
}

pub async fn measure(built: &Built, messages: u64) -> anyhow::Result<()> {
    let (mut runtime, mut native) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        eprintln!("the whole way, round {number} of {ROUNDS}");
        let far = Far::start().await?;
        let script = built.occum(&far.occum, std::slice::from_ref(&far.agent), 0);
        let child = Process::runtime(Runtime::ready(script).await?);
        runtime.push(round(far, child, messages).await?);
        let far = Far::start().await?;
        let child = Process::native(Connector::Occum, &far.occum.url(), &far.agent.token)?;
        native.push(round(far, child, messages).await?);
    }
    head(&format!(
        "The whole way: {messages} messages, {WINDOW} conversations at once, medians of {ROUNDS} rounds"
    ));
    let compare = |what: &str, figure: fn(&Round) -> f64| {
        row(what, median(runtime.iter().map(figure)), median(native.iter().map(figure)));
    };
    compare("CPU per message, µs", |round| round.each(micros(round.cpu.all())));
    compare("  of it user", |round| round.each(micros(round.cpu.user)));
    compare("  of it system", |round| round.each(micros(round.cpu.system)));
    compare("messages per second", |round| round.messages as f64 / round.wall.as_secs_f64());
    compare("HTTP calls per message", |round| round.each(round.seen.requests as f64));
    compare("frames to it per message", |round| round.each(round.seen.events as f64));
    compare("new connections per message", |round| round.each(round.seen.connections as f64));
    compare("ends of work refused, per 1000", |round| round.each(1000.0 * round.seen.refused as f64));
    compare("resident memory after it, MiB", |round| round.rss_kib as f64 / 1024.0);
    let cpu = |round: &Round| round.each(micros(round.cpu.all()));
    let ratios: Vec<String> =
        zip(&runtime, &native).map(|(a, b)| format!("{:.2}", cpu(a) / cpu(b))).collect();
    println!("CPU of runtime to native, round by round: {}", ratios.join(", "));
    Ok(())
}

async fn round(mut far: Far, child: Process, messages: u64) -> anyhow::Result<Round> {
    far.occum.online(&far.agent).await;
    far.talk(WARM_UP).await?;
    tokio::time::sleep(SETTLE).await;
    let (cpu, seen) = (child.cpu()?, far.seen());
    let wall = far.talk(messages).await?;
    tokio::time::sleep(SETTLE).await;
    let (cpu, seen) = (child.cpu()?.since(cpu), far.seen().since(seen));
    let rss_kib = child.rss_kib()?;
    child.end().await?;
    Ok(Round { messages, cpu, wall, seen, rss_kib })
}

impl Round {
    fn each(&self, sum: f64) -> f64 {
        sum / self.messages as f64
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
