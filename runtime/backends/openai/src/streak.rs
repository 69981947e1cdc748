//! Mistakes of the operator: said when they begin and when they are mended, not once a message.
use crate::refusal::Mistake;
use ports::agent::Failed;
use std::sync::{Mutex, PoisonError};
use tracing::{error, info};

#[derive(Default)]
pub(crate) struct Streak(Mutex<Option<Mistake>>);

impl Streak {
    pub(crate) fn mistaken(&self, mistake: Mistake, failed: &Failed) {
        if self.swap(Some(mistake)) != Some(mistake) {
            error!(blame = "host", "{failed}; messages wait meanwhile");
        }
    }

    /// The far end took a request.
    pub(crate) fn mended(&self) {
        if self.swap(None).is_some() {
            info!("the agent takes requests again");
        }
    }

    fn swap(&self, now: Option<Mistake>) -> Option<Mistake> {
        // Nothing under this lock can panic.
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}
