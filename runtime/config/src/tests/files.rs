//! Files by themselves.
use crate::{Config, Limits, MAX_FILE_BYTES};

#[test]
fn a_file_that_says_nothing_is_right_and_has_the_defaults() {
    let config = Config::parse("# nothing\n", "f.toml").unwrap();
    assert_eq!(config.limits, Limits::default());
    assert_eq!(Config::empty().limits, config.limits);
}

#[test]
fn an_accounts_limits_override_those_of_the_file() {
    let text = "
[limits]
sockets = 2
timers = 3
[connectors.x.accounts.a]
tenant = \"acme\"
limits = { timers = 4 }
[connectors.x.accounts.b]
[connectors.y]
enabled = false
[connectors.y.accounts.a]
";
    let config = Config::parse(text, "f.toml").unwrap();
    let accounts = config.instances_of("x").unwrap();
    let seen: Vec<_> = accounts
        .iter()
        .map(|account| (account.id().to_string(), account.limits.sockets, account.limits.timers))
        .collect();
    assert_eq!(seen, [("acme/x/a".into(), 2, 4), ("default/x/b".into(), 2, 3)]);
    assert!(config.instances_of("y").unwrap().is_empty() && !config.is_enabled("y"));
    assert!(config.instances_of("z").unwrap().iter().all(|account| !account.is_in_file()));
    assert!(config.instances_of("../z").is_err());
}

#[test]
fn the_store_and_the_patience_of_an_instance_can_be_set() {
    let limits = |text: &str| {
        let config = Config::parse(text, "f.toml").unwrap();
        let limits = config.instances_of("x").unwrap()[0].limits;
        assert_eq!(limits.keys, 64);
        (limits.retry_hours, limits.store_keys, limits.store_kib)
    };
    assert_eq!(limits(""), (24, 10_000, 16_384));
    assert_eq!(limits("limits = { retry_hours = 1, store_keys = 0, store_kib = 0 }"), (1, 0, 0));
    let account = "connectors.x.accounts.a.limits";
    let most = "{ retry_hours = 168, store_keys = 1_000_000, store_kib = 1_048_576 }";
    assert_eq!(limits(&format!("limits.store_keys = 5\n{account} = {most}")), (168, 1_000_000, 1_048_576));
    assert_eq!(limits(&format!("limits.store_keys = 5\n{account}.retry_hours = 2")), (2, 5, 16_384));
}

#[test]
fn a_connector_that_no_component_has_is_reported_with_what_was_meant() {
    let config =
        Config::parse("[connectors.occumm]\n[connectors.pier]\n[connectors.x]\nenabled = false\n", "f.toml")
            .unwrap();
    let said = super::lines(&config.unknown_connectors(&["occum"]));
    assert_eq!(
        said,
        r#"f.toml:1:13: connectors.occumm: unknown connector; loaded: occum; did you mean occum?
1 | [connectors.occumm]
  |             ^^^^^^
f.toml:2:13: connectors.pier: unknown connector; loaded: occum; name its component on the command line, or remove the table
2 | [connectors.pier]
  |             ^^^^"#
    );
    assert!(config.unknown_connectors(&["occumm", "pier"]).is_empty());
}

#[test]
fn a_file_that_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runtime.toml");
    let said = || Config::read(&path).unwrap_err().to_string();
    assert!(said().contains("runtime.toml: cannot be read: "), "{}", said());
    std::fs::write(&path, [b'#', 0xff]).unwrap();
    assert!(said().ends_with("runtime.toml: byte 1 is not UTF-8; save the file as UTF-8"), "{}", said());
    std::fs::write(&path, "#".repeat(MAX_FILE_BYTES + 1)).unwrap();
    assert!(said().contains("over the limit of 1048576 bytes"), "{}", said());
    std::fs::write(&path, "#".repeat(MAX_FILE_BYTES)).unwrap();
    assert!(Config::read(&path).is_ok());
}

#[test]
fn a_file_of_nothing_but_brackets_is_refused_and_not_a_crash() {
    for text in ["[".repeat(100_000), format!("a = {}", "[".repeat(100_000)), "a.".repeat(100_000)] {
        assert!(Config::parse(&text, "f.toml").is_err());
    }
    let deep = format!("connectors.x.accounts.a.config.a = {}1{}", "[".repeat(50), "]".repeat(50));
    let said = Config::parse(&deep, "f.toml").unwrap_err().to_string();
    assert!(said.contains("nested deeper than 32; flatten it"), "{said}");
}
