//! `runtime status` for people.
use super::{ago, aligned, seconds, text};
use serde_json::Value;
use std::fmt::Write;

const HEADS: [&str; 10] = [
    "INSTANCE",
    "STATE",
    "PLATFORM",
    "LAST FRAME",
    "LAG",
    "IN FLIGHT+WAITING",
    "EVENTS",
    "RESTARTS",
    "NEXT START",
    "LAST FAILURE",
];

/// Of the innermost functions; all are in `--json`.
const MOST_FRAMES: usize = 4;

pub fn status(status: &Value) -> String {
    let instances = status["instances"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut rows = vec![HEADS.map(String::from)];
    rows.extend(instances.iter().map(row));
    let mut out = format!("runtime {} up {}\n", text(&status["version"]), seconds(&status["up_seconds"]));
    if let Some(detail) = status["agent"]["way"]["detail"].as_str() {
        let _ = writeln!(out, "agent: {}, {}", text(&status["agent"]["backend"]), super::clean(detail));
    }
    out.push('\n');
    out.push_str(&aligned(&rows));
    for instance in instances {
        notes(&mut out, instance);
    }
    if status["dead_letters"].as_u64().is_some_and(|count| count > 0) {
        let _ = writeln!(out, "\ndead letters: {} (see `runtime deadletters list`)", status["dead_letters"]);
    }
    if status["dead_letters"].is_null() {
        let _ = writeln!(out, "\ndead letters: not known, the journal does not answer");
    }
    for left in status["left_for_instances_that_do_not_run"].as_array().into_iter().flatten() {
        let (messages, letters) = (&left["messages"], &left["letters"]);
        let instance = text(&left["instance"]);
        let _ =
            writeln!(out, "\n{instance} does not run; {messages} messages and {letters} replies wait for it");
    }
    for preparing in status["preparing"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "\n{} is still being prepared", text(preparing));
    }
    for refused in status["refused"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "\n{} is refused: {}", text(&refused["component"]), text(&refused["why"]));
    }
    for missing in status["not_configured"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "\n{} is not configured:", text(&missing["instance"]));
        for what in missing["missing"].as_array().into_iter().flatten() {
            let _ = writeln!(out, "  {}", text(what).replace('\n', "\n  "));
        }
    }
    out
}

fn row(instance: &Value) -> [String; 10] {
    let health = &instance["health"];
    let rooms = &instance["rooms"];
    let last_frame = rooms["websocket"].as_object().into_iter().flatten();
    let last_frame =
        last_frame.filter_map(|(_, socket)| socket["last_frame_unix_ms"].as_u64()).max().filter(|ms| *ms > 0);
    [
        text(&instance["instance"]),
        text(&health["state"]),
        text(&rooms["status"]["state"]),
        last_frame.map_or("-".into(), ago),
        millis(&instance["lag_ms"]),
        format!("{}+{}", health["in_flight"], health["waiting"]),
        health["delivered"].to_string(),
        health["restarts"].to_string(),
        millis(&health["next_start_in_ms"]),
        text(&health["last_failure"]["class"]),
    ]
}

fn millis(value: &Value) -> String {
    match value.as_u64() {
        None => "-".into(),
        Some(ms @ 0..1000) => format!("{ms} ms"),
        Some(ms @ 1000..60_000) => format!("{:.1} s", ms as f64 / 1000.0),
        Some(ms) => super::duration(ms / 1000),
    }
}

/// What needs more room than a cell.
fn notes(out: &mut String, instance: &Value) {
    let health = &instance["health"];
    let mut lines = Vec::new();
    if let Some(detail) = instance["rooms"]["status"]["detail"].as_str() {
        lines.push(format!("says: {detail}"));
    }
    if let Some(failure) = health["last_failure"].as_object() {
        let when = failure["unix_ms"].as_u64().map_or("-".into(), ago);
        lines.push(format!(
            "last failure {when} ago: {} ({})",
            text(&failure["cause"]),
            text(&failure["door"])
        ));
        if let Some(said) = failure["said"].as_str() {
            lines.push(format!("  it wrote: {said}"));
        }
        for frame in failure["trace"].as_array().into_iter().flatten().take(MOST_FRAMES) {
            lines.push(format!("  in {}", text(frame)));
        }
    }
    if health["state"] == "quarantined" {
        lines.push(
            "quarantined: it failed too often in a row; `runtime restart` tries it again at once".into(),
        );
    }
    let hits = instance["limits_hit"].as_object().into_iter().flatten();
    let hits: Vec<String> = hits.map(|(limit, count)| format!("{limit} {count}")).collect();
    if !hits.is_empty() {
        lines.push(format!("limits it came up against: {}", hits.join(", ")));
    }
    if health["poison"].as_u64().is_some_and(|count| count > 0) {
        lines.push(format!("{} events set aside as poison", health["poison"]));
    }
    if let Some(trouble) = instance["rooms"]["agent"]["trouble"].as_str() {
        let open = &instance["rooms"]["agent"]["open"];
        lines.push(format!("the agent is not available ({open} open): {trouble}"));
    }
    for (name, socket) in instance["rooms"]["websocket"].as_object().into_iter().flatten() {
        if let Some(error) = socket["last_error"].as_str().filter(|error| !error.is_empty()) {
            lines.push(format!(
                "socket {name}: {}, {} reconnects, last error: {error}",
                text(&socket["state"]),
                socket["reconnects"]
            ));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{}:", text(&instance["instance"]));
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_table_tells_what_failed_and_what_is_missing() {
        let status = super::status(&json!({
            "version": "0.1.0", "up_seconds": 90, "dead_letters": 0,
            "instances": [{
                "instance": "default/imp/main",
                "lag_ms": 250, "limits_hit": { "timers": 7 },
                "health": { "state": "backing-off", "delivered": 3, "restarts": 2, "in_flight": 0, "waiting": 1, "poison": 1,
                    "last_failure": { "class": "panic", "cause": "panicked", "door": "timers on-fire, event 4, attempt 2",
                        "said": "panicked at src/lib.rs:4: no", "trace": ["imp::act at 0x12"], "unix_ms": 0 },
                    "next_start_in_ms": 1500 },
                "rooms": { "status": { "state": "connected", "detail": null }, "websocket": {} },
            }],
            "refused": [{ "component": "bomb.wasm", "why": "out of time" }],
            "not_configured": [{ "instance": "default/occum/default", "missing": ["secret agentToken"] }],
        }));
        for part in [
            "up 1 min",
            "default/imp/main  backing-off  connected",
            "250 ms",
            "1.5 s",
            "panicked (timers on-fire, event 4, attempt 2)",
            "  it wrote: panicked at src/lib.rs:4: no",
            "  in imp::act at 0x12",
            "limits it came up against: timers 7",
            "bomb.wasm is refused: out of time",
            "1 events set aside",
            "default/occum/default is not configured:\n  secret agentToken",
        ] {
            assert!(status.contains(part), "{part:?} is not in\n{status}");
        }
    }
}
