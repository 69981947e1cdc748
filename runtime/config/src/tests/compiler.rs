//! `[compiler]`: what is read, and what is wrong.
use crate::{CompilerSettings, Config};

fn refused(text: &str) -> String {
    Config::parse(text, "f.toml").expect_err(text).to_string()
}

#[test]
fn who_says_nothing_has_the_defaults() {
    let defaults = CompilerSettings { seconds: 120, memory_mib: 2048, at_once: 1, others_wait_seconds: 15 };
    for text in ["", "[compiler]", "compiler = { at_once = 1 }"] {
        assert_eq!(Config::parse(text, "f.toml").unwrap().compiler(), defaults, "{text}");
    }
    assert_eq!(Config::empty().compiler(), defaults);
}

#[test]
fn every_key_is_taken_as_it_is_written() {
    for (seconds, memory_mib, at_once, others_wait_seconds) in [(1, 256, 1, 0), (3600, 65536, 64, 3600)] {
        let text = format!(
            "[compiler]\nseconds = {seconds}\nmemory_mib = {memory_mib}\nat_once = {at_once}\n\
             others_wait_seconds = {others_wait_seconds}\n"
        );
        let settings = Config::parse(&text, "f.toml").unwrap().compiler();
        assert_eq!(settings, CompilerSettings { seconds, memory_mib, at_once, others_wait_seconds });
    }
}

#[test]
fn what_is_out_of_range_or_unknown_is_refused() {
    assert_eq!(
        refused("[compiler]\nseconds = 0\nmemory_mib = 255\nat_once = 0\nat_onse = 1\n"),
        r#"f.toml:2:11: compiler.seconds: 0 is out of range; write 1 to 3600
2 | seconds = 0
  |           ^
f.toml:3:14: compiler.memory_mib: 255 is out of range; write 256 to 65536
3 | memory_mib = 255
  |              ^^^
f.toml:4:11: compiler.at_once: 0 is out of range; write 1 to 64
4 | at_once = 0
  |           ^
f.toml:5:1: compiler.at_onse: unknown key; did you mean at_once?
5 | at_onse = …
  | ^^^^^^^"#
    );
    assert_eq!(
        refused("compiler = { seconds = 3601, memory_mib = 65537, at_once = \"all\" }"),
        r#"f.toml:1:24: compiler.seconds: 3601 is out of range; write 1 to 3600
1 | compiler = { seconds = 3601, memory_mib = 65537, at_once = "all" }
  |                        ^^^^
f.toml:1:43: compiler.memory_mib: 65537 is out of range; write 256 to 65536
1 | compiler = { seconds = 3601, memory_mib = 65537, at_once = "all" }
  |                                           ^^^^^
f.toml:1:60: compiler.at_once: a string cannot stand here; write a whole number, 1 to 64
1 | compiler = { seconds = 3601, memory_mib = 65537, at_once = "all" }
  |                                                            ^^^^^"#
    );
    assert_eq!(
        refused("compiler = 2"),
        r#"f.toml:1:12: compiler: an integer cannot stand here; write a table such as { seconds = 120 }
1 | compiler = 2
  |            ^"#
    );
}
