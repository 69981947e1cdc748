//! What did not start, and why; more may come while the runtime runs.
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub struct Notices {
    /// Components that are at fault.
    refused: Mutex<Vec<Value>>,
    /// Instances that lack something.
    missing: Mutex<Vec<Value>>,
    /// Components that are still being prepared.
    preparing: Mutex<Vec<Value>>,
}

impl Notices {
    pub fn refuse(&self, refused: impl IntoIterator<Item = Value>) {
        lock(&self.refused).extend(refused);
    }

    pub fn miss(&self, missing: impl IntoIterator<Item = Value>) {
        lock(&self.missing).extend(missing);
    }

    pub fn prepares(&self, left: Vec<Value>) {
        *lock(&self.preparing) = left;
    }

    /// Refused, missing, preparing.
    pub fn all(&self) -> [Vec<Value>; 3] {
        [&self.refused, &self.missing, &self.preparing].map(|notices| lock(notices).clone())
    }
}

fn lock<T>(notices: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    notices.lock().unwrap_or_else(PoisonError::into_inner)
}
