//! A secret is in no report, error or `Debug`, wherever somebody wrote it.
use super::*;

const CANARY: &str = "canary-7f3a";

#[test]
fn a_value_is_in_no_debug_output() {
    let config = Config::parse(REQUESTED, "f.toml").unwrap();
    let outcome = checked(REQUESTED, &occum(), Options::default(), &token);
    assert!(matches!(outcome.verdict, Verdict::Ready(_)));
    assert!(!format!("{config:?} {outcome:?}").contains(CANARY));
}

#[test]
fn a_literal_secret_is_refused_with_the_line_to_write_instead() {
    let text = "connectors.occum.accounts.default.secrets.agentToken = \"canary-7f3a\" # mine";
    let report = Config::parse(text, "f.toml").unwrap_err();
    assert_eq!(
        report.to_string(),
        r#"f.toml:1:56: connectors.occum.accounts.default.secrets.agentToken: a secret's value does not belong in this file; write { env = "OCCUM_AGENT_TOKEN" } or { file = "/run/secrets/…" }
1 | connectors.occum.accounts.default.secrets.agentToken = … # mine
  |                                                        ^"#
    );
    assert!(!format!("{report:?}").contains(CANARY));
}

#[test]
fn a_secret_at_a_wrong_place_is_not_repeated() {
    let account = "connectors.occum.accounts.default";
    for text in [
        format!("{account}.secrets = \"{CANARY}\""),
        format!("{account}.secrets.agentToken = [\"{CANARY}\"]"),
        format!("{account}.secrets.agentToken = {{ env = \"{CANARY}\" }}"),
        format!("{account}.secrets.agentToken = {{ env = [\"{CANARY}\"] }}"),
        format!("{account}.secrets.agentToken = {{ value = \"{CANARY}\" }}"),
        format!("{account}.secrets.agentToken = '''\n{CANARY}\n'''"),
        format!("{account}.token = \"{CANARY}\""),
        format!("{account} = {{ config = {{ token = \"{CANARY}\" }}, secret = 1 }}"),
        format!("{account} = {{ config = {{ token = \"{CANARY}\", x = nan }} }}"),
        format!("token = \"{CANARY}\""),
        format!("{account}.grants.urls = [\"https://u:{CANARY}@a.test\", \"https://a.test/?k={CANARY}\"]"),
        format!("{account}.typo.token = \"{CANARY}\""),
        format!("agent = \"{CANARY}\""),
        format!("agent = [{{ api_key = \"{CANARY}\", x = nan }}]"),
        format!("agent = {{ backend = \"openai\", api_key = \"{CANARY}\" }}"),
        format!("agent = {{ backend = \"openai\", api_key = {{ env = \"sk-{CANARY}\" }} }}"),
        format!("agent = {{ backend = \"openai\", apikey = \"{CANARY}\" }}"),
        format!("agent = {{ backend = \"opnai\", api_key = \"{CANARY}\" }}"),
        format!("agent = {{ backend = 1, api_key = \"{CANARY}\" }}"),
        format!("agent = {{ api_key = \"{CANARY}\", x = 1 }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"https://u:{CANARY}@a.test\" }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"u:{CANARY}@a.test\" }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"https://a.test/?key={CANARY}\" }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"https://a.test/#{CANARY}\" }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"ftp://a.test/?k={CANARY}\" }}"),
        format!("agent = {{ backend = \"openai\", base_url = \"//a test/?k={CANARY}\" }}"),
        format!("a.b.c = [{{ d.e = \"{CANARY}\" }}]"),
        format!("{account}.secrets.agentToken.value = \"{CANARY}\""),
        format!("{account}.secrets.agentToken.value.x = \"{CANARY}\""),
        format!("{account}.secrets.agentToken.env.x = \"{CANARY}\""),
        format!("{account}.config.x.y = [\"{CANARY}\", nan]"),
        // Not TOML at all.
        format!("{account}.secrets.agentToken = {CANARY}"),
        format!("{account}.secrets.agentToken = \"{CANARY}"),
        format!("{account}.secrets.agentToken = \"\"\"\n{CANARY}\n"),
        format!("{account}.secrets.agentToken = \"\"\"\nx = \\{CANARY}\n\"\"\""),
        format!("{account}.secrets = {{ agentToken = \"{CANARY}\" \"x\" }}"),
        format!("{account}.secrets.agentToken = \"\\{CANARY}\""),
        format!("{account}.secrets.agentToken \"{CANARY}\""),
        format!("a = 1\na = \"{CANARY}\""),
        format!("[[\"{CANARY}\"x"),
    ] {
        let report = Config::parse(&text, "f.toml").expect_err(&text);
        assert!(!format!("{report} {report:?}").contains("7f3a"), "{report}");
    }
}

#[test]
fn a_secret_in_the_configuration_is_not_repeated() {
    for text in [
        format!("{REQUESTED}config = {{ agentToken = \"{CANARY}\", retries = 99 }}\n"),
        format!("{REQUESTED}config = {{ retries = 99, x = {{ y = [\"{CANARY}\"] }} }}\n"),
        format!("{REQUESTED}config = {{ apiUrl = \"https://u:{CANARY}@a.test\" }}\n"),
        format!("{REQUESTED}config.x.y = \"{CANARY}\"\n"),
        format!("{REQUESTED}config.apiUrl.y = \"{CANARY}\"\n"),
        format!("{REQUESTED}config.\"a\\nb\" = \"{CANARY}\"\n"),
    ] {
        let outcome = checked(&text, &occum(), Options::default(), &token);
        assert!(matches!(outcome.verdict, Verdict::Wrong(_)));
        assert!(!said(&outcome.verdict).contains(CANARY), "{}", said(&outcome.verdict));
        assert!(!format!("{outcome:?}").contains(CANARY));
    }
}
