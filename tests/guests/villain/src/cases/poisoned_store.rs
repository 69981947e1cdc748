//! Row 32, door `on_fire`, reached by itself. Writes a marker into a static and all over pages that it takes, and
//! panics; the next instance looks for it. After three deaths it behaves well.
//!
//! Must happen: "panicked", three times. Each start finds its memory as new: the status is `fresh`; never "MEMORY WAS
//! REUSED".
use crate::case::{Case, Setting};
use crate::raw::fresh_pages;
use crate::tricks::ms;
use sdk::{Disposition, Event, StartError, log, status, store, timers};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[derive(Default)]
pub struct Villain;

static MARKER: AtomicU32 = AtomicU32::new(0);

/// 8 MiB: where the pages of the instance before were.
const PAGES: usize = 128;

impl Case for Villain {
    async fn start(&self, _: &Setting) -> Result<(), StartError> {
        let fresh = (MARKER.load(Relaxed) == 0) & fresh_pages(PAGES);
        if fresh {
            status::report(status::State::Connected, Some("fresh"));
        } else {
            log::error!("MEMORY WAS REUSED");
            status::report(status::State::Failed, Some("MEMORY WAS REUSED"));
        }
        let deaths = store::get_json::<u64>("deaths").await?.unwrap_or(0);
        log::info!("looked at its memory", fresh = fresh, deaths = deaths);
        if deaths < 3 {
            timers::once(&format!("death {deaths}"), ms(100))?;
        }
        Ok(())
    }

    async fn on_fire(&self, event: Event, _: String) -> Disposition {
        if event.attempt > 1 {
            return Disposition::Done;
        }
        let deaths = store::get_json::<u64>("deaths").await.ok().flatten().unwrap_or(0);
        drop(store::set_json("deaths", &(deaths + 1)).await);
        MARKER.store(0xbad, Relaxed);
        panic!("the store is poisoned")
    }
}
