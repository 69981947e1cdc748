//! What all instances of a process share, and how much of it there is.
use crate::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::Semaphore;

pub struct Commons {
    /// Places for guests that need the CPU for long.
    pub(crate) overtime: Arc<Semaphore>,
    alive: AtomicUsize,
    most: MostAlive,
}

/// How many instances may live at once, and why no more.
#[derive(Clone, Debug)]
pub struct MostAlive {
    pub instances: usize,
    /// What to do about it, for the operator.
    pub reason: String,
}

impl Commons {
    pub fn new(overtime: usize, most: MostAlive) -> Arc<Self> {
        Arc::new(Self { overtime: Arc::new(Semaphore::new(overtime)), alive: AtomicUsize::new(0), most })
    }

    /// Instances that live now; those that sleep do not.
    pub fn alive(&self) -> usize {
        self.alive.load(Relaxed)
    }

    /// Before the operating system has to say it, in the middle of something.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Alive, Failure> {
        let before = self.alive.fetch_add(1, Relaxed);
        let alive = Alive(self.clone());
        match before < self.most.instances {
            true => Ok(alive),
            false => Err(Failure::Machine(format!("{before} instances live; {}", self.most.reason))),
        }
    }
}

/// An instance lives as long as this.
pub(crate) struct Alive(Arc<Commons>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_refused_with_the_reason_and_a_place_comes_back() {
        let commons = Commons::new(1, MostAlive { instances: 2, reason: "raise it".into() });
        let (one, _two) = (commons.admit().ok().unwrap(), commons.admit().ok().unwrap());
        let refused = commons.admit().err().unwrap();
        assert_eq!(refused, Failure::Machine("2 instances live; raise it".into()));
        assert!(!refused.is_the_guests());
        drop(one);
        assert!(commons.admit().is_ok());
        assert_eq!(commons.alive(), 1);
    }
}
