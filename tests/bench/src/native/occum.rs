//! The connector occum, started on the native host.
use super::clock::Clock;
use super::echo::Desk;
use super::grants::Grants;
use super::host::Host;
use super::pump::{self, Event};
use super::{MAILBOX, TOKEN, dialer};
use anyhow::Context;
use occum::Occum;
use ports::mailbox::queue;
use sdk::host::{Running, install};
use sdk::{Connector, Instance};
use std::rc::Rc;

pub async fn run(url: &str) -> anyhow::Result<()> {
    let token = std::env::var(TOKEN).context("no token")?;
    let (post, queue) = queue(std::sync::Arc::default());
    let desk = Desk::new(post.room(Event::Agent, MAILBOX));
    let grants = Grants::of(Occum::describe(), url, &token)?;
    install(Rc::new(Host::new(
        grants,
        dialer(),
        post.room(Event::Socket, MAILBOX),
        desk,
        Clock::new(post.room(Event::Timer, MAILBOX)),
    )));
    let instance = Instance { tenant: "default".into(), connector: "occum".into(), account: "a0".into() };
    let config = serde_json::json!({ "apiUrl": url });
    let running = Running::start(instance, &config.to_string()).await.context("failed to start")?;
    pump::run(running, queue).await;
    Ok(())
}
