//! Batches that must be written and could not be, in their order, and when to try again.
use crate::asked::Command;
use crate::fault::Fault;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Room is mostly made by people or by log rotation: seconds are soon enough, and the first try again is quick because
/// a lock or a hiccup of the disk is over in milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Stuck {
    commands: VecDeque<Box<dyn Command>>,
    waiting: Option<Waiting>,
}

struct Waiting {
    fault: Fault,
    pause: Duration,
    due: Instant,
}

impl Stuck {
    /// Why they can't be written; `None` while there are none.
    pub fn fault(&self) -> Option<&Fault> {
        self.waiting.as_ref().map(|waiting| &waiting.fault)
    }

    pub fn due(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|waiting| waiting.due)
    }

    pub fn len(&self) -> usize {
        self.commands.len()
    }

    pub fn push(&mut self, command: Box<dyn Command>) {
        self.commands.push_back(command);
    }

    /// The first ones, no more than this.
    pub fn take(&mut self, most: usize, most_bytes: usize) -> Vec<Box<dyn Command>> {
        let mut bytes = 0;
        let fits = self.commands.iter().take(most).take_while(|command| {
            let before = bytes;
            bytes += command.bytes();
            before < most_bytes
        });
        let fits = fits.count();
        self.commands.drain(..fits).collect()
    }

    pub fn put_back(&mut self, commands: Vec<Box<dyn Command>>) {
        for command in commands.into_iter().rev() {
            self.commands.push_front(command);
        }
    }

    /// Another try failed, or the first.
    pub fn postpone(&mut self, fault: Fault) {
        let pause = self.waiting.as_ref().map_or(FIRST_PAUSE, |last| (last.pause * 2).min(LONGEST_PAUSE));
        self.waiting = Some(Waiting { fault, pause, due: Instant::now() + pause });
    }

    /// All are written.
    pub fn clear(&mut self) {
        self.waiting = None;
    }
}
