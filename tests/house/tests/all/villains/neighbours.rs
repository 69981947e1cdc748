//! Healthy connectors whose messages never stop.
use crate::orders::{Line, Orders};
use crate::setup;
use anyhow::Context;
use platforms::occum::{Agent, Occum};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

pub struct Neighbours {
    pub occum: Arc<Occum>,
    pub agent: Agent,
    pub orders: Orders,
}

/// They talk until they are told to stop.
pub struct Talks {
    stop: Arc<AtomicBool>,
    occum: JoinHandle<anyhow::Result<Talked>>,
    imp: JoinHandle<anyhow::Result<Talked>>,
}

#[derive(Debug)]
pub struct Talked {
    pub messages: u64,
    pub slowest: Duration,
}

impl Neighbours {
    pub async fn settle() -> anyhow::Result<Self> {
        let (occum, agent) = setup::platform().await?;
        Ok(Self { occum: Arc::new(occum), agent, orders: Orders::listen().await? })
    }

    pub fn config(&self) -> anyhow::Result<String> {
        Ok(format!("{}{}", setup::occum_config(&self.occum), self.orders.config("")?))
    }

    pub async fn talk(&self) -> anyhow::Result<Talks> {
        self.occum.connected(1).await;
        let line = self.orders.line().await?;
        let stop = Arc::new(AtomicBool::new(false));
        let chatting = chat(self.occum.clone(), self.agent.clone(), stop.clone());
        let ordering = order(line, stop.clone());
        Ok(Talks { occum: tokio::spawn(chatting), imp: tokio::spawn(ordering), stop })
    }
}

impl Talks {
    /// # Errors
    /// A message that was not answered.
    pub async fn end(self) -> anyhow::Result<(Talked, Talked)> {
        self.stop.store(true, Relaxed);
        Ok((self.occum.await?.context("occum")?, self.imp.await?.context("imp")?))
    }
}

async fn chat(occum: Arc<Occum>, agent: Agent, stop: Arc<AtomicBool>) -> anyhow::Result<Talked> {
    let mut talked = Talked { messages: 0, slowest: Duration::ZERO };
    while !stop.load(Relaxed) {
        let begun = Instant::now();
        talked.messages += 1;
        let posts =
            setup::chat(&occum, &agent, &format!("message {}", talked.messages), talked.messages).await?;
        anyhow::ensure!(posts.len() as u64 == 2 * talked.messages, "{} posts", posts.len());
        talked.slowest = talked.slowest.max(begun.elapsed());
    }
    Ok(talked)
}

async fn order(mut line: Line, stop: Arc<AtomicBool>) -> anyhow::Result<Talked> {
    let mut talked = Talked { messages: 0, slowest: Duration::ZERO };
    while !stop.load(Relaxed) {
        let begun = Instant::now();
        talked.messages += 1;
        line.order(&[&format!("{} echo", talked.messages)]).await?;
        let answer = line.answer().await?;
        anyhow::ensure!(answer == format!("{0} {0}", talked.messages), "{answer}");
        talked.slowest = talked.slowest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(talked)
}
