//! What we say of the connection to the operator.

use crate::ControlCenter;
use sdk::status::{self, State};

impl ControlCenter {
    /// A failure stays until the next success: a redial that may fail in the same way is no news.
    pub(crate) fn report(&self, state: State, detail: &str) {
        let news = self.memory.with(|memory| {
            if state == State::Failed {
                memory.failed(detail);
            }
            let stays = state == State::Connecting
                && memory.reported.as_ref().is_some_and(|(last, _)| *last == State::Failed);
            let next = (state, detail.to_owned());
            if stays || memory.reported.as_ref() == Some(&next) {
                return false;
            }
            memory.reported = Some(next);
            true
        });
        if news {
            status::report(state, Some(detail).filter(|detail| !detail.is_empty()));
        }
    }
}
