//! Logs: readable on a terminal, JSON otherwise. To standard error, so that output stays output.
use std::io::{IsTerminal, stderr};
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

/// Which lines are written: a filter in the syntax of `tracing`, such as `debug` or `room_websocket=trace`.
const FILTER: &str = "RUNTIME_LOG";

/// Libraries that write whole frames, headers or keys at their finer levels, or a line per instruction: never,
/// whatever the filter says. By the beginning of their targets.
const SILENT: [&str; 9] = [
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "rustls",
    "tokio_rustls",
    "mio",
    "wasmtime",
    "cranelift",
    "regalloc2",
];

pub fn init() {
    let wanted = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let allowed = filter_fn(|line| !SILENT.iter().any(|library| line.target().starts_with(library)));
    // It has no say in the level; said, so that what `wanted` says of it is known to whoever asks.
    let allowed = allowed.with_max_level_hint(LevelFilter::TRACE);
    let lines = fmt::layer().with_writer(stderr).with_target(false);
    let lines = match stderr().is_terminal() {
        true => lines.with_ansi(true).boxed(),
        false => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    registry().with(lines.with_filter(wanted.and(allowed))).init();
}
