//! How much one instance may have. The unit is in the name.
use std::ops::RangeInclusive;

mod most;
mod written;

pub(crate) use written::Written;

/// What the file may say of one limit.
pub(crate) struct Rule {
    pub name: &'static str,
    pub range: RangeInclusive<u32>,
}

/// Declares each limit once: default, range, and why.
macro_rules! limits {
    ($($(#[doc = $why:literal])* $name:ident: $default:literal, $least:literal..=$most:literal;)*) => {
        /// What one instance may use. Each field gives its default and range; `[limits]` changes the default of all
        /// instances, an account's own `limits` that of one, and `[limits.most]` says how far an account may go. A default
        /// that nobody wrote is lowered to that.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $why])*
            #[doc = concat!("\n\nDefault ", stringify!($default), ", range ", stringify!($least), " to ",
                stringify!($most), ".")]
            pub $name: u32,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// As `runtime.toml` spells them.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// `None` for a name that is none of [`Self::NAMES`].
            pub fn get(&self, name: &str) -> Option<u32> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// Each value replaced by what `each` makes of it.
            pub(crate) fn map(self, mut each: impl FnMut(&Rule, u32) -> u32) -> Self {
                let [$($name),*] = &RULES;
                Self { $($name: each($name, self.$name),)* }
            }
        }

        /// In the order of [`Limits::NAMES`].
        pub(crate) static RULES: [Rule; Limits::NAMES.len()] =
            [$(Rule { name: stringify!($name), range: $least..=$most }),*];
    };
}

limits! {
    /// Handlers of one instance that run at once. 16 hides the wait for a platform's answers; 1 makes a connector
    /// sequential, the switch in case overlap misbehaves.
    max_in_flight: 16, 1..=256;
    /// Linear memories of an instance together, in MiB. A Rust connector takes one or two; an interpreter more. Past it
    /// the instance is ended.
    memory_mib: 16, 1..=1024;
    /// Wall time of one handler in seconds, its waiting included. 30 is what HTTP clients wait; past it the handler's
    /// host calls answer `timeout`, then the instance is replaced.
    handler_seconds: 30, 1..=600;
    /// Wall time of `start` in seconds. What takes longer than 10 belongs in a task, or behind the first event.
    start_seconds: 10, 1..=600;
    /// Wall time of `stop` in seconds. 5 are enough to say goodbye, and who stops the host waits for them.
    stop_seconds: 5, 1..=60;
    /// CPU that an instance may burn without giving its event loop a turn, in milliseconds. An event takes
    /// microseconds; 200 is a frozen connector, and what its neighbours on the core have to wait.
    cpu_ms: 200, 50..=10000;
    /// CPU over time, in percent of one core, with a burst of a second's worth; past it the instance is not ended but
    /// waits for its share. With 50, two connectors that never rest and their neighbours still find a core.
    cpu_percent: 50, 1..=100;
    /// Elements of each table of an instance. A table holds one element per function called through a pointer; a
    /// large Rust connector has some thousands.
    table_elements: 8192, 128..=1_048_576;
    /// Handles to resources, the guest's and the host's; past it the instance is ended. A connector holds a few for
    /// each call under way, so 256 is one that forgets to let go.
    handles: 256, 16..=65536;
    /// Host calls that are not finished; past it the instance is ended. Each holds memory of the host. 512 is 32 for
    /// each handler of the default, and nobody awaits more by intention.
    host_calls: 512, 1..=16384;
    /// How long one host call waits in seconds before it answers `timeout`; a handler's own time may end it before.
    /// The longest that a guest can ask for is an HTTP request of 120; 150 lets that end by itself.
    host_call_seconds: 150, 1..=600;
    /// What one host call may pass out of the guest, in KiB; past it the instance is ended. The largest is an HTTP
    /// body of 4 MiB, and around it a request needs some more; 8 MiB is twice that.
    host_call_kib: 8192, 64..=65536;
    /// Events that wait or are in flight, for each capability. 64 is two seconds of a busy channel; past it the host
    /// stops reading, so that the platform feels it.
    mailbox_events: 64, 1..=4096;
    /// The same in KiB of event data. 4 MiB is four of the largest common WebSocket messages.
    mailbox_kib: 4096, 64..=65536;
    /// Seconds without an event after which the instance is dropped; its sockets and timers stay, and the next event
    /// wakes a new one. 0: never, as waking costs more than the memory for all but thousands of instances.
    idle_seconds: 0, 0..=86400;
    /// Open sockets. A connector needs one or two; each holds a file descriptor of the process.
    sockets: 16, 0..=256;
    /// Dials of all sockets of an instance in a minute; the next waits. 60 are far more than back-off lets a broken
    /// platform have; a platform counts who hammers it, and locks accounts out.
    dials_per_minute: 60, 1..=6000;
    /// HTTP requests at once; some more wait for their turn. 16 is one for each handler of the default; each may hold a
    /// connection, which is a file descriptor of the process.
    requests: 16, 0..=256;
    /// Pending timers, repeating and single together.
    timers: 64, 0..=4096;
    /// Log lines in ten seconds; the rest is dropped and counted. 200 lets a burst through and no flood.
    log_lines_per_10s: 200, 0..=10000;
    /// Messages handed to the agent and not answered yet.
    dispatches: 256, 1..=4096;
    /// Messages handed to the agent in a minute, answered or not. 6000 are 100 a second, more than people type in the
    /// largest channel: past it is a flood, and each message costs an answer.
    dispatches_per_minute: 6000, 1..=1_000_000;
    /// How long an event or an accepted message is tried before it goes to the dead letters. 24 outlasts a night's
    /// outage; a week later nobody waits for the answer.
    retry_hours: 24, 1..=168;
    /// Failures in a row, no half minute of good life between, after which the instance is quarantined: all that it has
    /// open is closed. 8 are some ten seconds of back-off and what the instance lives between: a fault that
    /// comes again, and no accident.
    failures: 8, 1..=1000;
    /// Minutes of a quarantine; then there is one trial, whose failure begins the next. `runtime restart` ends it at
    /// once. 10 let a platform's bad hour pass without a person, and cost nobody anything.
    quarantine_minutes: 10, 1..=10_080;
    /// Keys in the store of an instance. 10_000 are a conversation's cursor for each of thousands of channels.
    store_keys: 10_000, 0..=1_000_000;
    /// Keys and values of the store together, in KiB. 16 MiB is 1.6 KiB for each key of the default.
    store_kib: 16_384, 0..=1_048_576;
    /// Keys in the key ring of an instance. A connector needs a device's identity and a few keys of sessions; each key
    /// that lasts is a record on disk.
    keys: 64, 0..=1024;
    /// Keys that an instance publishes. 1000 are the agents and sessions of a large gateway; each is a line that every
    /// watcher who comes late is told.
    publish_keys: 1000, 0..=100_000;
    /// Keys and values that an instance publishes together, in KiB; the host holds them in memory. 1 MiB is 1 KiB for each
    /// key of the default.
    publish_kib: 1024, 0..=65536;
}
