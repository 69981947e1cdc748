//! Whether the far end still lives. Pure: told the time, it says what is due.
use super::plan::Ping;
use std::time::Duration;
use tokio::time::Instant;

/// Nothing read for this long: we ask. Under the 60 s after which common proxies and NATs forget a connection.
pub(super) const QUIET: Duration = Duration::from_secs(30);
/// Not one byte for this long after we asked: dead. Any far end that follows RFC 6455 answers a ping at once.
pub(super) const PROBE_WITHIN: Duration = Duration::from_secs(15);

pub(super) struct KeepAlive {
    declared: Option<Declared>,
    /// When we asked.
    probed: Option<Instant>,
    /// Quiet counts from here at the earliest.
    floor: Instant,
    paused: Option<Instant>,
}

struct Declared {
    every: Duration,
    within: Duration,
    next: Instant,
    /// By when the answer must be here; no second ping before it.
    answer: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// The plan's text.
    Ping,
    /// A WebSocket ping.
    Probe,
    Silent,
}

impl KeepAlive {
    pub(super) fn new(now: Instant, ping: Option<&Ping>) -> Self {
        let declared = |ping: &Ping| Declared {
            every: ping.every,
            within: ping.within,
            next: now + ping.every,
            answer: None,
        };
        Self { declared: ping.map(declared), probed: None, floor: now, paused: None }
    }

    /// What to do now. `heard` is when the last byte came, `writable` whether something can be sent. What it says to
    /// send counts as sent.
    pub(super) fn judge(&mut self, now: Instant, heard: Instant, writable: bool) -> Due {
        if self.probed.is_some_and(|probed| heard >= probed) {
            self.probed = None;
        }
        let answer = self.declared.as_ref().and_then(|declared| declared.answer);
        let late =
            answer.is_some_and(|by| now >= by) || self.probed.is_some_and(|at| now >= at + PROBE_WITHIN);
        if late && self.paused.is_none() {
            return Due::Silent;
        }
        if !writable {
            return Due::Nothing;
        }
        if let Some(declared) = &mut self.declared
            && declared.answer.is_none()
            && now >= declared.next
        {
            declared.answer = Some(now + declared.within);
            declared.next = now + declared.every;
            return Due::Ping;
        }
        if self.paused.is_none() && self.probed.is_none() && now >= heard.max(self.floor) + QUIET {
            self.probed = Some(now);
            return Due::Probe;
        }
        Due::Nothing
    }

    /// When [`judge`](Self::judge) could next say something else than nothing.
    pub(super) fn next(&self, heard: Instant, writable: bool) -> Option<Instant> {
        let judging = self.paused.is_none();
        let declared = self.declared.as_ref().and_then(|declared| match declared.answer {
            Some(by) => judging.then_some(by),
            None => writable.then_some(declared.next),
        });
        let quiet = match self.probed.filter(|probed| heard < *probed) {
            Some(probed) => judging.then_some(probed + PROBE_WITHIN),
            None => (judging && writable).then_some(heard.max(self.floor) + QUIET),
        };
        declared.into_iter().chain(quiet).min()
    }

    pub(super) fn answered(&mut self) {
        if let Some(declared) = &mut self.declared {
            declared.answer = None;
        }
    }

    /// We stop reading: silence is our own doing from here on.
    pub(super) fn pause(&mut self, now: Instant) {
        self.paused = Some(now);
    }

    pub(super) fn resume(&mut self, now: Instant) {
        let Some(paused) = self.paused.take() else { return };
        self.probed = None;
        self.floor = now;
        if let Some(Declared { answer: Some(by), .. }) = &mut self.declared {
            *by += now - paused;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::json_test::JsonTest;

    const SECOND: Duration = Duration::from_secs(1);

    fn ping() -> Ping {
        let answer = JsonTest { pointer: "/type".into(), equals: "pong".into() };
        Ping { every: 10 * SECOND, text: "ping".into(), answer, within: 3 * SECOND }
    }

    #[test]
    fn a_quiet_line_is_asked_and_then_counts_as_dead() {
        let start = Instant::now();
        let mut alive = KeepAlive::new(start, None);
        assert_eq!(alive.next(start, true), Some(start + QUIET));
        assert_eq!(alive.judge(start + QUIET - SECOND, start, true), Due::Nothing);
        assert_eq!(alive.judge(start + QUIET, start, true), Due::Probe);
        assert_eq!(alive.next(start, true), Some(start + QUIET + PROBE_WITHIN));
        assert_eq!(alive.judge(start + QUIET + SECOND, start, true), Due::Nothing);
        assert_eq!(alive.judge(start + QUIET + PROBE_WITHIN, start, true), Due::Silent);
    }

    #[test]
    fn one_byte_is_an_answer_to_the_probe() {
        let start = Instant::now();
        let mut alive = KeepAlive::new(start, None);
        assert_eq!(alive.judge(start + QUIET, start, true), Due::Probe);
        let heard = start + QUIET + SECOND;
        assert_eq!(alive.next(heard, true), Some(heard + QUIET));
        assert_eq!(alive.judge(start + QUIET + PROBE_WITHIN, heard, true), Due::Nothing);
    }

    #[test]
    fn a_declared_ping_waits_for_its_answer_before_the_next() {
        let start = Instant::now();
        let mut alive = KeepAlive::new(start, Some(&ping()));
        let heard = start + 9 * SECOND;
        assert_eq!(alive.judge(start + 10 * SECOND, heard, true), Due::Ping);
        assert_eq!(alive.judge(start + 12 * SECOND, heard, true), Due::Nothing);
        alive.answered();
        assert_eq!(alive.next(heard, true), Some(start + 20 * SECOND));
        assert_eq!(alive.judge(start + 20 * SECOND, heard, true), Due::Ping);
        assert_eq!(alive.judge(start + 23 * SECOND, start + 22 * SECOND, true), Due::Silent);
    }

    #[test]
    fn while_we_do_not_read_nobody_is_silent() {
        let start = Instant::now();
        let mut alive = KeepAlive::new(start, Some(&ping()));
        assert_eq!(alive.judge(start + 10 * SECOND, start, true), Due::Ping);
        alive.pause(start + 11 * SECOND);
        assert_eq!(alive.next(start, true), None);
        assert_eq!(alive.judge(start + 100 * SECOND, start, true), Due::Nothing);
        alive.resume(start + 100 * SECOND);
        assert_eq!(alive.judge(start + 101 * SECOND, start, true), Due::Nothing);
        assert_eq!(alive.judge(start + 102 * SECOND, start, true), Due::Silent);
    }

    #[test]
    fn nothing_is_due_to_be_sent_while_nothing_can_be() {
        let start = Instant::now();
        let mut alive = KeepAlive::new(start, Some(&ping()));
        assert_eq!(alive.next(start, false), None);
        assert_eq!(alive.judge(start + 60 * SECOND, start, false), Due::Nothing);
    }
}
