//! `[telemetry]`: what is read, and what is wrong.
use crate::Config;

fn refused(text: &str) -> String {
    Config::parse(text, "f.toml").expect_err(text).to_string()
}

#[test]
fn who_says_nothing_is_not_counted_to_anybody() {
    assert_eq!(Config::parse("", "f.toml").unwrap().telemetry(), None);
    assert_eq!(Config::empty().telemetry(), None);
}

#[test]
fn every_address_of_this_machine_will_do() {
    for listen in ["127.0.0.1:9464", "127.0.0.2:0", "[::1]:9464"] {
        let config = Config::parse(&format!("telemetry.listen = \"{listen}\""), "f.toml").unwrap();
        assert_eq!(config.telemetry(), Some(listen.parse().unwrap()));
    }
}

#[test]
fn an_address_that_others_reach_is_refused_with_the_one_to_write() {
    assert_eq!(
        refused("[telemetry]\nlisten = \"0.0.0.0:9000\"\n"),
        r#"f.toml:2:10: telemetry.listen: other machines could read, without a password, which accounts there are and what they do; write "127.0.0.1:9000", and for others put a proxy before it that asks for one
2 | listen = "0.0.0.0:9000"
  |          ^^^^^^^^^^^^^^"#
    );
    for (listen, mine) in [
        ("[::]:1", "[::1]:1"),
        ("10.0.0.1:2", "127.0.0.1:2"),
        ("[fd00::1]:3", "[::1]:3"),
        ("[::ffff:10.0.0.1]:4", "[::1]:4"),
    ] {
        let said = refused(&format!("telemetry.listen = \"{listen}\""));
        assert!(said.contains(&format!("what they do; write \"{mine}\", ")), "{said}");
    }
}

#[test]
fn what_is_no_address_with_a_port_is_refused() {
    assert_eq!(
        refused("[telemetry]\nlisten = \"localhost:9464\"\nlisen = 1\n"),
        r#"f.toml:2:10: telemetry.listen: not an address with a port; write one such as "127.0.0.1:9464"
2 | listen = "localhost:9464"
  |          ^^^^^^^^^^^^^^^^
f.toml:3:1: telemetry.lisen: unknown key; did you mean listen?
3 | lisen = …
  | ^^^^^"#
    );
    for listen in ["", "127.0.0.1", "9464", ":9464", "http://127.0.0.1:9464", "127.0.0.1:65536"] {
        let said = refused(&format!("telemetry.listen = \"{listen}\""));
        assert!(said.contains("not an address with a port; write one such as \"127.0.0.1:9464\""), "{said}");
    }
}

#[test]
fn a_table_without_an_address_is_refused() {
    assert_eq!(
        refused("[telemetry]"),
        r#"f.toml:1:2: telemetry: listen is missing; write listen = "127.0.0.1:9464"
1 | [telemetry]
  |  ^^^^^^^^^"#
    );
    assert_eq!(
        refused("telemetry = true"),
        r#"f.toml:1:13: telemetry: a boolean cannot stand here; write a table such as { listen = "127.0.0.1:9464" }
1 | telemetry = true
  |             ^^^^"#
    );
    assert_eq!(
        refused("telemetry = { listen = 9464 }"),
        r#"f.toml:1:24: telemetry.listen: an integer cannot stand here; write "127.0.0.1:9464"
1 | telemetry = { listen = 9464 }
  |                        ^^^^"#
    );
}
