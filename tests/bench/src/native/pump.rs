//! Mailbox in, handlers out: what a session does in the runtime, for code that is trusted.
use super::echo::Said;
use super::lower;
use futures::stream::{FuturesUnordered, StreamExt};
use occum::Occum;
use ports::mailbox::{Letter, Queue, Settled};
use room_websocket::driver::{Event as Socket, What};
use sdk::Disposition;
use sdk::host::Running;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::sleep;

/// Handlers that run at once, as many as the runtime lets one instance run.
const WIDTH: usize = 16;

#[derive(Clone)]
pub enum Event {
    Socket(Socket),
    Agent(Said),
    /// The timer of this name.
    Timer(String),
}

/// Until the queue ends, which it does not while its host lives.
pub async fn run(running: Rc<Running<Occum>>, mut queue: Queue<Event>) {
    let mut handlers = FuturesUnordered::new();
    loop {
        tokio::select! {
            biased;
            Some(()) = handlers.next() => {}
            letter = queue.next(), if handlers.len() < WIDTH => match letter {
                Some(letter) => handlers.push(deliver(running.clone(), letter)),
                None => return,
            },
        }
    }
}

/// Its place in the order is taken now, whenever it is polled.
fn deliver(running: Rc<Running<Occum>>, letter: Letter<Event>) -> impl Future<Output = ()> {
    let first = handle(&running, letter.event.clone(), 1);
    async move {
        let mut answer = first.await;
        let mut attempt = 1;
        let settled = loop {
            match answer {
                Disposition::Done => break Settled::Done,
                Disposition::Reject(why) => break Settled::Rejected(why),
                Disposition::Retry(after) => sleep(after.max(Duration::from_millis(10))).await,
            }
            attempt += 1;
            answer = handle(&running, letter.event.clone(), attempt).await;
        };
        letter.settle(settled);
    }
}

fn handle(
    running: &Running<Occum>,
    event: Event,
    attempt: u32,
) -> futures::future::LocalBoxFuture<'static, Disposition> {
    let stamp = |sequence| sdk::Event { sequence, attempt, ..running.event() };
    match event {
        Event::Agent(Said { sequence, reply }) => {
            Box::pin(running.on_reply(stamp(sequence), (*reply).clone()))
        }
        Event::Timer(name) => Box::pin(running.on_fire(stamp(0), name)),
        Event::Socket(Socket { name, sequence, what }) => {
            let (event, name) = (stamp(sequence), name.to_string());
            match what {
                What::Opened { connection, subprotocol } => {
                    Box::pin(running.on_open(event, name, connection, subprotocol))
                }
                What::Message(frame) => Box::pin(running.on_message(event, name, lower::frame(frame))),
                What::Closed { reason, will_reconnect_ms } => {
                    let again = will_reconnect_ms.map(Duration::from_millis);
                    Box::pin(running.on_close(event, name, lower::reason(&reason), again))
                }
            }
        }
    }
}
