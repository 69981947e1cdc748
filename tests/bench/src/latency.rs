//! Frame to handler: one frame at a time to a host that has nothing else to do, and back.
use crate::native::Connector;
use crate::process::Process;
use crate::script::Built;
use crate::table::{head, quantile, row};
use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use workbench::Runtime;

const FRAMES: usize = 2000;

/// Taken in turns of so many.
const TURN: usize = 250;

/// Between two frames, so that each finds everybody asleep.
const PAUSE: Duration = Duration::from_millis(1);

const PATIENCE: Duration = Duration::from_secs(60);

/// A platform's end of one open socket.
struct Line {
    socket: WebSocketStream<TcpStream>,
    /// Owned: the process ends with the line.
    process: Process,
    asked: u64,
    micros: Vec<f64>,
}

pub async fn measure(built: &Built) -> anyhow::Result<()> {
    eprintln!("frame to handler, {FRAMES} frames each");
    let door = Door::open().await?;
    let process = Process::runtime(Runtime::ready(built.imp(&door.url)).await?);
    let mut runtime = door.line(process).await?;
    let door = Door::open().await?;
    let mut native = door.line(Process::native(Connector::Imp, &door.url, "")?).await?;
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
        let of = |line: &Line| quantile(line.micros.iter().copied(), part);
        row(what, of(&runtime), of(&native));
    }
    runtime.process.end().await?;
    native.process.end().await
}

struct Door {
    listener: TcpListener,
    url: String,
}

impl Door {
    async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
        let url = format!("ws://{}/", listener.local_addr()?);
        Ok(Self { listener, url })
    }

    async fn line(&self, process: Process) -> anyhow::Result<Line> {
        let (tcp, _) = timeout(PATIENCE, self.listener.accept()).await.context("nobody came")??;
        tcp.set_nodelay(true)?;
        let socket = tokio_tungstenite::accept_async(tcp).await.context("no WebSocket")?;
        Ok(Line { socket, process, asked: 0, micros: Vec::new() })
    }
}

impl Line {
    async fn ask(&mut self, times: usize) -> anyhow::Result<()> {
        for _ in 0..times {
            sleep(PAUSE).await;
            self.asked += 1;
            let begun = Instant::now();
            self.socket
                .send(Message::text(format!("{} echo", self.asked)))
                .await
                .context("the line broke")?;
            let answer = timeout(PATIENCE, self.answer()).await.context("no answer")??;
            self.micros.push(begun.elapsed().as_secs_f64() * 1e6);
            // Its second word counts the orders: the same instance answered all of them.
            let expected = format!("{0} {0}", self.asked);
            ensure!(answer == expected, "answered {answer:?} instead of {expected:?}");
        }
        Ok(())
    }

    async fn answer(&mut self) -> anyhow::Result<String> {
        while let Some(message) = self.socket.next().await {
            match message.context("the line broke")? {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(frame) => bail!("closed: {frame:?}"),
                _ => {}
            }
        }
        bail!("the line ended")
    }
}
