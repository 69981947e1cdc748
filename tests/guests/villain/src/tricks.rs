//! What several cases do.
use sdk::agent::{self, Inbound, Sender};
use sdk::{timers, websocket};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A socket that dials again soon.
pub fn quick() -> websocket::Options {
    let backoff = websocket::Backoff { first: ms(100), most: ms(500) };
    websocket::Options { backoff: Some(backoff), ..Default::default() }
}

pub fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Computes for ever.
pub fn spin() -> ! {
    loop {
        black_box(0);
    }
}

/// Computes for so long, by the host's clock.
pub fn compute(time: Duration) {
    let end = timers::monotonic() + time;
    while timers::monotonic() < end {
        (0..1000).for_each(|n| assert!(black_box(n) < 1000));
    }
}

/// Waits for ever, whatever the host says. Gives the event loop a turn each time, so that it never keeps the CPU.
pub async fn wait_for_ever() -> ! {
    loop {
        if timers::sleep(ms(50)).await.is_err() {
            turn().await;
        }
    }
}

/// Gives the event loop a turn, without any call.
pub async fn turn() {
    let mut given = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Begins the work and lets it go on (or not) without anybody: its host call is not waited for and not given up.
pub fn begin_and_forget(work: impl Future + 'static) {
    let mut work = Box::pin(work);
    if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        std::mem::forget(work);
    }
}

pub type Lane<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Side by side, until all have ended.
pub async fn all(mut lanes: Vec<Lane<'_>>) {
    poll_fn(|context| {
        lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
        if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await
}

/// A message for the agent.
pub fn message(key: String, text: &str) -> Inbound {
    let sender = Sender { id: "user:1".into(), label: "User #1".into(), ..Default::default() };
    Inbound {
        conversation: key.clone(),
        key,
        sender,
        text: text.into(),
        to: "somewhere".into(),
        ..Default::default()
    }
}

/// Says something to the agent, which makes it answer.
pub async fn talk() {
    let key = format!("{}-{}", timers::now_ms(), timers::monotonic().as_nanos());
    if let Err(error) = agent::dispatch(message(key, "hello")).await {
        sdk::log::warn!("could not dispatch: {error}");
    }
}

/// How often each answer came.
#[derive(Default)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub fn count<T>(&mut self, answer: Result<T, impl Display>) {
        let what = answer.map_or_else(|error| error.to_string().chars().take(60).collect(), |_| "ok".into());
        *self.0.entry(what).or_default() += 1;
    }

    /// One line in the log.
    pub fn tell(&self, of: &str) {
        let counts: Vec<String> =
            self.0.iter().take(6).map(|(what, count)| format!("{count} {what}")).collect();
        sdk::log::info!("tally of {of}", answers = counts.join("; "), kinds = self.0.len());
    }
}

/// Text that would like to be something else: a line of its own, a colour, another log entry, a label of a metric.
pub const ODD: &[&str] = &[
    "\n{\"level\":\"ERROR\",\"message\":\"forged-by-villain\"}",
    "\r\n2026-01-01T00:00:00.000000Z ERROR forged-by-villain",
    "\u{1b}[2J\u{1b}[31mforged-by-villain\u{1b}[0m\u{1b}]0;forged-by-villain\u{7}",
    "\u{9b}31mforged-by-villain",
    "a\",connector=\"default/other/default\"} 1\nforged_by_villain{x=\"",
    "\u{202e}niallivyb-degrof\u{2066}\u{200b}\u{feff}",
    "\u{0}\u{8}\u{c}\u{85}\u{2028}\u{2029}forged-by-villain",
];
