//! Components that no SDK would make: each breaks one rule of the sandbox, and says in its head which, at which door,
//! and what the host must do about it (`shared/ADVERSARIAL.md` has the rows).
//!
//! Made on the host from text or byte by byte, so that a test needs no compiler for guests. Use when the host must
//! survive something that a compiler would not write. Not for what Rust can say: `tests/guests` has `imp` and
//! `trapper` for that.
mod bytes;
mod cases;
mod guest;
mod pingpong;
mod well_behaved;

pub use cases::{CASES, INVALID, Make};
pub use well_behaved::{component as well_behaved, neighbour, table};

/// The id under which a case describes itself, where it comes so far: its name with `-` for `_`.
pub fn id(case: &str) -> String {
    case.replace('_', "-")
}

#[cfg(test)]
mod tests;
