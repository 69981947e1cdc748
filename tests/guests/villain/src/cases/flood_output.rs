//! Row 9, door `on_fire`, reached by itself. As `flood_log`, by standard output and standard error.
//!
//! Must happen: as `flood_log`. A line is cut into pieces of a kilobyte.
use crate::case::{Case, Needs, TIMER};
use crate::tricks::{ODD, turn};
use sdk::{Disposition, Event, log};
use std::cell::Cell;

#[derive(Default)]
pub struct Villain {
    begun: Cell<bool>,
}

impl Case for Villain {
    const NEEDS: Needs = TIMER;

    async fn on_fire(&self, _: Event, _: String) -> Disposition {
        if !self.begun.replace(true) {
            for odd in ODD {
                println!("{odd}");
                eprintln!("{odd}");
            }
            print!("half a line, and then");
            eprintln!(" \n another one");
            return Disposition::Done;
        }
        // Some bytes at a time: standard output has a call for every 4 KiB, and each may keep the CPU for only so long.
        for number in 0..4096 {
            print!("{}", "forged-by-villain ".repeat(1024 / 18));
            if number % 64 == 0 {
                turn().await;
            }
        }
        for number in 0..1_000_000 {
            println!("line {number}");
            eprintln!("line {number}");
            if number % 100 == 0 {
                turn().await;
            }
        }
        log::info!("the flood is over");
        Disposition::Done
    }
}
