//! Row 9, door `on_fire`, reached by itself. First, in a handler of its own, lines that would like to be others:
//! escapes of terminals, new lines with a forged entry behind them, in messages, keys and values; and one line of 4
//! MiB. Then a million lines, with a turn of the event loop after every thousand.
//!
//! Must happen: it lives. 200 lines in ten seconds are written, the rest is counted (`log_lines_per_10s`) and said
//! once; no line of the log begins with what it wrote, "forged-by-villain" is never an entry of its own, no control
//! character is in the log, no line is longer than some kilobytes. A log writer that is blocked blocks nobody.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{ODD, turn};
use sdk::log::{self, Level};
use sdk::{Disposition, Event};
use std::cell::Cell;

#[derive(Default)]
pub struct Villain {
    begun: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        if !self.begun.replace(true) {
            forge();
            return Disposition::Done;
        }
        for number in 0..1_000_000 {
            log::info!("line {number}");
            if number % 1000 == 0 {
                turn().await;
            }
        }
        log::info!("the flood is over");
        Disposition::Done
    }
}

fn forge() {
    for odd in ODD {
        log::write(Level::Info, odd, &[(odd.to_string(), odd.to_string())]);
    }
    let pair = |key: &str| (key.to_owned(), "forged-by-villain".to_owned());
    // Names that the host's own lines use.
    log::write(
        Level::Info,
        "keys of the host",
        &["level", "message", "connector", "blame", "event"].map(pair),
    );
    log::write(Level::Info, &"forged-by-villain ".repeat(4 << 20 >> 4), &[]);
}
