//! How often what was wanted was met.
use super::death::Over;
use crate::plan::{End, Launch, Life};

/// What was met, so that nobody believes in tests that never hit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deaths {
    pub(crate) kills: u32,
    pub(crate) stops: u32,
    pub(crate) at_call: u32,
    pub(crate) at_call_wanted: u32,
    pub(crate) disk_faults: u32,
    pub(crate) disk_faults_wanted: u32,
    /// Starts that a disk fault prevented.
    pub(crate) refused: u32,
}

impl Deaths {
    pub(super) fn count(&mut self, life: &Life, over: &Over, injected: bool) {
        match life.end {
            End::Stop => self.stops += 1,
            End::AtCall | End::Kill(_) | End::KillWhileStopping(_) => self.kills += 1,
        }
        match life.launch {
            Launch::KillAt(..) => {
                self.at_call_wanted += 1;
                self.at_call += u32::from(over.at_call);
            }
            Launch::Broken(..) | Launch::Full(..) => {
                self.disk_faults_wanted += 1;
                self.disk_faults += u32::from(injected);
                self.refused += u32::from(over.refused);
            }
            Launch::Plain => {}
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.stops += other.stops;
        self.at_call += other.at_call;
        self.at_call_wanted += other.at_call_wanted;
        self.disk_faults += other.disk_faults;
        self.disk_faults_wanted += other.disk_faults_wanted;
        self.refused += other.refused;
    }
}
