//! Memory and handles of one store. Our own limiter, because its error can be told from a panic, and because what counts
//! is what an instance takes in all: wasmtime's limits are for each memory.
use crate::failure::refused_by_the_system;
use contract::OverLimit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wasmtime::{Error, ResourceLimiter, Result};

#[derive(Clone, Copy, Debug)]
pub struct Walls {
    /// Linear memories of the instance together.
    pub memory_bytes: usize,
    /// Elements of each table.
    pub table_elements: usize,
    /// Core module instances inside the component. An interpreter with its extension modules has some dozens.
    pub instances: usize,
    pub memories: usize,
    pub tables: usize,
    /// Resource handles.
    pub handles: usize,
    /// Calls into and out of the guest that are not finished, as wasmtime counts them: above the limit of host calls,
    /// so that that one is met first and says what it is.
    pub guest_tasks: usize,
    /// Bytes that one host call may copy out of the guest. A request body of 4 MiB must pass.
    pub host_call_bytes: usize,
}

impl Default for Walls {
    fn default() -> Self {
        Self {
            memory_bytes: 16 << 20,
            table_elements: 8192,
            instances: 32,
            memories: 4,
            tables: 16,
            handles: 256,
            guest_tasks: 2048,
            host_call_bytes: 8 << 20,
        }
    }
}

/// The walls around one store, and what is taken of them.
pub struct Meter {
    walls: Walls,
    memory: usize,
    /// The same, for whoever watches; nothing when the store is gone.
    shown: Arc<AtomicUsize>,
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.shown.store(0, Relaxed);
    }
}

impl Meter {
    /// Shows in `shown` the bytes of all linear memories.
    pub fn new(walls: Walls, shown: Arc<AtomicUsize>) -> Self {
        Self { walls, memory: 0, shown }
    }
}

impl Meter {
    pub fn walls(&self) -> &Walls {
        &self.walls
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // Beyond the memory's own maximum: the guest hears that it got none.
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        if wanted > self.walls.memory_bytes {
            return Err(OverLimit::Memory.into());
        }
        // Never taken back: a guest can make wasmtime report failures of what was never counted here.
        self.memory = wanted;
        self.shown.store(wanted, Relaxed);
        Ok(true)
    }
    /// A guest that gets no memory aborts, and that would be its fault. One that goes beyond its own maximum hears so.
    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        match refused_by_the_system(&error) {
            Some(_) => Err(error),
            None => Ok(()),
        }
    }
    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        if desired > self.walls.table_elements { Err(OverLimit::Table.into()) } else { Ok(true) }
    }
    fn instances(&self) -> usize {
        self.walls.instances
    }
    fn tables(&self) -> usize {
        self.walls.tables
    }
    fn memories(&self) -> usize {
        self.walls.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together() {
        let shown: Arc<AtomicUsize> = Arc::default();
        let mut meter = Meter::new(Walls { memory_bytes: 100, ..Walls::default() }, shown.clone());
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(!meter.memory_growing(60, 200, Some(100)).unwrap(), "its own maximum is no crime");
        assert!(meter.memory_growing(0, 40, None).unwrap());
        meter.memory_grow_failed(wasmtime::Error::msg("as a guest can make it say")).unwrap();
        assert_eq!(shown.load(Relaxed), 100);
        let over = meter.memory_growing(40, 41, None).unwrap_err();
        assert_eq!(over.downcast_ref(), Some(&OverLimit::Memory));
        drop(meter);
        assert_eq!(shown.load(Relaxed), 0);
    }
}
