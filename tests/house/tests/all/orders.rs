//! The far end of the `imp` guest: a WebSocket server that sends orders and reads answers.
use anyhow::Context;
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Orders {
    listener: TcpListener,
}

pub struct Line {
    socket: WebSocketStream<TcpStream>,
}

impl Orders {
    pub async fn listen() -> anyhow::Result<Self> {
        Ok(Self { listener: TcpListener::bind("127.0.0.1:0").await? })
    }

    pub fn url(&self) -> anyhow::Result<String> {
        Ok(format!("ws://{}/", self.listener.local_addr()?))
    }

    /// The `imp` with its socket here, and whatever else its configuration says.
    pub fn config(&self, more: &str) -> anyhow::Result<String> {
        Ok(format!(
            "[connectors.imp.accounts.default]\nconfig = {{ url = \"{}\"{} }}\n\
             grants = {{ private = [\"127.0.0.0/8\"] }}\n",
            self.url()?,
            more
        ))
    }

    pub async fn line(&self) -> anyhow::Result<Line> {
        let (stream, _) = timeout(PATIENCE, self.listener.accept()).await.context("nobody connected")??;
        Ok(Line { socket: timeout(PATIENCE, accept_async(stream)).await.context("no upgrade")?? })
    }

    /// Whether somebody else wants a connection.
    pub async fn another(&self) -> bool {
        timeout(Duration::from_millis(50), self.listener.accept()).await.is_ok()
    }
}

impl Line {
    /// Orders, one frame each, all at once.
    pub async fn order(&mut self, orders: &[&str]) -> anyhow::Result<()> {
        for order in orders {
            self.socket.feed(Message::text(*order)).await?;
        }
        Ok(self.socket.flush().await?)
    }

    pub async fn answer(&mut self) -> anyhow::Result<String> {
        let next = async {
            loop {
                match self.socket.next().await.context("the socket ended")?? {
                    Message::Text(text) => return anyhow::Ok(text.to_string()),
                    Message::Close(_) => anyhow::bail!("closed"),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, next).await.context("no answer")?
    }

    pub async fn answers(&mut self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut answers = Vec::new();
        while answers.len() < count {
            answers.push(self.answer().await?);
        }
        Ok(answers)
    }
}
