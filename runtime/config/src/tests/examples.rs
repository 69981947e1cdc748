//! The lines that a new user is given.
use super::*;
use crate::shown_rule;

#[test]
fn the_example_says_all_that_a_connector_needs() {
    let mut asked = occum();
    asked.schema["required"] = json!(["apiUrl"]);
    assert_eq!(
        Config::example(&asked),
        r#"[connectors.occum.accounts.default]
config.apiUrl = "https://api.occum.net"    # Where the platform's API is.
# config.retries = 1
secrets.agentToken = { env = "CONNECTOR_OCCUM_AGENT_TOKEN" }

[connectors.occum.accounts.default.grants]
approved = "DIGEST"    # all that it asks for, as long as it asks for exactly this; or, instead of this line:
# capabilities = ["agent", "http"]
# urls = [
#   "wss://api.occum.net/v1/ws",    # hear what is said
#   "GET https://api.occum.net/v1/*",    # read
# ]
# [[connectors.occum.accounts.default.grants.secrets.agentToken]]
# url = "wss://api.occum.net/v1/ws"
# at = { json = "/token" }
# when = [{ pointer = "/type", equals = "auth" }]
# [[connectors.occum.accounts.default.grants.secrets.agentToken]]
# url = "GET https://api.occum.net/v1/*"
# at = { header = "authorization" }
"#
        .replace("DIGEST", &digest(&asked))
    );
}

#[test]
fn every_kind_of_grant_is_in_the_example() {
    let asked = relay();
    assert_eq!(
        Config::example(&asked),
        r#"[connectors.relay.accounts.default]
# config.gatewayUrl = "https://gateway.test"
# secrets.token = { env = "CONNECTOR_RELAY_TOKEN" }
# secrets.deviceToken = { env = "CONNECTOR_RELAY_DEVICE_TOKEN" }    # it arrives by itself
# secrets.webhook = { env = "CONNECTOR_RELAY_WEBHOOK" }

[connectors.relay.accounts.default.grants]
approved = "DIGEST"    # all that it asks for, as long as it asks for exactly this; or, instead of this line:
# capabilities = ["crypto", "websocket"]
# urls = [
#   "wss://gateway.test",    # the gateway
# ]
# [[connectors.relay.accounts.default.grants.secrets.token]]
# sign = "device"
# [[connectors.relay.accounts.default.grants.secrets.deviceToken]]
# url = "wss://gateway.test"
# capture = { json = "/payload/auth/deviceToken" }
# when = [{ pointer = "/type", equals = "hello" }]
# [[connectors.relay.accounts.default.grants.secrets.deviceToken]]
# sign = "device"
# [[connectors.relay.accounts.default.grants.secrets.webhook]]
# authenticate = true
"#
        .replace("DIGEST", &digest(&asked))
    );
}

#[test]
fn rules_are_shown_as_they_are_dialled() {
    let mut asked = occum();
    asked.urls[0].rule = "https://l\u{43e}\u{441}alho:1/v1/*".into();
    asked.urls[1].rule = "GET {apiUrl}/v1/*".into();
    asked.urls.push(url("https://{nowhere}l\u{43e}\u{441}alho", ""));
    asked.secrets[0].places[1].rule = "GET https://API.\u{43e}ccum.net:443/v1/*".into();
    asked.schema["properties"]["apiUrl"]["default"] = "https://b\u{fc}cher.test".into();
    let example = Config::example(&asked);
    for line in [
        r#"#   "https://xn--lalho-jyev:1/v1/*",    # hear what is said"#,
        r#"#   "GET https://xn--bcher-kva.test/v1/*",    # read"#,
        r#"#   "https://{nowhere}l\u043e\u0441alho","#,
        r#"# url = "GET https://api.xn--ccum-45d.net/v1/*""#,
    ] {
        assert!(example.lines().any(|shown| shown == line), "{line}\n{example}");
    }
    assert_eq!(shown_rule("https://l\u{43e}\u{441}alho:1"), r#""https://l\u043e\u0441alho:1""#);
    assert_eq!(shown_rule("GET {apiUrl}/v1/*"), "GET {apiUrl}/v1/*");
}

#[test]
fn the_example_starts_as_it_is_and_also_with_its_comments_taken_away() {
    let env = |name: &str| name.starts_with("CONNECTOR_").then(|| format!("value of {name}"));
    for asked in [occum(), relay()] {
        let example = Config::example(&asked);
        let shown = started(checked(&example, &asked, &Approvals::default(), &env));
        let (before, after) = example.split_once("approved = ").unwrap();
        let (_, after) = after.split_once('\n').unwrap();
        let written = format!("{before}{after}").replace("\n# ", "\n");
        let written = started(checked(&written, &asked, &Approvals::default(), &env));
        assert!(shown.withheld.is_empty() && written.withheld.is_empty(), "{:?}", written.withheld);
        assert_eq!(written.capabilities, shown.capabilities);
        assert_eq!(rules(&written), rules(&shown));
    }
}

#[test]
fn an_account_that_is_not_in_the_file_is_not_configured_and_gets_the_example() {
    let config = Config::empty();
    let account = &config.instances_of("occum").unwrap()[0];
    let verdict = check(account, &occum(), &approvals(&occum()), &token).verdict;
    let expected = format!(
        "default/occum/default is not configured\n\
         runtime.toml: connectors.occum.accounts.default: not configured; write\n{}",
        crate::example::minimal(&occum(), &Request::of(&occum())).trim_end()
    );
    assert_eq!(said(&verdict), expected);
    let all = "all that it asks for, as long as it asks for exactly this; `runtime inspect` shows it";
    assert!(expected.ends_with(&format!("\napproved = \"{}\"    # {all}", digest(&occum()))), "{expected}");
}

#[test]
fn a_connector_that_asks_for_nothing_has_no_grants_in_its_example() {
    let asked = Asked { capabilities: vec![], secrets: vec![], urls: vec![], ..occum() };
    assert!(!Config::example(&asked).contains("grants"));
}

#[test]
fn a_hostile_descriptor_cannot_forge_a_line() {
    let mut asked = relay();
    asked.id = "occum".into();
    asked.urls[0].reason = "x\napproved = true\u{202e}".into();
    asked.urls.push(url("\"]\napproved = true # \u{1b}[2J", ""));
    asked.capabilities[0] = "x\"]\napproved = true".into();
    asked.secrets[0].name = "a\"\nb".into();
    asked.secrets[0].signs[0] = "\"\napproved = true\u{1b}".into();
    asked.secrets[1].captures[0].at = At::Header("\"\napproved = true".into());
    asked.secrets[1].captures[0].when[0].equals = Value::Null;
    asked.schema["properties"]["x\ny"] = json!({"description": "a\nb", "default": "\napproved = true"});
    asked.urls.push(url("{x\ny}", ""));
    let example = Config::example(&asked);
    let verdict =
        checked("[connectors.occum.accounts.default]", &asked, &Approvals::default(), &token).verdict;
    for text in [example, said(&verdict)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert!(!text.lines().any(|line| line == "approved = true" || line.starts_with('b')), "{text}");
    }
    assert!(Config::example(&asked).contains("\n# when = ?"), "{}", Config::example(&asked));
}
