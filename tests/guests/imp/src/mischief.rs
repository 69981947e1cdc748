//! What a connector should not do.
use sdk::timers;
use std::hint::black_box;
use std::time::Duration;

pub async fn act(verb: &str, number: u64) -> Option<()> {
    match verb {
        "wait" => timers::sleep(Duration::from_millis(number)).await.ok()?,
        "stubborn" => loop {
            let _ = timers::sleep(Duration::from_millis(10)).await;
        },
        "panic" => panic!("told to"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(3),
        "spin" => loop {
            black_box(0);
        },
        "spin-calls" => loop {
            black_box(timers::now_ms());
        },
        "block" => std::thread::sleep(Duration::from_millis(number)),
        "recurse" => drop(black_box(recurse(0))),
        "grow" => {
            let mut kept = Vec::new();
            loop {
                kept.push(black_box(vec![1u8; 1 << 20]));
            }
        }
        "log" => (0..number).for_each(|n| sdk::log::info!("line {n}")),
        "print" => println!("printed {number}"),
        "bytes" => sdk::log::write(sdk::log::Level::Info, &"x".repeat(number as usize), &[]),
        "timers" => (0..number).for_each(|n| drop(timers::once(&format!("t{n}"), Duration::from_secs(3600)))),
        _ => {}
    }
    Some(())
}

fn recurse(n: u64) -> u64 {
    if n == u64::MAX { n } else { black_box(recurse(black_box(n + 1))) + 1 }
}

/// Reads all of its linear memory. Nothing in it is hidden from a guest, so a test may do what an attacker would.
#[allow(unsafe_code)]
pub fn memory_positions(masked: &[u8]) -> Vec<usize> {
    #[cfg(target_family = "wasm")]
    {
        let bytes = core::arch::wasm32::memory_size(0) * 65_536;
        // SAFETY: linear memory is readable from 1 to its end, and this guest has one thread, which only reads here.
        let memory = unsafe { std::slice::from_raw_parts(black_box(std::ptr::dangling::<u8>()), bytes - 1) };
        let is_it = |window: &[u8]| window.iter().zip(masked).all(|(byte, mask)| byte ^ 0x55 == *mask);
        memory
            .windows(masked.len().max(1))
            .enumerate()
            .filter(|(_, window)| is_it(window))
            .map(|(at, _)| at)
            .collect()
    }
    #[cfg(not(target_family = "wasm"))]
    {
        let _ = masked;
        Vec::new()
    }
}
