//! What one session may use. Each limit with its unit and its reason; the defaults suit a chat connector.
use std::time::Duration;
use wasmtime::{ResourceLimiter, Result};

use crate::failure::OverLimit;
use crate::retry::Patience;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Handlers that run at once. 1 makes a guest sequential: the operator's switch in case overlap misbehaves.
    pub in_flight: usize,
    /// Wall time of one handler. Then its waiting host calls answer `timeout`.
    pub handler: Duration,
    /// What a handler that is out of time gets to end by itself, before its instance is replaced.
    pub grace: Duration,
    /// Wall time of `start`.
    pub start: Duration,
    /// Wall time of `stop`.
    pub stop: Duration,
    /// Drop the instance after so long without an event; the next wakes a new one.
    pub idle: Option<Duration>,
    /// CPU without giving the event loop a turn.
    pub cpu: Duration,
    /// Deaths of an instance after which the event in flight is set aside as poison.
    pub deaths: u32,
    /// How long an event is tried that the guest wants again.
    pub patience: Patience,
    pub walls: Walls,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 16,
            handler: Duration::from_secs(30),
            grace: Duration::from_millis(500),
            start: Duration::from_secs(10),
            stop: Duration::from_secs(5),
            idle: None,
            cpu: Duration::from_millis(200),
            deaths: 2,
            patience: Patience::default(),
            walls: Walls::default(),
        }
    }
}

/// Memory and handles of one store. Our own limiter, because its error can be told from a panic.
#[derive(Clone, Copy, Debug)]
pub struct Walls {
    /// Linear memory of all modules of the instance, each.
    pub memory_bytes: usize,
    pub memories: usize,
    pub table_elements: usize,
    pub tables: usize,
    /// Core module instances inside the component.
    pub instances: usize,
    /// Resource handles.
    pub handles: usize,
    /// Calls into and out of the guest that are not finished.
    pub guest_tasks: usize,
    /// Bytes that one host call may copy out of the guest. A request body of 4 MiB must pass.
    pub hostcall_bytes: usize,
}

impl Default for Walls {
    fn default() -> Self {
        Self {
            memory_bytes: 16 << 20,
            memories: 4,
            table_elements: 8192,
            tables: 16,
            instances: 32,
            handles: 256,
            guest_tasks: 1024,
            hostcall_bytes: 8 << 20,
        }
    }
}

impl ResourceLimiter for Walls {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        if desired > self.memory_bytes { Err(OverLimit::Memory.into()) } else { Ok(true) }
    }
    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        if desired > self.table_elements { Err(OverLimit::Table.into()) } else { Ok(true) }
    }
    fn instances(&self) -> usize {
        self.instances
    }
    fn tables(&self) -> usize {
        self.tables
    }
    fn memories(&self) -> usize {
        self.memories
    }
}
