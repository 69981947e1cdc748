//! What the test guest imp does with `id echo`: answers `id place`, `place` being how many orders there were.
use super::grants::Grants;
use super::{MAILBOX, dialer, lower};
use anyhow::Context as _;
use ports::mailbox::{Settled, queue};
use room_websocket::driver::{Context, Dials, Event, Frame, Socket, What};
use std::sync::Arc;

pub async fn run(url: &str) -> anyhow::Result<()> {
    let (post, mut queue) = queue::<Event>(std::sync::Arc::default());
    let Grants { reach, vault } = Grants::one(url)?;
    let mailbox = post.room(|event| event, MAILBOX);
    let context = Context {
        dial: dialer(),
        reach,
        vault,
        mailbox,
        name: "orders".into(),
        gauge: Arc::default(),
        dials: Dials::default(),
    };
    let socket = Socket::open(lower::plan(url, sdk::websocket::Options::default())?, context);
    let mut place = 0u64;
    while let Some(letter) = queue.next().await {
        if let What::Message(Frame::Text(order)) = &letter.event.what {
            place += 1;
            let id = order.split(' ').next().unwrap_or("-");
            socket.send(Frame::Text(format!("{id} {place}").into()), &[]).await.context("not sent")?;
        }
        letter.settle(Settled::Done);
    }
    Ok(())
}
