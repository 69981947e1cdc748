//! A panic is a line of the log, and takes its way: what the standard library would do is to write to standard error and
//! wait for as long as nobody reads there.
use crate::outlet::Outlet;
use crate::text::{TEXT_BYTES, at_most};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::{panic, thread};
use tracing::Level;

/// NB: not by way of `tracing`. The panic may have come out of it, with its locks held.
pub fn report(outlet: Outlet) {
    panic::set_hook(Box::new(move |panic| {
        let cause = at_most(panic.payload_as_str().unwrap_or("of no text"), TEXT_BYTES);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = thread::current();
        let mut fields =
            vec![("blame", "host"), ("place", &*place), ("thread", thread.name().unwrap_or_default())];
        // By RUST_BACKTRACE.
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| format!("\n{trace}"));
        fields.extend(trace.as_deref().map(|trace| ("backtrace", trace)));
        outlet.say(Level::ERROR, &format!("panic: {cause}"), &fields);
    }));
}
