//! The lines that a new user is given.
use super::*;

#[test]
fn the_example_says_all_that_a_connector_needs() {
    let mut asked = occum();
    asked.schema["required"] = json!(["apiUrl"]);
    assert_eq!(
        Config::example(&asked),
        r#"[connectors.occum.accounts.default]
config.apiUrl = "https://api.occum.net"    # Where the platform's API is.
# config.retries = 1
secrets.agentToken = { env = "OCCUM_AGENT_TOKEN" }

[connectors.occum.accounts.default.grants]
requested = true    # all that it asks for; or, instead of this line:
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
    );
}

#[test]
fn the_example_starts_as_it_is_and_also_with_its_comments_taken_away() {
    let env = |name: &str| (name == "OCCUM_AGENT_TOKEN").then(|| "abc".into());
    let example = Config::example(&occum());
    let outcome = checked(&example, &occum(), Options::default(), &env);
    assert!(matches!(outcome.verdict, Verdict::Ready(_)), "{}", said(&outcome.verdict));
    let written = example.replace("requested = true", "# requested = true").replace("\n# ", "\n");
    let written = written.replace("requested = true", "");
    let outcome = checked(&written, &occum(), Options::default(), &env);
    assert!(matches!(outcome.verdict, Verdict::Ready(_)), "{}", said(&outcome.verdict));
}

#[test]
fn an_account_that_is_not_in_the_file_is_not_configured_and_gets_the_example() {
    let config = Config::empty();
    let account = &config.instances_of("occum").unwrap()[0];
    let verdict = check(account, &occum(), Options { grant_requested: true }, &token).verdict;
    let expected = format!(
        "default/occum/default is not configured\n\
         runtime.toml: connectors.occum.accounts.default: not configured; write\n{}",
        crate::example::minimal(&occum()).trim_end()
    );
    assert_eq!(said(&verdict), expected);
    assert!(expected.ends_with("requested = true    # all that it asks for; `runtime inspect` shows it"));
}

#[test]
fn a_hostile_descriptor_cannot_forge_a_line() {
    let mut asked = occum();
    asked.urls[0].reason = "x\nrequested = true\u{202e}".into();
    asked.urls[1].rule = "\"]\nrequested = true # \u{1b}[2J".into();
    asked.secrets[0].name = "a\"\nb".into();
    asked.secrets[0].places[0].at = At::Header("\"\nrequested = true".into());
    asked.secrets[0].places[0].when[0].equals = Value::Null;
    asked.schema["properties"]["x\ny"] = json!({"description": "a\nb"});
    let example = Config::example(&asked);
    assert!(!example.contains(['\u{1b}', '\u{202e}']), "{example}");
    assert!(!example.lines().any(|line| line == "requested = true" || line.starts_with('b')), "{example}");
    assert!(example.contains("\n# when = ?"), "{example}");
}
