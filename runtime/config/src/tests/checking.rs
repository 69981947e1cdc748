//! Accounts held against what their connector asks for.
use super::*;
use ports::reach::CheckedUrl;
use ports::secret::{Destination, Fill, Form, Vault};

#[test]
fn what_is_approved_is_given_with_the_configurations_url_in_it() {
    let text = format!("{}config.apiUrl = \"http://127.0.0.1:9/\"\n", approved(&occum()));
    let instance = ready(&text, &occum());
    assert_eq!(instance.id.to_string(), "default/occum/default");
    assert_eq!(instance.config_json, r#"{"apiUrl":"http://127.0.0.1:9/"}"#);
    assert_eq!(rules(&instance), ["ws://127.0.0.1:9/v1/ws", "GET http://127.0.0.1:9/v1/*"]);
    let url = CheckedUrl::parse("http://127.0.0.1:9/v1/me").unwrap();
    let fill =
        Fill { secret: "agentToken".into(), at: At::Header("authorization".into()), form: Form::Bearer };
    let vault = Vault::new(instance.secrets);
    let filled = |method| vault.fill(&fill, Destination { method: Some(method), url: &url, json: None });
    assert_eq!(filled("GET").unwrap().expose(), "Bearer canary-7f3a");
    assert!(filled("POST").is_err());
}

#[test]
fn written_grants_are_given_and_nothing_else() {
    let text = "
[connectors.occum.accounts.default]
secrets.agentToken = { env = \"TOKEN\" }
[connectors.occum.accounts.default.grants]
capabilities = [\"agent\", \"http\"]
urls = []
private = [\"127.0.0.0/8\"]
[[connectors.occum.accounts.default.grants.secrets.agentToken]]
url = \"wss://api.occum.net/v1/ws\"
at = { json = \"/token\" }
when = [{ pointer = \"/type\", equals = \"auth\" }]
";
    let instance = ready(text, &occum());
    assert!(instance.reach.rules.is_empty());
    assert_eq!(instance.egress.private, ["127.0.0.0/8".parse().unwrap()]);
    let url = CheckedUrl::parse("wss://api.occum.net/v1/ws").unwrap();
    let fill = Fill { secret: "agentToken".into(), at: At::Json("/token".into()), form: Form::Raw };
    let (auth, say) = (json!({"type": "auth", "token": ""}), json!({"type": "say", "token": ""}));
    let vault = Vault::new(instance.secrets);
    let filled = |json| vault.fill(&fill, Destination { method: None, url: &url, json: Some(json) });
    assert!(filled(&auth).is_ok() && filled(&say).is_err());
}

#[test]
fn a_range_that_holds_metadata_services_is_warned_of() {
    let text = format!("{ACCOUNT}grants.private = [\"0.0.0.0/0\"]\n");
    let outcome = checked(&text, &occum(), &approvals(&occum()), &token);
    assert_eq!(
        lines(&outcome.warnings),
        r#"runtime.toml:4:19: connectors.occum.accounts.default.grants.private[0]: 0.0.0.0/0 holds cloud metadata services, which hand out credentials; write the range that is needed
4 | grants.private = ["0.0.0.0/0"]
  |                   ^^^^^^^^^^^"#
    );
}

#[test]
fn everything_wrong_with_an_account_is_said_at_once() {
    let text = "
[connectors.occum.accounts.default]
config = { apiUrl = \"ftp://x\", retries = 10, retires = 1, agentToken = \"abc\" }
secrets.agentTokn = { env = \"TOKEN\" }
grants.secrets.other = []
";
    assert_eq!(
        verdict(text),
        r#"runtime.toml:2:28: connectors.occum.accounts.default: secret agentToken is missing; write into this table
2 | [connectors.occum.accounts.default]
  |                            ^^^^^^^
secrets.agentToken = { env = "CONNECTOR_OCCUM_AGENT_TOKEN" }
runtime.toml:3:21: connectors.occum.accounts.default.config.apiUrl: this value does not match "^https?://"; it is meant for: Where the platform's API is.
3 | config = { apiUrl = "ftp://x", retries = 10, retires = …, agentToken = … }
  |                     ^^^^^^^^^
runtime.toml:3:42: connectors.occum.accounts.default.config.retries: this value is greater than the maximum of 9
3 | config = { apiUrl = "ftp://x", retries = 10, retires = …, agentToken = … }
  |                                          ^^
runtime.toml:3:46: connectors.occum.accounts.default.config.retires: unknown key; did you mean retries?
3 | config = { apiUrl = "ftp://x", retries = 10, retires = …, agentToken = … }
  |                                              ^^^^^^^
runtime.toml:3:59: connectors.occum.accounts.default.config.agentToken: unknown key; it is a secret: write secrets.agentToken = { env = "CONNECTOR_OCCUM_AGENT_TOKEN" }
3 | config = { apiUrl = "ftp://x", retries = 10, retires = …, agentToken = … }
  |                                                           ^^^^^^^^^^
runtime.toml:4:9: connectors.occum.accounts.default.secrets.agentTokn: connector occum has no such secret; it uses agentToken; did you mean agentToken?
4 | secrets.agentTokn = { env = "TOKEN" }
  |         ^^^^^^^^^
runtime.toml:5:24: connectors.occum.accounts.default.grants.secrets.other: connector occum has no such secret; it uses agentToken
5 | grants.secrets.other = []
  |                        ^^"#
    );
}

#[test]
fn a_url_in_the_configuration_that_would_widen_a_grant_is_refused() {
    let text = format!("{}config.apiUrl = \"https://*.occum.net\"\n", approved(&occum()));
    assert_eq!(
        verdict(&text),
        r#"runtime.toml:5:17: connectors.occum.accounts.default.config.apiUrl: '*' must not be in it: it is put into a grant; write it without
5 | config.apiUrl = …
  |                 ^"#
    );
}

#[test]
fn a_missing_key_is_named_with_the_line_to_write() {
    let mut asked = occum();
    asked.schema["required"] = json!(["retries"]);
    let verdict = checked(&approved(&asked), &asked, &Approvals::default(), &token).verdict;
    assert_eq!(
        said(&verdict),
        r#"runtime.toml:2:28: connectors.occum.accounts.default.config: retries is missing; write config.retries = 1
2 | [connectors.occum.accounts.default]
  |                            ^^^^^^^"#
    );
}

#[test]
fn a_connector_with_a_bad_schema_or_template_is_blamed() {
    let mut asked = occum();
    asked.schema["$ref"] = "https://example.com/schema.json".into();
    let verdict = checked(&approved(&asked), &asked, &Approvals::default(), &token).verdict;
    assert_eq!(
        said(&verdict),
        r##"runtime.toml: connector occum: its configuration's JSON Schema refers to "https://example.com/schema.json": only "#/$defs/…" of the same schema can be referred to; nothing is fetched; the file cannot mend this: tell the connector's author"##
    );
    let mut asked = occum();
    asked.urls[0].rule = "{host}/x".into();
    asked.urls[1].rule = "\u{1b}[2Jhttps://x".into();
    let verdict = checked(&approved(&asked), &asked, &Approvals::default(), &token).verdict;
    assert_eq!(
        said(&verdict),
        r#"runtime.toml: connector occum: asks for "{host}/x": its schema has no property "host"; the file cannot mend this: tell the connector's author
runtime.toml: connector occum: asks for "\u{1b}[2Jhttps://x": a URL has no spaces and no control characters; encode them; the file cannot mend this: tell the connector's author"#
    );
}
