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
        r#"f.toml:1:56: connectors.occum.accounts.default.secrets.agentToken: a secret's value does not belong in this file; write { env = "CONNECTOR_OCCUM_AGENT_TOKEN" } or { file = "/run/secrets/…" }
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
        format!("telemetry.listen = \"http://u:{CANARY}@127.0.0.1:9464\""),
        format!("telemetry = {{ listen = \"127.0.0.1:9464\", password = \"{CANARY}\" }}"),
        format!("compiler.key = \"{CANARY}\""),
        format!("limits.most.key = \"{CANARY}\""),
        format!("{account}.limits = {{ most = {{ key = \"{CANARY}\" }} }}"),
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
        format!("{account}.secrets.agentToken =\n{CANARY}=\n"),
        format!("{account}.secrets.agentToken =\n{CANARY}==\n"),
        format!("{account}.secrets.agentToken =\n{CANARY}=abc\n"),
        format!("{account}.secrets.agentToken =\n[{CANARY}\n"),
        format!("{account}.secrets.agentToken =\n{CANARY}= # mine\n"),
        format!("{account}.secrets.agentToken = [\n{CANARY}= ,\n]"),
        format!("{account}.secrets.agentToken = [\n{CANARY}=\"x\",\n]"),
        format!("{account}.secrets.agentToken = [\n[{CANARY}],\n]"),
        format!("{account}.secrets.agentToken = \"\"\"\n{CANARY}=x\\q\n\"\"\""),
        format!("{account}.secrets.agentToken sk-{CANARY}=abc"),
        format!("{account}.secrets.agentToken {CANARY}="),
        format!("[connectors.occum {CANARY}]"),
        format!("connectors.\"no name\".accounts.x.secrets.t = \"{CANARY}\""),
        // Both are wrong with the line.
        format!("{account}.secrets.agentToken = {{ env = \"canary_7f3a\", file = \"x\" }}"),
        format!("{account}.secrets.agentToken = {{ env = \"canary_7f3a\", fil = \"x\" }}"),
        format!("[[\"{CANARY}\"x"),
    ] {
        let report = Config::parse(&text, "f.toml").expect_err(&text);
        assert!(!format!("{report} {report:?}").contains("7f3a"), "{report}");
    }
}

#[test]
fn a_padded_token_on_a_line_of_its_own_is_no_key() {
    let text = "secrets.agentToken =\nc2VjcmV0dG9rZW4xMjM0NTY=";
    let report = Config::parse(text, "f.toml").unwrap_err();
    assert_eq!(
        report.to_string(),
        "f.toml:1:21: not TOML: string values must be quoted, expected literal string\n1 | … =\n  |    ^\n\
         f.toml:2:25: not TOML: string values must be quoted, expected literal string\n2 | …=\n  |   ^"
    );
}

/// Where a reference to a secret can stand, what fetches it, and the path that is reported.
type Fetch = fn(&str) -> String;

#[test]
fn a_token_in_place_of_a_variables_name_is_not_repeated() {
    const NOTHING: Env<'_> = &|_| None;
    let places: [(&str, &str, Fetch); 6] = [
        (
            "agent = { backend = \"openai\", base_url = \"https://a.test\", model = \"m\", api_key = HERE }",
            "agent.api_key",
            |text| Config::parse(text, "f.toml").unwrap().agent(NOTHING).unwrap_err().to_string(),
        ),
        (
            "egress.proxy = { url = \"http://a.test\", user = \"me\", password = HERE }",
            "egress.proxy.password",
            |text| Config::parse(text, "f.toml").unwrap().egress(NOTHING).unwrap_err().to_string(),
        ),
        ("keyring.key = HERE", "keyring.key", |text| {
            Config::parse(text, "f.toml").unwrap().keyring(NOTHING).unwrap_err().to_string()
        }),
        ("keyring.former = [HERE]", "keyring.former[0]", |text| {
            Config::parse(text, "f.toml").unwrap().keyring(NOTHING).unwrap_err().to_string()
        }),
        ("connectors.occum.accounts.default.secrets = { agentToken = HERE }", "secrets.agentToken", |text| {
            said(&checked(text, &occum(), &approvals(&occum()), NOTHING).verdict)
        }),
        (
            "connectors.occum.accounts.default = { secrets.agentToken.env = \"TOKEN\", egress.certificates = [{ hosts = [\"a.test\"], certificate = \"c.pem\", key = HERE }] }",
            "certificates[0].key",
            |text| said(&checked(text, &occum(), &approvals(&occum()), &token).verdict),
        ),
    ];
    for (text, path, fetch) in places {
        for pasted in ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", &"A".repeat(65)] {
            let said = fetch(&text.replace("HERE", &format!("{{ env = \"{pasted}\" }}")));
            assert!(said.contains(&format!("{path}: the environment variable that is named here is not set; provide it, or name another\n")), "{said}");
            assert!(!said.contains(pasted) && said.contains("env = …"), "{said}");
        }
        for usual in ["GHP_16", &"A".repeat(64)] {
            let said = fetch(&text.replace("HERE", &format!("{{ env = \"{usual}\" }}")));
            assert!(said.contains(&format!("{path}: environment variable {usual} is not set; ")), "{said}");
        }
    }
}

#[test]
fn nor_in_what_is_said_of_its_neighbours_or_in_debug_output() {
    let text = "connectors.occum.accounts = { default.secrets.agentToken.env = \"TOKEN\", b.secrets.agentToken.env = \"ghp_16C7\" }";
    let outcome = checked(text, &occum(), &Approvals::default(), &token);
    let shown = "nts = { default.secrets.agentToken.env = \"TOKEN\", b.secrets.agentToken.env = … }";
    assert!(said(&outcome.verdict).contains(shown), "{}", said(&outcome.verdict));
    let config = Config::parse(text, "f.toml").unwrap();
    assert!(!format!("{config:?} {outcome:?}").contains("ghp_16C7"));
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
