//! Everything that happened in one play, for whoever has to understand a failure.
use futures::StreamExt;
use platforms::occum::Occum;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::task::JoinHandle;

/// Clones are the same timeline.
#[derive(Clone)]
pub(crate) struct Timeline {
    begun: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

/// Writes down what the far end sees until dropped.
pub(crate) struct Watching(JoinHandle<()>);

impl Timeline {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), lines: Arc::default() }
    }

    pub(crate) fn note(&self, what: impl fmt::Display) {
        let line = format!("{:>7} ms  {what}", self.begun.elapsed().as_millis());
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    pub(crate) fn watch(&self, occum: &Occum) -> Watching {
        let (mut happenings, timeline) = (occum.happenings(), self.clone());
        Watching(tokio::spawn(async move {
            while let Some(happening) = happenings.next().await {
                timeline.note(happening);
            }
        }))
    }

    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}
