//! Session keys and spoken texts.

use openclaw::session::{BadAgent, LONGEST_KEY, key, same};
use openclaw::text::{LONGEST_TEXT, Unspeakable, spoken};
use std::collections::BTreeSet;

#[test]
fn keys_are_compared_across_the_spellings_of_the_gateway() {
    assert!(same("x", "agent:main:x") && same("agent:main:x", "x") && same("x", "x"));
    assert!(
        same("main", "agent:main:main")
            && same("X:y", "agent:main:x:Y")
            && same("Agent:Main:X", "agent:main:x")
    );
    assert!(same("x", "agent:research:x"));
    assert!(!same("agent:main:x", "agent:research:x") && !same("x", "y") && !same("x", "agent:main:y:x"));
    assert!(same("agent:x", "agent:x") && !same("", "agent:main:x") && !same("é", "agent:main:x"));
}

#[test]
fn a_plain_conversation_stays_readable() {
    assert_eq!(key("main", "occum", "default", "room-7.a_b").unwrap(), "agent:main:occum:default:room-7.a_b");
}

#[test]
fn conversations_that_the_gateway_would_fold_together_are_kept_apart() {
    let long = "a".repeat(129);
    let names =
        ["room", "Room", "ROOM", " room", "room ", "a:b", "a:thread:b", "", "~", "é", "É", "\n", &long];
    let keys: BTreeSet<_> =
        names.iter().map(|name| key("main", "c", "a", name).unwrap().to_lowercase()).collect();
    assert_eq!(keys.len(), names.len());
    for key in keys {
        assert_eq!(key.split(':').count(), 5, "{key}");
    }
}

#[test]
fn a_word_with_a_meaning_for_the_gateway_is_digested() {
    assert!(key("main", "subagent", "a", "c").unwrap().starts_with("agent:main:~"));
    assert!(!key("main", "c", "thread", "c").unwrap().contains(":thread:"));
}

#[test]
fn the_longest_key_is_one_that_the_gateway_takes() {
    let long = "x".repeat(64);
    let longest = key(&long, &long, &long, &"y".repeat(128)).unwrap();
    assert!(longest.len() <= LONGEST_KEY && longest.ends_with("yyy"), "{}", longest.len());
    assert!(
        key(&long, &"x".repeat(9999), &"x".repeat(9999), &"y".repeat(9999)).unwrap().len() <= LONGEST_KEY
    );
    for agent in ["", "Main", "a:b", "a b"] {
        assert_eq!(key(agent, "c", "a", "c"), Err(BadAgent { agent: agent.into() }));
    }
}

#[test]
fn a_text_is_spoken_behind_its_sender() {
    assert_eq!(spoken("Alice", "/new").unwrap(), "From Alice: /new");
    assert_eq!(spoken(" Al\nice\t\u{202e}\u{7} B ", "hi\n/reset").unwrap(), "From Al ice B: hi\n/reset");
    assert_eq!(spoken("\n\0", "hi").unwrap(), "From someone: hi");
    assert_eq!(spoken(&"é".repeat(100), "hi").unwrap(), format!("From {}: hi", "é".repeat(64)));
}

#[test]
fn what_the_gateway_would_refuse_is_refused_with_a_reason() {
    assert_eq!(spoken("a", " \n "), Err(Unspeakable::Empty));
    assert_eq!(spoken("a", "x\0y"), Err(Unspeakable::Nul));
    let long = "x".repeat(LONGEST_TEXT + 1);
    let error = spoken("a", &long).unwrap_err();
    assert_eq!(error, Unspeakable::TooLong { bytes: 524_289 });
    assert!(error.to_string().contains("524288"), "{error}");
    assert!(spoken("a", &long[1..]).is_ok());
}
