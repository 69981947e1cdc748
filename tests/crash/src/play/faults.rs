//! How the far end is told to misbehave.
use super::Stage;
use crate::plan::{Act, Fault};
use std::time::Duration;

impl Stage {
    /// Makes a request fail as wished.
    pub(super) fn fault(&self, act: &Act) {
        let Act::Fault(kind, fault, count) = act else { return };
        let which = kind.requests().next(*count);
        let ms = Duration::from_millis;
        match *fault {
            Fault::Status(status) => self.occum.fail(which, status),
            Fault::Busy(status, seconds) => self.occum.busy(which, status, seconds),
            Fault::LoseRequest => self.occum.lose_requests(which),
            Fault::LoseAnswer => self.occum.lose_answers(which),
            Fault::SlowMs(by) => self.occum.slow(which, ms(by)),
            Fault::SlowAnswerMs(by) => self.occum.slow_answers(which, ms(by)),
        }
    }
}
