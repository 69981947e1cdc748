//! What is limited, and how often an instance came up against it.
//!
//! One list for everybody: the configuration names its limits so, rooms and engine count by it, `status` and metrics
//! show it. A limit that nobody counts cannot be seen to work.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! limits {
    ($($(#[doc = $what:literal])* $limit:ident = $name:literal;)*) => {
        /// A limit of one instance, by what a hit means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Limit {
            $($(#[doc = $what])* $limit,)*
        }

        impl Limit {
            pub const ALL: &[Self] = &[$(Self::$limit),*];

            /// As `runtime.toml` spells it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$limit => $name,)*
                }
            }
        }
    };
}

limits! {
    /// An event waited because so many handlers ran.
    InFlight = "max_in_flight";
    /// The instance was ended: its memories wanted more.
    Memory = "memory_mib";
    /// The instance was ended: a table wanted more.
    Table = "table_elements";
    /// The instance was ended: more handles, or more calls in the guest, than one may have.
    Handles = "handles";
    /// The instance was ended: so many host calls were not finished.
    HostCalls = "host_calls";
    /// The instance was ended: one host call passed more.
    HostCallBytes = "host_call_kib";
    /// A host call was answered `timeout`.
    HostCallTime = "host_call_seconds";
    /// A handler was out of time: its host calls answer `timeout`.
    Handler = "handler_seconds";
    /// `start` was ended.
    Start = "start_seconds";
    /// `stop` was ended.
    Stop = "stop_seconds";
    /// The instance was ended: it kept the CPU without a turn of its event loop.
    Cpu = "cpu_ms";
    /// The instance had to wait for its share of the CPU.
    CpuShare = "cpu_percent";
    /// An event waited for a place in the mailbox, or was not taken: too many.
    MailboxEvents = "mailbox_events";
    /// The same: too many bytes.
    MailboxBytes = "mailbox_kib";
    /// A socket was refused.
    Sockets = "sockets";
    /// A dial had to wait.
    Dials = "dials_per_minute";
    /// A timer was refused.
    Timers = "timers";
    /// A line was dropped.
    LogLines = "log_lines_per_10s";
    /// A message for the agent was refused: too many are not answered.
    Dispatches = "dispatches";
    /// A message for the agent was refused: too many in this minute.
    DispatchRate = "dispatches_per_minute";
    /// An HTTP request was refused.
    Requests = "requests";
    /// A change of the store was refused: too many keys.
    StoreKeys = "store_keys";
    /// The same: too many bytes.
    StoreBytes = "store_kib";
    /// A key was refused.
    Keys = "keys";
    /// A value to be published was refused: too many keys.
    PublishKeys = "publish_keys";
    /// The same: too many bytes.
    PublishBytes = "publish_kib";
    /// The instance was set aside: it failed so often in a row.
    Failures = "failures";
}

/// How often one instance came up against each limit since the process began.
#[derive(Debug)]
pub struct Hits([AtomicU64; Limit::ALL.len()]);

impl Default for Hits {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Hits {
    pub fn hit(&self, limit: Limit) {
        self.0[limit as usize].fetch_add(1, Relaxed);
    }

    pub fn of(&self, limit: Limit) -> u64 {
        self.0[limit as usize].load(Relaxed)
    }

    /// Those that were hit, with how often.
    pub fn all(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL.iter().map(|limit| (*limit, self.of(*limit))).filter(|(_, hits)| *hits > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_counted_by_itself() {
        let hits = Hits::default();
        for limit in Limit::ALL {
            hits.hit(*limit);
            assert_eq!(hits.all().map(|(_, hits)| hits).sum::<u64>(), *limit as u64 + 1);
        }
        hits.hit(Limit::Cpu);
        assert_eq!((hits.of(Limit::Cpu), hits.of(Limit::Keys)), (2, 1));
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<&str> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Limit::ALL.len());
    }
}
