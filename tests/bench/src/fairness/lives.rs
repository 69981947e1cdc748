//! How long endless loops lived, by the log: from the villain's last word before one to the runtime's word for its end.
use super::hogs::HOG;
use serde_json::Value;

const DAY: f64 = 86_400.0;

/// In milliseconds, on the wall. A loop that was cut off by who steers it is none.
pub fn lives(log: &str) -> Vec<f64> {
    let mut begun = None;
    let mut lives = Vec::new();
    for line in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if line["connector"] != HOG {
            continue;
        }
        match line["message"].as_str().unwrap_or_default() {
            "begins to loop" | "begins to hash" => begun = second(&line),
            "the instance died" => {
                if let (Some(begun), Some(ended)) = (begun.take(), second(&line)) {
                    // It may have been midnight meanwhile.
                    lives.push((ended - begun).rem_euclid(DAY) * 1e3);
                }
            }
            "the instance died at the stop" => begun = None,
            _ => {}
        }
    }
    lives
}

/// Of the day: `2026-01-31T23:59:59.123456Z`.
fn second(line: &Value) -> Option<f64> {
    let (_, clock) = line["timestamp"].as_str()?.trim_end_matches('Z').split_once('T')?;
    clock.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(time: &str, connector: &str, message: &str) -> String {
        let timestamp = format!("2026-01-31T{time}Z");
        json!({ "timestamp": timestamp, "connector": connector, "message": message }).to_string() + "\n"
    }

    #[test]
    fn a_life_is_from_the_last_word_to_the_end_also_at_midnight() {
        let log = [
            line("23:59:59.900000", HOG, "begins to loop"),
            line("23:59:59.950000", "default/imp/default", "the instance died"),
            line("00:00:00.100000", HOG, "the instance died"),
            line("00:00:01.000000", HOG, "begins to hash"),
            line("00:00:01.211000", HOG, "the instance died"),
        ];
        let lives = lives(&log.concat());
        assert_eq!(lives.iter().map(|ms| ms.round()).collect::<Vec<_>>(), [200.0, 211.0]);
    }

    #[test]
    fn who_was_cut_off_and_who_never_looped_have_no_life() {
        let log = [
            line("10:00:00.000000", HOG, "begins to loop"),
            line("10:00:00.100000", HOG, "the instance died at the stop"),
            line("10:00:05.000000", HOG, "the instance died"),
            "no JSON\n".into(),
        ];
        assert!(lives(&log.concat()).is_empty());
    }
}
