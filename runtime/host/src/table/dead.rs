//! `runtime deadletters` for people.
use super::{ago, aligned, clean, text};
use serde_json::Value;
use std::fmt::Write;

const HEADS: [&str; 6] = ["ID", "SINCE", "INSTANCE", "WHAT", "ATTEMPTS", "REASON"];

/// The reason of a line; `show` has all of it.
const REASON_CHARS: usize = 100;

pub fn dead_letters(letters: &Value) -> String {
    let letters = letters.as_array().map(Vec::as_slice).unwrap_or_default();
    if letters.is_empty() {
        return "no dead letters\n".into();
    }
    let mut rows = vec![HEADS.map(String::from)];
    rows.extend(letters.iter().map(row));
    aligned(&rows)
}

pub fn dead_letter(letter: &Value) -> String {
    let [id, since, instance, what, attempts, reason] = HEADS;
    let line = row(letter);
    let reason_whole = clean(&text(&letter["reason"]));
    let mut out = String::new();
    for (head, value) in [id, since, instance, what, attempts, reason].iter().zip(&line[..5]) {
        let _ = writeln!(out, "{:9} {value}", head.to_lowercase());
    }
    let _ = writeln!(out, "{:9} {reason_whole}", reason.to_lowercase());
    let history = letter["history"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !history.is_empty() {
        out.push_str("history\n");
    }
    for setback in history {
        let _ = writeln!(out, "  {} ago: {}", since_ms(&setback["at_ms"]), clean(&text(&setback["what"])));
    }
    let body = serde_json::to_string_pretty(&letter["body"]).unwrap_or_default();
    out.push_str("body\n");
    for line in body.lines() {
        let _ = writeln!(out, "  {}", clean(line));
    }
    out
}

fn row(letter: &Value) -> [String; 6] {
    let reason = clean(&text(&letter["reason"]));
    let short: String = reason.chars().take(REASON_CHARS).collect();
    let cut = if short.len() < reason.len() { "…" } else { "" };
    [
        letter["id"].to_string(),
        since_ms(&letter["unix_ms"]),
        text(&letter["instance"]),
        clean(&format!("{}: {}", text(&letter["room"]), text(&letter["what"]))),
        letter["attempts"].to_string(),
        format!("{short}{cut}"),
    ]
}

fn since_ms(value: &Value) -> String {
    value.as_u64().map_or("-".into(), ago)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_list_is_short_and_one_letter_is_shown_whole() {
        let reason = "not posted: ".to_owned() + &"x".repeat(200);
        let letter = json!({
            "id": 7, "instance": "default/occum/default", "room": "agent", "what": "block of an answer to c1",
            "reason": reason, "unix_ms": 0, "attempts": 3, "deaths": 2,
            "history": [{ "at_ms": 0, "what": "the instance died of it: \u{1b}[31mpanicked" }],
            "body": { "kind": "reply" },
        });
        let list = super::dead_letters(&json!([letter]));
        assert!(
            list.contains("7   ") && list.contains("agent: block of an answer to c1") && list.contains('…')
        );
        let shown = super::dead_letter(&letter);
        assert!(
            shown.contains(&reason) && shown.contains("panicked") && shown.contains("\"kind\": \"reply\"")
        );
        assert!(!shown.contains('\u{1b}'), "nothing steers the terminal");
        assert_eq!(super::dead_letters(&json!([])), "no dead letters\n");
    }
}
