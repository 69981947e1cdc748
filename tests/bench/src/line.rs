//! The far end of the guest imp: one frame at a time on an open socket, and the answer to it.
use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Between two frames, so that each finds everybody asleep.
const PAUSE: Duration = Duration::from_millis(1);

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Door {
    listener: TcpListener,
    pub url: String,
}

/// A platform's end of one open socket.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
    asked: u64,
}

impl Door {
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
        let url = format!("ws://{}/", listener.local_addr()?);
        Ok(Self { listener, url })
    }

    pub async fn line(&self) -> anyhow::Result<Line> {
        let (tcp, _) = timeout(PATIENCE, self.listener.accept()).await.context("nobody came")??;
        tcp.set_nodelay(true)?;
        let socket = tokio_tungstenite::accept_async(tcp).await.context("no WebSocket")?;
        Ok(Line { socket, asked: 0 })
    }
}

impl Line {
    /// Asks once, after a pause. Returns how many microseconds the answer took.
    pub async fn ask(&mut self) -> anyhow::Result<f64> {
        sleep(PAUSE).await;
        self.asked += 1;
        let begun = Instant::now();
        self.socket.send(Message::text(format!("{} echo", self.asked))).await.context("the line broke")?;
        let answer = timeout(PATIENCE, self.answer()).await.context("no answer")??;
        let micros = begun.elapsed().as_secs_f64() * 1e6;
        // Its second word counts the orders: the same instance answered all of them.
        let expected = format!("{0} {0}", self.asked);
        ensure!(answer == expected, "answered {answer:?} instead of {expected:?}");
        Ok(micros)
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
