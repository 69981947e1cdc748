//! What no SDK gives: the host by its naked calls.
#![allow(unsafe_code)]

pub use wit_bindgen::{backpressure_inc, yield_blocking};

// A version that `std` does not use: two descriptions of one version would have to be the same.
mod wasi {
    wit_bindgen::generate!({
        inline: r#"
            package villain:villain;

            world pollables {
                import wasi:clocks/monotonic-clock@0.2.1;
            }

            package wasi:io@0.2.1 {
                interface poll {
                    resource pollable {
                        ready: func() -> bool;
                    }
                }
            }

            package wasi:clocks@0.2.1 {
                interface monotonic-clock {
                    use wasi:io/poll@0.2.1.{pollable};
                    type duration = u64;
                    subscribe-duration: func(when: duration) -> pollable;
                }
            }
        "#,
        generate_all,
    });
}

use wasi::wasi::clocks::monotonic_clock;
pub use wasi::wasi::io::poll::Pollable;

/// A handle of the host's that is ready in an hour.
pub fn pollable() -> Pollable {
    monotonic_clock::subscribe_duration(3_600_000_000_000)
}

/// The handle of this number, whosoever it is.
pub fn handle(number: u32) -> Pollable {
    // SAFETY: of memory there is nothing to be unsafe with; that the host judges the number is what is tested.
    unsafe { Pollable::from_handle(number) }
}

/// A list of pairs in memory, as the canonical ABI has it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Pair {
    key: *const u8,
    key_bytes: usize,
    value: *const u8,
    value_bytes: usize,
}

#[link(wasm_import_module = "connector:runtime/log@0.1.0")]
unsafe extern "C" {
    #[link_name = "write"]
    fn log_write(level: i32, message: *const u8, bytes: usize, fields: *const Pair, count: usize);
}

/// One log line with so many fields, all of which are the same bytes of memory: a list that is far larger on the host's
/// side than in the guest.
pub fn log_same_field(count: usize, value: &str) {
    let pair = Pair { key: value.as_ptr(), key_bytes: 1, value: value.as_ptr(), value_bytes: value.len() };
    let fields = vec![pair; count];
    // SAFETY: the list and the text live until the call returns, and the host only reads.
    unsafe { log_write(2, value.as_ptr(), 1, fields.as_ptr(), fields.len()) }
}

/// Takes so many pages of memory, says whether all of them were zero, and fills them.
pub fn fresh_pages(pages: usize) -> bool {
    const PAGE: usize = 65_536;
    let first = core::arch::wasm32::memory_grow(0, pages);
    if first == usize::MAX {
        return true;
    }
    // SAFETY: these pages are new, so nobody else uses them; linear memory is initialized as far as it goes.
    let memory = unsafe { std::slice::from_raw_parts_mut((first * PAGE) as *mut u8, pages * PAGE) };
    let fresh = memory.iter().all(|byte| *byte == 0);
    memory.fill(0xe7);
    std::hint::black_box(&memory);
    fresh
}
