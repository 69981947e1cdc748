//! Misbehaving, on command.

use std::time::Duration;

use axum::http::StatusCode;

use super::Occum;
use super::event::Agent;
use super::requests::Requests;
use super::trouble::Trouble;

/// Where a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    Rest,
    Socket,
}

impl Occum {
    /// Answer these requests with this status, an error, and do nothing else about them. For `Requests::upgrades()`
    /// this refuses the WebSocket.
    ///
    /// # Panics
    /// No such status exists.
    pub fn fail(&self, which: Requests, status: u16) {
        let Ok(status) = StatusCode::from_u16(status) else { panic!("{status} is not an HTTP status") };
        self.platform.faults.add(which, Trouble::Answer(status, None));
    }

    /// Like `fail`, with a `Retry-After` of so many seconds.
    ///
    /// # Panics
    /// No such status exists.
    pub fn busy(&self, which: Requests, status: u16, retry_after_seconds: u32) {
        let Ok(status) = StatusCode::from_u16(status) else { panic!("{status} is not an HTTP status") };
        self.platform.faults.add(which, Trouble::Answer(status, Some(retry_after_seconds)));
    }

    /// Let these requests wait so long before anything is done about them. `Duration::MAX` holds them until `heal`.
    pub fn slow(&self, which: Requests, delay: Duration) {
        self.platform.faults.add(which, Trouble::Delay(delay));
    }

    /// Serve these requests at once, but let their answers wait so long. `Duration::MAX` holds them until `heal`.
    pub fn slow_answers(&self, which: Requests, delay: Duration) {
        self.platform.faults.add(which, Trouble::DelayAnswer(delay));
    }

    /// Serve these requests, then cut the connection instead of answering.
    pub fn lose_answers(&self, which: Requests) {
        self.platform.faults.add(which, Trouble::LoseAnswer);
    }

    /// Cut the connection before anything is done about these requests.
    pub fn lose_requests(&self, which: Requests) {
        self.platform.faults.add(which, Trouble::LoseRequest);
    }

    /// Refuse this agent's token at one door: REST answers 401, a socket gets `auth_error` and is closed. Sockets that
    /// are open stay open.
    pub fn refuse_token(&self, agent: &Agent, door: Door) {
        self.platform.faults.refuse(&agent.token, door);
    }

    /// Take this agent's token again, at both doors.
    pub fn accept_token(&self, agent: &Agent) {
        self.platform.faults.accept(&agent.token);
    }

    /// Sockets open and stay open, but say nothing any more: no `auth_ok`, no `pong`, no events. What would have been
    /// said is lost, and an `auth` sent meanwhile is not looked at. What was already said still arrives. A ping of
    /// RFC 6455 is still answered; occum's own `ping` is not.
    pub fn silence(&self) {
        self.platform.faults.set_silent(true);
    }

    /// End the silence.
    pub fn speak(&self) {
        self.platform.faults.set_silent(false);
    }

    /// Let `auth_ok` have an `agentId` or, false, `null` there.
    pub fn tell_agent_ids(&self, tell: bool) {
        self.platform.faults.tell_agent_ids(tell);
    }

    /// Be a good platform again: every rule and refusal is gone, silence ends, requests that were held go on.
    pub fn heal(&self) {
        self.platform.faults.heal();
    }
}
