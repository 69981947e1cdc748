//! What villains connect to: a socket that says nothing, says hello, closes, or floods, by its path; and requests that
//! are answered after a while.
use anyhow::Context;
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// One port; the path of a request says what is met there.
pub struct Haunt {
    port: u16,
}

const HEAD_WITHIN: Duration = Duration::from_secs(30);

impl Haunt {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(meet(stream));
            }
        });
        Ok(Self { port })
    }

    /// How it is there: `quiet`, `hello`, `close` or `flood`.
    pub fn socket(&self, how: &str) -> String {
        format!("ws://127.0.0.1:{}/{how}", self.port)
    }

    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn meet(stream: TcpStream) -> anyhow::Result<()> {
    let mut head = [0; 1024];
    let path = timeout(HEAD_WITHIN, async {
        loop {
            let read = stream.peek(&mut head).await?;
            let text = String::from_utf8_lossy(&head[..read]);
            match text.lines().next().and_then(|line| line.split(' ').nth(1)) {
                Some(path) if text.contains('\n') => return anyhow::Ok(path.to_owned()),
                _ if read == 0 || read == head.len() => anyhow::bail!("no head"),
                _ => sleep(Duration::from_millis(1)).await,
            }
        }
    });
    match path.await.context("it said nothing")??.as_str() {
        "/quiet" => converse(stream, None, 0).await,
        "/hello" => converse(stream, Some(Duration::from_millis(300)), 5).await,
        "/flood" => converse(stream, Some(Duration::ZERO), 4096).await,
        "/close" => {
            let mut socket = accept_async(stream).await?;
            sleep(Duration::from_millis(200)).await;
            Ok(socket.close(None).await?)
        }
        _ => answer(stream).await,
    }
}

/// A frame of so many bytes every so often, until the other side goes.
async fn converse(stream: TcpStream, every: Option<Duration>, bytes: usize) -> anyhow::Result<()> {
    let (mut write, mut read) = accept_async(stream).await?.split();
    let say = async {
        let Some(every) = every else { return std::future::pending().await };
        loop {
            write.send(Message::text("x".repeat(bytes))).await?;
            sleep(every).await;
        }
    };
    let hear = async {
        while let Some(message) = read.next().await {
            message?;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        said = say => said,
        heard = hear => heard,
    }
}

async fn answer(mut stream: TcpStream) -> anyhow::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        if stream.read(&mut buffer).await? == 0 {
            return Ok(());
        }
        sleep(Duration::from_millis(50)).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await?;
    }
}
