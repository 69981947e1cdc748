//! What was measured, a line for each hog.
use super::stage::{Deeds, Samples};
use crate::table::{number, quantile};

pub struct Outcome {
    pub hog: &'static str,
    pub alone: Samples,
    pub beside: Samples,
    pub deeds: Deeds,
}

pub fn print(outcomes: &[Outcome]) {
    compare("Frame to handler and a frame back, µs", outcomes, |samples| &samples.frames);
    compare("A message to the echo agent and back, ms", outcomes, |samples| &samples.messages);
    println!(
        "\nThe hogs: % of a core while they were loose, how often they were ended, limits that they hit"
    );
    for Outcome { hog, deeds, .. } in outcomes {
        println!("{hog:<20}{:>8}{:>8}   {}", number(deeds.cpu), deeds.failures, deeds.limits);
    }
    println!("\nEndless loops: ms until they were ended; the aim is 250");
    println!("{:<20}{:>8}{:>8}{:>8}", "", "loops", "p50", "max");
    for Outcome { hog, deeds, .. } in outcomes.iter().filter(|outcome| !outcome.deeds.lives.is_empty()) {
        let [half, most] = [0.5, 1.0].map(|part| number(quantile(deeds.lives.iter().copied(), part)));
        println!("{hog:<20}{:>8}{half:>8}{most:>8}", deeds.lives.len());
    }
}

fn compare(what: &str, outcomes: &[Outcome], of: fn(&Samples) -> &[f64]) {
    println!("\n{what}: alone, and beside one hog; the aim for the ratio of the p99 is 1.10");
    let [count, alone, beside, ratio] = ["count", "alone", "beside", "ratio"];
    println!("{:<28}{:>25}{:>27}", "", "p50", "p99");
    println!("{:<20}{count:>8}{alone:>9}{beside:>9}{ratio:>7}{alone:>11}{beside:>9}{ratio:>7}", "");
    for outcome in outcomes {
        let at = |samples, part| quantile(of(samples).iter().copied(), part);
        let pair = |part| (at(&outcome.alone, part), at(&outcome.beside, part));
        let ((alone, beside), (alone_99, beside_99)) = (pair(0.5), pair(0.99));
        println!(
            "{:<20}{:>8}{:>9}{:>9}{:>7.2}{:>11}{:>9}{:>7.2}",
            outcome.hog,
            // Of the side that has fewer.
            of(&outcome.alone).len().min(of(&outcome.beside).len()),
            number(alone),
            number(beside),
            beside / alone,
            number(alone_99),
            number(beside_99),
            beside_99 / alone_99,
        );
    }
}
