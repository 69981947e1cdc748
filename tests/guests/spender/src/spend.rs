//! How much of what.
use crate::Config;
use sdk::agent::{self, Inbound, Sender};
use sdk::crypto::{self, Class, Kind};
use sdk::{http, log, publish, status, store, timers, websocket};
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

pub fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The whole time, also where the host says that it is out of time.
pub async fn nap(time: Duration) {
    let end = timers::monotonic() + time;
    while timers::monotonic() < end {
        if timers::sleep(time).await.is_err() {
            return;
        }
    }
}

pub async fn spend(config: &Config) {
    match config.limit.as_str() {
        "memory_mib" => drop(black_box(vec![1u8; 8 << 20])),
        "handles" | "host_calls" => all((0..100).map(|_| lane(nap(ms(300)))).collect()).await,
        "host_call_kib" => log::write(log::Level::Debug, &"x".repeat(512 << 10), &[]),
        "host_call_seconds" | "handler_seconds" => nap(ms(2500)).await,
        "cpu_ms" => compute(ms(1000)),
        "cpu_percent" => {
            for _ in 0..150 {
                compute(ms(10));
                nap(ms(5)).await;
            }
        }
        "sockets" | "dials_per_minute" => {
            for number in 0..5 {
                let _ = websocket::subscribe(&format!("s{number}"), &config.url, Default::default());
            }
            nap(ms(500)).await;
        }
        "requests" => {
            let url = format!("{}/x", config.api);
            let fetch = || async {
                let _ = http::Request::new("GET", url.clone()).send().await;
            };
            all((0..100).map(|_| lane(fetch())).collect()).await;
        }
        "timers" => (0..5).for_each(|number| drop(timers::once(&format!("x{number}"), ms(60_000)))),
        "log_lines_per_10s" => (0..50).for_each(|number| log::info!("line {number}")),
        "dispatches" | "dispatches_per_minute" => {
            let say = |number: u32| async move {
                let _ = agent::dispatch(message(number)).await;
            };
            all((0..5).map(|number| lane(say(number))).collect()).await;
        }
        "store_keys" => {
            for number in 0..10 {
                let _ = store::set(&format!("k{number}"), "x").await;
            }
        }
        "store_kib" => drop(store::set("k", vec![7; 64 << 10]).await),
        "publish_keys" => (0..3).for_each(|number| drop(publish::set(&format!("k{number}"), &number))),
        "publish_kib" => drop(publish::set("k", &"x".repeat(4 << 10))),
        "keys" => {
            for name in ["a", "b", "c"] {
                let _ = crypto::ensure(name, Kind::Ed25519, Class::Session).await;
            }
        }
        "max_in_flight" | "mailbox_events" | "mailbox_kib" => nap(ms(3000)).await,
        // Elsewhere: in `start`, in `stop`, and by dying.
        "start_seconds" | "stop_seconds" => {}
        "failures" => return,
        other => panic!("nobody knows how to spend {other}"),
    }
    status::report(status::State::Connected, Some("spent"));
}

pub async fn die_three_times() {
    let deaths = store::get("deaths").await.ok().flatten().map_or(0, |entry| entry.value.len());
    if deaths < 3 {
        let _ = store::set("deaths", vec![1; deaths + 1]).await;
        panic!("three times");
    }
    status::report(status::State::Connected, Some("spent"));
}

fn message(number: u32) -> Inbound {
    let sender = Sender { id: "user:1".into(), label: "User #1".into(), ..Default::default() };
    let key = number.to_string();
    Inbound { conversation: key.clone(), key, text: "x".into(), sender, to: "x".into(), ..Inbound::default() }
}

/// By the host's clock.
fn compute(time: Duration) {
    let end = timers::monotonic() + time;
    while timers::monotonic() < end {
        (0..1000).for_each(|n| assert!(black_box(n) < 1000));
    }
}

type Lane<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

fn lane<'a>(work: impl Future<Output = ()> + 'a) -> Lane<'a> {
    Box::pin(work)
}

/// Side by side, until all have ended.
async fn all(mut lanes: Vec<Lane<'_>>) {
    poll_fn(|context| {
        lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
        if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await
}
