//! A secret is in no report, error or `Debug`, wherever somebody wrote it.
use super::*;

const CANARY: &str = "canary-7f3a";

#[test]
fn a_value_is_in_no_debug_output() {
    let config = Config::parse(&approved(&occum()), "f.toml").unwrap();
    let outcome = checked(&approved(&occum()), &occum(), &Approvals::default(), &token);
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
        format!("egress = \"http://u:{CANARY}@a.test\""),
        format!("egress.proxy = \"http://u:{CANARY}@a.test\""),
        format!("egress.proxy = [\"http://u:{CANARY}@a.test\"]"),
        format!("egress.proxy.url = \"http://u:{CANARY}@a.test\""),
        format!("egress.proxy.url = \"u:{CANARY}@a.test\""),
        format!("egress.proxy.url = \"socks5://u:{CANARY}@a.test\""),
        format!("egress.proxy.url = \"http://u:{CANARY}@a test\""),
        format!("egress.proxy.url = \"http://u:{CANARY}\""),
        format!("egress.proxy.url = \"http://a.test/{CANARY}\""),
        format!("egress.proxy.url = \"http://a.test/?{CANARY}\""),
        format!("egress.proxy = {{ url = \"http://a.test\", user = \"u:{CANARY}\" }}"),
        format!("egress.proxy = {{ url = \"http://a.test\", user = \"u\", password = \"{CANARY}\" }}"),
        format!("egress.proxy = {{ url = \"http://a.test\", pasword = \"{CANARY}\" }}"),
        format!("egress.roots = [\"-----BEGIN PRIVATE KEY-----{CANARY}\"]"),
        format!("{account}.egress = \"http://u:{CANARY}@a.test\""),
        format!("{account}.egress.proxy = \"http://u:{CANARY}@a.test\""),
        format!("{account}.egress.certificates = [{{ key = \"{CANARY}\" }}]"),
        format!("{account}.egress.certificates = [{{ key.file = \"-----BEGIN PRIVATE KEY-----{CANARY}\" }}]"),
        format!("{account}.secrets.agentToken.file = \"-----BEGIN PRIVATE KEY-----{CANARY}\""),
        format!("keyring = \"{CANARY}\""),
        format!("keyring.key = \"{CANARY}\""),
        format!("keyring.former = \"{CANARY}\""),
        format!("keyring.former = [\"{CANARY}\", [\"{CANARY}\"]]"),
        format!("keyring.old = \"{CANARY}\""),
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
fn a_secret_in_the_configuration_is_refused_and_not_repeated() {
    for text in [
        format!("{ACCOUNT}config = {{ agentToken = \"{CANARY}\", retries = 99 }}\n"),
        format!("{ACCOUNT}config = {{ retries = 99, x = {{ y = [\"{CANARY}\"] }} }}\n"),
        format!("{ACCOUNT}config = {{ apiUrl = \"https://u:{CANARY}@a.test\" }}\n"),
        format!("{ACCOUNT}config.apiUrl = \"https://{CANARY}.test\"\n"),
        format!("{ACCOUNT}config.apiUrl = \"ftp://{CANARY}\"\n"),
        format!("{ACCOUNT}config.x.y = \"{CANARY}\"\n"),
        format!("{ACCOUNT}config.apiUrl.y = \"{CANARY}\"\n"),
        format!("{ACCOUNT}config.\"a\\nb\" = \"{CANARY}\"\n"),
        format!("{ACCOUNT}config.\"{CANARY}\" = 1\n"),
        format!("{ACCOUNT}config.\"x {CANARY}\".y = \"{CANARY}\"\n"),
        format!("{ACCOUNT}config.apiUrl = \"\"\"\n{CANARY}\"\"\"\n"),
    ] {
        let outcome = checked(&text, &occum(), &approvals(&occum()), &token);
        assert!(matches!(outcome.verdict, Verdict::Wrong(_)));
        let said = said(&outcome.verdict);
        assert!(said.contains("the configuration holds the value of secret agentToken"), "{said}");
        assert!(!said.contains("7f3a"), "{said}");
        assert!(!format!("{outcome:?}").contains(CANARY));
    }
}

#[test]
fn where_it_stands_is_said() {
    let text = format!(
        "{ACCOUNT}config = {{ apiUrl = \"https://a.test/{CANARY}\", x = \"another\", retries = 3 }}\n"
    );
    assert_eq!(
        verdict(&text),
        r#"runtime.toml:4:21: connectors.occum.accounts.default.config.apiUrl: the configuration holds the value of secret agentToken: connectors can read it; take it out; the connector uses the secret by its name
4 | config = { apiUrl = …, x = …, retries = … }
  |                     ^"#
    );
}

#[test]
fn what_a_connector_could_read_counts_however_it_is_written_in_the_file() {
    let holds = |value: &str, config: &str| {
        let text = format!("{ACCOUNT}config = {config}\n");
        let outcome = checked(&text, &occum(), &approvals(&occum()), &|_| Some(value.into()));
        said(&outcome.verdict).contains("holds the value of secret agentToken")
    };
    assert!(holds("1234567", "{ retries = 1_234_567 }"));
    assert!(holds("a\"b\\cd", "{ apiUrl = 'https://a\"b\\cd' }"));
    assert!(holds("3,\"x\":\"a", "{ retries = 3, x = \"abc\" }"));
    assert!(holds("abcdef", "{ apiUrl = \"https://xabcdefx\" }"));
    // By chance.
    assert!(!holds("https", "{ apiUrl = \"https://a.test\" }"));
    assert!(!holds("abcdef", "{ apiUrl = \"https://abcde.test\" }"));
}
