//! `[limits]` and `limits = { … }` of an account: how much one instance may have. The unit is in the name.
use crate::findings::Findings;
use crate::node::Node;

/// Declares each limit once: default, range, and why.
macro_rules! limits {
    ($($(#[doc = $why:literal])* $name:ident: $default:literal, $least:literal..=$most:literal;)*) => {
        /// What one instance may use. Each field gives its default and range; `[limits]` changes the default of all
        /// instances, an account's own `limits` that of one.
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
            /// What the table changes of `self`.
            pub(crate) fn overridden(mut self, node: &Node<'_>, findings: &mut Findings) -> Self {
                let Some(mut fields) = node.table(findings, SHAPE) else { return self };
                $(if let Some(node) = fields.take(stringify!($name)) {
                    self.$name = node.number(findings, $least..=$most).unwrap_or(self.$name);
                })*
                fields.refuse_others(findings);
                self
            }
        }
    };
}

const SHAPE: &str = "a table of limits, such as { max_in_flight = 16 }";

limits! {
    /// Handlers of one instance that run at once. 16 hides the wait for a platform's answers; 1 makes a connector
    /// sequential, the switch in case overlap misbehaves.
    max_in_flight: 16, 1..=256;
    /// Linear memory of each module of an instance, in MiB. A Rust connector takes one or two; an interpreter more.
    memory_mib: 16, 1..=1024;
    /// Wall time of one handler in seconds, its waiting included. 30 is what HTTP clients wait; past it the handler's
    /// host calls answer `timeout`, then the instance is replaced.
    handler_seconds: 30, 1..=600;
    /// CPU that an instance may burn without giving its event loop a turn, in milliseconds. An event takes
    /// microseconds; 200 is a frozen connector, and what its neighbours on the core have to wait.
    cpu_ms: 200, 50..=10000;
    /// Elements of each table of an instance. A table holds one element per function called through a pointer; a
    /// large Rust connector has some thousands.
    table_elements: 8192, 128..=1_048_576;
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
    /// Pending timers, repeating and single together.
    timers: 64, 0..=4096;
    /// Log lines in ten seconds; the rest is dropped and counted. 200 lets a burst through and no flood.
    log_lines_per_10s: 200, 0..=10000;
    /// Messages handed to the agent and not answered yet.
    dispatches: 256, 1..=4096;
    /// How long an event or an accepted message is tried before it goes to the dead letters. 24 outlasts a night's
    /// outage; a week later nobody waits for the answer.
    retry_hours: 24, 1..=168;
    /// Keys in the store of an instance. 10_000 are a conversation's cursor for each of thousands of channels.
    store_keys: 10_000, 0..=1_000_000;
    /// Keys and values of the store together, in KiB. 16 MiB is 1.6 KiB for each key of the default.
    store_kib: 16_384, 0..=1_048_576;
    /// Keys in the key ring of an instance. A connector needs a device's identity and a few keys of sessions; each key
    /// that lasts is a record on disk.
    keys: 64, 0..=1024;
}
