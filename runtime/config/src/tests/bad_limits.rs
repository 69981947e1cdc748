//! Limits and bounds that are wrong, with their exact reports.
use crate::Config;

#[test]
fn every_bad_limit_gets_a_report_that_names_the_place_and_what_to_do() {
    for (text, expected) in FILES {
        let report = Config::parse(text.trim_start(), "f.toml").expect_err(text).to_string();
        assert_eq!(report, expected.trim(), "\n--- {text}\n--- said:\n{report}");
    }
}

const FILES: &[(&str, &str)] = &[
    // The bound may stand behind what it bounds.
    (
        r#"
[connectors.x.accounts.a]
limits = { sockets = 9, timers = 3, cpu_percent = 20 }
[limits]
timers = 3
keys = 4
[limits.most]
sockets = 8
timers = 2
keys = 4
"#,
        r#"
f.toml:2:22: connectors.x.accounts.a.limits.sockets: 9 is over the bound of 8 (f.toml:7:11: limits.most.sockets); write 0 to 8, or raise that bound
2 | limits = { sockets = 9, timers = 3, cpu_percent = 20 }
  |                      ^
f.toml:2:34: connectors.x.accounts.a.limits.timers: 3 is over the bound of 2 (f.toml:8:10: limits.most.timers); write 0 to 2, or raise that bound
2 | limits = { sockets = 9, timers = 3, cpu_percent = 20 }
  |                                  ^
f.toml:4:10: limits.timers: 3 is over the bound of 2 (f.toml:8:10: limits.most.timers); write 0 to 2, or raise that bound
4 | timers = 3
  |          ^
"#,
    ),
    (
        r#"
limits = { most = { idle_seconds = 60, memory_mib = 64, start_seconds = 5 }, idle_seconds = 0, memory_mib = 65 }
connectors.x.accounts.a.limits = { idle_seconds = 61, memory_mib = 2048, start_seconds = 6 }
"#,
        r#"
f.toml:1:93: limits.idle_seconds: 0 is over the bound of 60 (f.toml:1:36: limits.most.idle_seconds); write 1 to 60, or raise that bound
1 | ory_mib = 64, start_seconds = 5 }, idle_seconds = 0, memory_mib = 65 }
  |                                                   ^
f.toml:1:109: limits.memory_mib: 65 is over the bound of 64 (f.toml:1:53: limits.most.memory_mib); write 1 to 64, or raise that bound
1 | art_seconds = 5 }, idle_seconds = 0, memory_mib = 65 }
  |                                                   ^^
f.toml:2:51: connectors.x.accounts.a.limits.idle_seconds: 61 is over the bound of 60 (f.toml:1:36: limits.most.idle_seconds); write 1 to 60, or raise that bound
2 | connectors.x.accounts.a.limits = { idle_seconds = 61, memory_mib = 2048, start_seconds = 6 }
  |                                                   ^^
f.toml:2:68: connectors.x.accounts.a.limits.memory_mib: 2048 is out of range; write 1 to 1024
2 | connectors.x.accounts.a.limits = { idle_seconds = 61, memory_mib = 2048, start_seconds = 6 }
  |                                                                    ^^^^
f.toml:2:90: connectors.x.accounts.a.limits.start_seconds: 6 is over the bound of 5 (f.toml:1:73: limits.most.start_seconds); write 1 to 5, or raise that bound
2 | connectors.x.accounts.a.limits = { idle_seconds = 61, memory_mib = 2048, start_seconds = 6 }
  |                                                                                          ^
"#,
    ),
    (
        r#"
[limits.most]
cpu_percent = 101
sockets = "many"
stop_second = 5
parts = 32
[connectors.x.accounts.a.limits]
cpu_percent = 100
sockets = 256
"#,
        r#"
f.toml:2:15: limits.most.cpu_percent: 101 is out of range; write 1 to 100
2 | cpu_percent = 101
  |               ^^^
f.toml:3:11: limits.most.sockets: a string cannot stand here; write a whole number, 0 to 256
3 | sockets = "many"
  |           ^^^^^^
f.toml:4:1: limits.most.stop_second: unknown key; did you mean stop_seconds?
4 | stop_second = …
  | ^^^^^^^^^^^
f.toml:5:1: limits.most.parts: unknown key; write one of max_in_flight, memory_mib, handler_seconds, start_seconds, stop_seconds, cpu_ms, cpu_percent, table_elements, handles, host_calls, host_call_seconds, host_call_kib, mailbox_events, mailbox_kib, idle_seconds, sockets, dials_per_minute, requests, timers, log_lines_per_10s, dispatches, dispatches_per_minute, retry_hours, failures, quarantine_minutes, store_keys, store_kib, keys, publish_keys, publish_kib
5 | parts = …
  | ^^^^^
"#,
    ),
    (
        r#"
[limits]
most = 64
host_call = 1
[connectors.x.accounts.a.limits]
most = { sockets = 8 }
dispatches_per_second = 100
"#,
        r#"
f.toml:2:8: limits.most: an integer cannot stand here; write a table of limits, such as { max_in_flight = 64 }
2 | most = 64
  |        ^^
f.toml:3:1: limits.host_call: unknown key; did you mean host_calls?
3 | host_call = …
  | ^^^^^^^^^
f.toml:5:1: connectors.x.accounts.a.limits.most: only the file as a whole has bounds; write [limits.most], or remove it
5 | most = { sockets = … }
  | ^^^^
f.toml:6:1: connectors.x.accounts.a.limits.dispatches_per_second: unknown key; did you mean dispatches_per_minute?
6 | dispatches_per_second = …
  | ^^^^^^^^^^^^^^^^^^^^^
"#,
    ),
];
