//! `[limits]`, its bounds, and an account's own. What is wrong is in `bad_limits`.
use crate::limits::RULES;
use crate::{Config, Limits};
use ports::limit::Limit;
use std::collections::BTreeSet;

/// Nobody comes up against these: at their end an instance sleeps, an event goes to the dead letters, and a quarantine
/// ends.
const PERIODS: [&str; 3] = ["idle_seconds", "quarantine_minutes", "retry_hours"];

fn config(text: &str) -> Config {
    Config::parse(text, "f.toml").unwrap_or_else(|report| panic!("{report}"))
}

/// Of the account `a` of `x`.
fn limits(text: &str) -> Limits {
    config(&format!("{text}\n[connectors.x.accounts.a]\n")).instances_of("x").unwrap()[0].limits
}

#[test]
fn each_limit_that_can_be_hit_can_be_set_and_the_other_way_round() {
    let hit: BTreeSet<&str> = Limit::ALL.iter().map(|limit| limit.name()).collect();
    let set: BTreeSet<&str> = Limits::NAMES.iter().copied().filter(|name| !PERIODS.contains(name)).collect();
    assert_eq!(hit, set);
    assert_eq!(set.len() + PERIODS.len(), Limits::NAMES.len());
}

#[test]
fn each_limit_has_its_own_name_and_a_default_within_its_range() {
    let defaults = Limits::default();
    for (name, rule) in Limits::NAMES.iter().zip(&RULES) {
        assert_eq!(*name, rule.name);
        assert!(rule.range.contains(&defaults.get(name).unwrap()), "{name}");
    }
    assert_eq!(defaults.get("cpu_percent"), Some(50));
    assert_eq!((defaults.get("parts"), defaults.get("most")), (None, None));
}

#[test]
fn each_limit_can_be_set_to_both_ends_of_its_range_and_no_further() {
    for rule in &RULES {
        let name = rule.name;
        for end in [*rule.range.start(), *rule.range.end()] {
            let expected = |of: &str| if of == name { Some(end) } else { Limits::default().get(of) };
            let account = format!("connectors.x.accounts.b.limits.{name} = {end}");
            let own = config(&account).instances_of("x").unwrap()[0].limits;
            for said in [limits(&format!("limits.{name} = {end}")), own] {
                assert!(Limits::NAMES.iter().all(|of| said.get(of) == expected(of)), "{name} = {end}");
            }
        }
        for beyond in [i64::from(*rule.range.start()) - 1, i64::from(*rule.range.end()) + 1] {
            for table in ["limits", "limits.most", "connectors.x.accounts.a.limits"] {
                let said = Config::parse(&format!("{table}.{name} = {beyond}"), "f.toml").unwrap_err();
                let expected = format!("{table}.{name}: {beyond} is out of range; write ");
                assert!(said.to_string().contains(&expected), "{said}");
            }
        }
    }
}

#[test]
fn an_account_may_go_as_far_as_its_bound() {
    let text = "
[limits]
sockets = 4
most = { sockets = 8 }
[connectors.x.accounts.a]
limits = { sockets = 8 }
[connectors.x.accounts.b]
limits = { timers = 4096 }
";
    let accounts = config(text).instances_of("x").unwrap();
    let seen: Vec<_> =
        accounts.iter().map(|account| (account.limits.sockets, account.limits.timers)).collect();
    assert_eq!(seen, [(8, 64), (4, 4096)]);
}

#[test]
fn a_default_that_nobody_wrote_is_lowered_to_its_bound() {
    for rule in &RULES {
        // 0 idle seconds are forever.
        let least = (*rule.range.start()).max(1);
        let text = format!("limits.most.{} = {least}", rule.name);
        assert_eq!(limits(&text).get(rule.name), Some(least), "of an account");
        assert_eq!(config(&text).limits.get(rule.name), Some(least), "of the file");
        assert_eq!(config(&text).instances_of("y").unwrap()[0].limits.get(rule.name), Some(least));
        let most = format!("limits.most.{} = {}", rule.name, rule.range.end());
        if rule.name != "idle_seconds" {
            assert_eq!(limits(&most), Limits::default(), "a bound raises nothing");
        }
    }
}

#[test]
fn to_sleep_never_is_more_than_any_time() {
    assert_eq!(limits("limits.most.idle_seconds = 0").idle_seconds, 0);
    assert_eq!(limits("limits.most.idle_seconds = 60").idle_seconds, 60);
    let account = "connectors.x.accounts.b.limits.idle_seconds";
    for (most, own) in [(0, 86400), (0, 0), (60, 60), (60, 1)] {
        let text = format!("limits.most.idle_seconds = {most}\n{account} = {own}");
        assert_eq!(config(&text).instances_of("x").unwrap()[0].limits.idle_seconds, own);
    }
}
