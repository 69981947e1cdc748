//! What a status page shows of a socket. Written by its task, read by anyone.
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

#[derive(Default)]
pub struct Gauge {
    state: AtomicU8,
    pub(super) frames_in: AtomicU64,
    pub(super) frames_out: AtomicU64,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
    pub(super) reconnects: AtomicU64,
    pub(super) slow: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) scrubbed: AtomicU64,
    last_frame_ms: AtomicU64,
    next_retry_ms: AtomicU64,
    last_error: Mutex<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    #[default]
    Connecting,
    /// Connected; the frame that the plan calls `ready` has not come.
    Open,
    Ready,
    /// For the next dial.
    Waiting,
    /// Not before `reconnect` or a changed plan, or gone.
    Stopped,
}

/// One look at a [`Gauge`]; its numbers may be a moment apart. Counters are since the socket was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub state: State,
    /// Messages, the swallowed answers to pings included; no control frames.
    pub frames_in: u64,
    pub frames_out: u64,
    /// Payload bytes of these.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Dials after the first.
    pub reconnects: u64,
    /// Connections closed because the guest did not take its events.
    pub slow: u64,
    /// Messages that were read and could not be posted for that reason.
    pub dropped: u64,
    /// Messages out of which the value of a secret was taken.
    pub scrubbed: u64,
    /// Unix time of the last message, 0 for none.
    pub last_frame_ms: u64,
    /// Unix time of the next dial, 0 for none.
    pub next_retry_ms: u64,
    /// Why the last connection or attempt ended.
    pub last_error: String,
}

impl Gauge {
    pub fn reading(&self) -> Reading {
        let state = [State::Connecting, State::Open, State::Ready, State::Waiting, State::Stopped];
        Reading {
            state: state[usize::from(self.state.load(Relaxed))],
            frames_in: self.frames_in.load(Relaxed),
            frames_out: self.frames_out.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            reconnects: self.reconnects.load(Relaxed),
            slow: self.slow.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            scrubbed: self.scrubbed.load(Relaxed),
            last_frame_ms: self.last_frame_ms.load(Relaxed),
            next_retry_ms: self.next_retry_ms.load(Relaxed),
            last_error: self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn enter(&self, state: State) {
        self.state.store(state as u8, Relaxed);
        self.next_retry_ms.store(0, Relaxed);
    }

    pub(super) fn wait(&self, delay: Duration) {
        self.enter(State::Waiting);
        self.next_retry_ms.store(unix_ms(delay), Relaxed);
    }

    pub(super) fn came_in(&self, bytes: usize) {
        self.frames_in.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
        self.last_frame_ms.store(unix_ms(Duration::ZERO), Relaxed);
    }

    pub(super) fn went_out(&self, bytes: usize) {
        self.frames_out.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn failed(&self, why: String) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

fn unix_ms(from_now: Duration) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from((now + from_now).as_millis()).unwrap_or(u64::MAX)
}
