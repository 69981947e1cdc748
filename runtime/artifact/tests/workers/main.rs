//! Children that misbehave in every way, and a parent that does not notice.
//!
//! This program is its own child, so it has a `main` of its own where other tests have that of the test harness.
mod bombs;
mod caching;
mod child;
mod children;
mod ends;

use artifact::{Bounds, Workers};
use std::env;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant};

type Test = (&'static str, fn());

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    match arguments.next() {
        Some(word) if word == child::WORD => child::main(arguments),
        Some(word) if word == ends::PARENT => ends::parent(arguments),
        _ => run([children::TESTS, ends::TESTS, caching::TESTS, bombs::TESTS].concat()),
    }
}

/// As the harness does: those whose name has a word of the command line in it, or all.
fn run(tests: Vec<Test>) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let list = arguments.iter().any(|argument| argument == "--list");
    let words: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let mut failed = 0;
    for (name, test) in tests {
        if !words.is_empty() && !words.iter().any(|word| name.contains(*word)) {
            continue;
        }
        if list {
            println!("{name}: test");
            continue;
        }
        let begun = Instant::now();
        let passed = catch_unwind(test).is_ok();
        failed += usize::from(!passed);
        println!("test {name} ... {} ({:.1?})", if passed { "ok" } else { "FAILED" }, begun.elapsed());
    }
    match failed {
        0 => ExitCode::SUCCESS,
        failed => {
            println!("{failed} failed");
            ExitCode::FAILURE
        }
    }
}

/// A list that a forgotten test would not be in is noticed: the compiler calls the function unused.
macro_rules! tests {
    ($($name:ident)*) => {
        pub const TESTS: &[crate::Test] = &[$((stringify!($name), $name)),*];
    };
}
use tests;

const AMPLE: Bounds = Bounds { time: Duration::from_secs(60), memory_bytes: 1 << 30, at_once: 4 };

fn workers(bounds: Bounds) -> Workers {
    Workers::new(artifact::this_program().unwrap(), vec![child::WORD.into()], bounds)
}

/// What the house's guests need is on.
fn engine() -> wasmtime::Engine {
    let mut config = wasmtime::Config::new();
    config.wasm_component_model(true).wasm_component_model_async(true).epoch_interruption(true);
    wasmtime::Engine::new(&config).unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}
