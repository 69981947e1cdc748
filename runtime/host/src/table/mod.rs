//! What people read on a terminal.
mod dead;
mod keys;
mod status;

pub use dead::{dead_letter, dead_letters};
pub use keys::keys;
pub use status::status;

use ports::clock::epoch_ms;
use ports::log_budget::printable;
use serde_json::Value;
use std::fmt::Write;

/// Names and reasons may come from a component; they must not steer the terminal.
pub fn clean(text: &str) -> String {
    printable(text, usize::MAX)
}

/// Columns two spaces apart.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
    out
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".into(), str::to_owned)
}

fn seconds(value: &Value) -> String {
    duration(value.as_u64().unwrap_or(0))
}

fn ago(unix_ms: u64) -> String {
    duration(epoch_ms().saturating_sub(unix_ms) / 1000)
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
