//! Figures side by side.

/// The runtime's figure, the native one, and the first over the second.
pub fn head(title: &str) {
    println!("\n{title}");
    println!("{:<34}{:>12}{:>12}{:>10}", "", "runtime", "native", "ratio");
}

pub fn row(what: &str, runtime: f64, native: f64) {
    let ratio = if native > 0.0 { format!("{:.2}", runtime / native) } else { "–".into() };
    println!("{what:<34}{:>12}{:>12}{ratio:>10}", number(runtime), number(native));
}

/// Two figures that are no ratio of each other.
pub fn head_of(title: &str, [left, right]: [&str; 2]) {
    println!("\n{title}");
    println!("{:<34}{left:>12}{right:>12}", "");
}

pub fn plain(what: &str, left: f64, right: f64) {
    println!("{what:<34}{:>12}{:>12}", number(left), number(right));
}

/// The middle one.
///
/// # Panics
/// There is none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value that this part of the others lies below.
///
/// # Panics
/// There is none.
pub fn quantile(values: impl IntoIterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}

/// Three digits that matter.
pub fn number(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        middle if middle < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
