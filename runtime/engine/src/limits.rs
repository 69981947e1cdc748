//! What one session may use. Each limit with its unit and its reason; the defaults suit a chat connector.
use crate::retry::Patience;
use crate::walls::Walls;
use contract::CallBounds;
use std::time::Duration;

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
    /// CPU over time, in percent of one core.
    pub cpu_percent: u32,
    pub calls: CallBounds,
    /// Failures in a row after which the instance is quarantined.
    pub failures: u32,
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
            cpu_percent: 50,
            calls: CallBounds::default(),
            failures: 8,
            deaths: 2,
            patience: Patience::default(),
            walls: Walls::default(),
        }
    }
}
