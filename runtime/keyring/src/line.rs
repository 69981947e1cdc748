//! The calls of one instance, one after the other in the order of the calls. Who waits here waits for the disk on
//! behalf of its own instance only.
use crate::desk::Desk;
use crate::fault::Fault;
use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

pub type Job = Box<dyn FnOnce(&mut Desk) -> Tell + Send>;

/// Tells whoever waits for the job.
pub type Tell = Box<dyn FnOnce() + Send>;

/// Calls of one instance that wait for the disk. Rooms bound theirs; this is for a platform that hands out secrets
/// faster than they can be kept: 256 of the largest are 16 MiB.
pub const MOST_WAITING: usize = 256;

pub struct Line(Mutex<State>);

struct State {
    /// `None`: somebody is at it.
    desk: Option<Desk>,
    waiting: VecDeque<Job>,
}

impl Line {
    pub fn new(desk: Desk) -> Self {
        Self(Mutex::new(State { desk: Some(desk), waiting: VecDeque::new() }))
    }

    /// What can be done without the disk, if nobody is at the desk. `None` otherwise, or if it can't.
    pub fn now<T>(&self, act: impl FnOnce(&mut Desk) -> Option<T>) -> Option<T> {
        self.state().desk.as_mut().and_then(act)
    }

    /// Stands in line within the call. Outside of a tokio runtime the call itself does the work.
    pub fn queue(self: &Arc<Self>, job: Job) -> Result<(), Fault> {
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            return Err(Fault::Busy);
        }
        state.waiting.push_back(job);
        // Whoever is at the desk comes to ours.
        let Some(desk) = state.desk.take() else { return Ok(()) };
        drop(state);
        let turn = Turn { line: self.clone(), desk: Some(desk) };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(|| turn.work())),
            Err(_) => turn.work(),
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Being at the desk, until nobody waits.
struct Turn {
    line: Arc<Line>,
    desk: Option<Desk>,
}

impl Turn {
    fn work(mut self) {
        let mut done: Option<Tell> = None;
        loop {
            let job = self.next();
            // NB: not before the desk is given back: whoever is told finds it free.
            if let Some(tell) = done.take() {
                tell();
            }
            match (job, &mut self.desk) {
                (Some(job), Some(desk)) => done = Some(job(desk)),
                _ => return,
            }
        }
    }

    /// NB: under one lock with giving back the desk, or a call could find it taken by somebody who has left.
    fn next(&mut self) -> Option<Job> {
        let mut state = self.line.state();
        let job = state.waiting.pop_front();
        if job.is_none() {
            state.desk = self.desk.take();
        }
        job
    }
}

/// Also when a job panics, or the runtime stops before the first: the keys are not lost, and whoever waits hears of it.
impl Drop for Turn {
    fn drop(&mut self) {
        let Some(desk) = self.desk.take() else { return };
        let mut state = self.line.state();
        state.desk = Some(desk);
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        // NB: without the lock, since this wakes them.
        drop(waiting);
    }
}
