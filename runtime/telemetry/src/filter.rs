//! Which lines there are: the same for standard error and for memory.
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::layer::Filter;

/// Which lines are written: a filter in the syntax of `tracing`, such as `debug` or `room_websocket=trace`.
const FILTER: &str = "RUNTIME_LOG";

/// Libraries that write whole frames, headers or keys at their finer levels, or a line per instruction: never,
/// whatever the filter says. By the beginning of their targets.
const SILENT: [&str; 10] = [
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "rustls",
    "tokio_rustls",
    "mio",
    "wasmtime",
    "cranelift",
    "regalloc2",
    "rmcp",
];

pub fn of_environment() -> EnvFilter {
    EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new("info"))
}

pub fn filter<S: Subscriber>(wanted: EnvFilter) -> impl Filter<S> {
    let allowed = filter_fn(|line| !SILENT.iter().any(|library| line.target().starts_with(library)));
    // It has no say in the level; said, so that what `wanted` says of it is known to whoever asks.
    let allowed = allowed.with_max_level_hint(LevelFilter::TRACE);
    wanted.and(allowed)
}
