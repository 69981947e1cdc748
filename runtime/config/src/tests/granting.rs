//! What a file gives part by part, and what it keeps back.
use super::*;

const GRANTS: &str = "
[connectors.relay.accounts.default]
secrets.token = { env = \"TOKEN\" }
[connectors.relay.accounts.default.grants]
";

/// Written out in full, as it is asked.
const SECRETS: &str = "
[[connectors.relay.accounts.default.grants.secrets.token]]
sign = \"device\"
[[connectors.relay.accounts.default.grants.secrets.deviceToken]]
url = \"wss://gateway.test\"
capture = { json = \"/payload/auth/deviceToken\" }
when = [{ pointer = \"/type\", equals = \"hello\" }]
[[connectors.relay.accounts.default.grants.secrets.deviceToken]]
sign = \"device\"
[[connectors.relay.accounts.default.grants.secrets.webhook]]
authenticate = true
";

const PARTS: &str = "capabilities = [\"crypto\", \"websocket\"]\nurls = [\"wss://gateway.test\"]\n";

#[test]
fn written_out_in_full_it_needs_no_approval() {
    let instance = ready(&format!("{GRANTS}{PARTS}{SECRETS}"), &relay());
    assert_eq!(instance.withheld, Vec::<String>::new());
    let text = approved(&relay()).replace("agentToken", "token");
    assert_eq!(instance.given(), ready(&text, &relay()).given());
    assert_eq!(
        instance.given(),
        [
            "may use crypto",
            "may use websocket",
            "may reach wss://gateway.test",
            "deviceToken arrives in JSON pointer /payload/auth/deviceToken of wss://gateway.test when /type is \"hello\"",
            "deviceToken may be in text that key \"device\" signs",
            "token may be in text that key \"device\" signs",
        ]
    );
}

#[test]
fn a_secret_that_arrives_is_there_without_a_value_and_is_not_missing() {
    let instance = ready(&approved(&relay()).replace("agentToken", "token"), &relay());
    assert_eq!(instance.secrets.keys().collect::<Vec<_>>(), ["deviceToken", "token"]);
    let entry = &instance.secrets["deviceToken"];
    assert!(entry.value.is_none() && entry.captures.len() == 1 && entry.signs == ["device"]);
    assert_eq!(instance.secrets["token"].value.as_ref().unwrap().expose(), "canary-7f3a");
    // One that may not arrive has no place in the vault, and the instance starts all the same.
    let text =
        format!("{}grants.secrets.deviceToken = []\n", approved(&relay()).replace("agentToken", "token"));
    let instance = ready(&text, &relay());
    assert_eq!(instance.secrets.keys().collect::<Vec<_>>(), ["token"]);
}

#[test]
fn a_secret_that_arrives_can_be_provided_too() {
    let text = approved(&relay()).replace("agentToken", "deviceToken");
    let instance = ready(&text, &relay());
    let entry = &instance.secrets["deviceToken"];
    assert!(entry.value.is_some() && entry.captures.len() == 1);
}

#[test]
fn what_the_file_speaks_of_is_given_as_it_says_even_where_all_is_approved() {
    let text = approved(&occum());
    let instance = ready(&format!("{text}grants.urls = [\"GET https://api.occum.net/v1/me\"]\n"), &occum());
    assert_eq!(rules(&instance), ["GET https://api.occum.net/v1/me"]);
    assert_eq!(instance.withheld, ["reach GET {apiUrl}/v1/*", "reach {apiUrl:ws}/v1/ws"]);
    assert_eq!(instance.secrets["agentToken"].places.len(), 2);
    let instance = ready(&format!("{text}grants.urls = []\ngrants.secrets.agentToken = []\n"), &occum());
    assert!(rules(&instance).is_empty() && instance.secrets["agentToken"].places.is_empty());
    assert_eq!(instance.given(), ["may use agent", "may use http"]);
    assert_eq!(instance.withheld.len(), 4);
}

#[test]
fn what_a_wider_grant_holds_is_not_withheld() {
    let grants = "
grants.urls = [\"https://*.occum.net\", \"wss://api.occum.net/v1/*\"]
[[connectors.occum.accounts.default.grants.secrets.agentToken]]
url = \"https://api.occum.net/v1/*\"
at = { header = \"authorization\" }
[[connectors.occum.accounts.default.grants.secrets.agentToken]]
url = \"wss://api.occum.net/v1/ws\"
at = { json = \"/token\" }
when = [{ pointer = \"/type\", equals = \"auth\" }, { pointer = \"/v\", equals = 1 }]
";
    let instance = ready(&format!("{}{grants}", approved(&occum())), &occum());
    let narrower = "write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws when /type is \"auth\"";
    assert_eq!(instance.withheld, [narrower]);
    assert_eq!(
        instance.given()[2..],
        [
            "may reach https://*.occum.net",
            "may reach wss://api.occum.net/v1/*",
            "agentToken may go into header authorization of https://api.occum.net/v1/*",
            "agentToken may go into JSON pointer /token of wss://api.occum.net/v1/ws when /type is \"auth\" and /v is 1",
        ]
    );
}

#[test]
fn what_is_given_of_a_secret_is_held_against_each_thing_that_is_asked() {
    let entries = |lines: &str| {
        let header = "[[connectors.relay.accounts.default.grants.secrets.deviceToken]]\n";
        let text = format!("{}{header}{lines}", approved(&relay()).replace("agentToken", "token"));
        ready(&text, &relay()).withheld
    };
    let capture = "capture deviceToken from JSON pointer /payload/auth/deviceToken of {gatewayUrl:ws} when /type is \"hello\"";
    let sign = "sign text with deviceToken by key \"device\"";
    assert_eq!(entries("sign = \"other\""), [capture, sign]);
    assert_eq!(entries("sign = \"device\""), [capture]);
    assert_eq!(
        entries("url = \"wss://gateway.test\"\ncapture = { json = \"/payload/auth/deviceToken\" }"),
        [sign]
    );
    assert_eq!(entries("url = \"wss://gateway.test\"\ncapture = { json = \"/token\" }"), [capture, sign]);
    assert_eq!(
        entries("url = \"wss://other.test\"\ncapture = { json = \"/payload/auth/deviceToken\" }"),
        [capture, sign]
    );
}

#[test]
fn each_unspoken_part_is_to_be_approved_and_written_out_in_the_report() {
    let mut relay = relay();
    relay.secrets[1].required = false;
    let spoken = [
        ("capabilities", "capabilities = [\"crypto\", \"websocket\"]\n"),
        ("urls", "urls = []\n"),
        ("[[connectors.relay.accounts.default.grants.secrets.token]]", "secrets.token = []\n"),
        ("[[connectors.relay.accounts.default.grants.secrets.deviceToken]]", "secrets.deviceToken = []\n"),
    ];
    for (unspoken, _) in spoken {
        let rest = spoken.iter().filter(|(name, _)| *name != unspoken).map(|(_, line)| *line);
        let text = format!("{GRANTS}{}", rest.collect::<String>());
        let verdict = checked(&text, &relay, &Approvals::default(), &token).verdict;
        assert!(matches!(verdict, Verdict::Unapproved(_)), "{}", said(&verdict));
        let said = said(&verdict);
        assert!(
            said.contains("nothing of what the connector asks for is granted but what this file writes out;"),
            "{said}"
        );
        assert!(said.contains(&format!("\n# {unspoken}")), "{said}");
        for (other, _) in spoken.iter().filter(|(name, _)| *name != unspoken) {
            assert!(!said.contains(&format!("\n# {other}")), "{said}");
        }
    }
}

#[test]
fn a_secret_that_nobody_provides_needs_no_word() {
    let spoken = format!("{PARTS}secrets.token = []\nsecrets.deviceToken = []\n");
    let instance = ready(&format!("{GRANTS}{spoken}"), &relay());
    assert!(instance.withheld.contains(&"authenticate with webhook".to_owned()));
    let provided = format!("{GRANTS}{spoken}").replace(
        "[connectors.relay.accounts.default.grants]",
        "secrets.webhook = { env = \"TOKEN\" }\n[connectors.relay.accounts.default.grants]",
    );
    let verdict = checked(&provided, &relay(), &Approvals::default(), &token).verdict;
    assert!(matches!(verdict, Verdict::Unapproved(_)), "{}", said(&verdict));
}

#[test]
fn an_import_that_is_not_listed_is_missing_and_one_listed_in_vain_is_warned_of() {
    let text = format!("{GRANTS}capabilities = [\"websockets\", \"nats\"]\nurls = []\n{SECRETS}");
    let outcome = checked(&text, &relay(), &Approvals::default(), &token);
    assert_eq!(
        said(&outcome.verdict),
        r#"default/relay/default is not configured
runtime.toml:5:16: connectors.relay.accounts.default.grants.capabilities: the connector imports "crypto", "websocket" and cannot start without; write capabilities = ["crypto", "nats", "websocket", "websockets"]
5 | capabilities = ["websockets", "nats"]
  |                ^^^^^^^^^^^^^^^^^^^^^^"#
    );
    assert_eq!(
        lines(&outcome.warnings),
        r#"runtime.toml:5:17: connectors.relay.accounts.default.grants.capabilities[0]: connector relay does not import "websockets"; did you mean websocket?
5 | capabilities = ["websockets", "nats"]
  |                 ^^^^^^^^^^^^
runtime.toml:5:31: connectors.relay.accounts.default.grants.capabilities[1]: connector relay does not import "nats"; remove it
5 | capabilities = ["websockets", "nats"]
  |                               ^^^^^^"#
    );
}

#[test]
fn closed_addresses_are_given_only_by_the_file() {
    let text = format!("{}grants.private = [\"127.0.0.0/8\"]\n", approved(&occum()));
    let instance = ready(&text, &occum());
    assert_eq!(instance.egress.private, ["127.0.0.0/8".parse().unwrap()]);
    assert!(instance.given().contains(&"may reach closed addresses 127.0.0.0/8".to_owned()));
    assert!(ready(&approved(&occum()), &occum()).egress.private.is_empty());
}

#[test]
fn only_the_file_lets_it_speak_as_the_owner() {
    let with = |line: &str| ready(&format!("{}{line}", approved(&occum())), &occum());
    let line = "may speak as the owner".to_owned();
    for (text, owner) in [("", false), ("grants.owner = false\n", false), ("grants.owner = true\n", true)] {
        let instance = with(text);
        assert_eq!((instance.owner, instance.given().contains(&line)), (owner, owner), "{text}");
    }
    // And that alone gives nothing else.
    let text = format!("{ACCOUNT}grants.owner = true\n");
    let verdict = checked(&text, &occum(), &Approvals::default(), &token).verdict;
    assert!(matches!(verdict, Verdict::Unapproved(_)), "{}", said(&verdict));
    assert!(started(checked(&text, &occum(), &approvals(&occum()), &token)).owner);
}

#[test]
fn what_is_given_is_shown_as_it_is_dialled() {
    let grants = "
grants.urls = [\"GET https://*.B\u{fc}cher.test:443/v1\"]
[[connectors.occum.accounts.default.grants.secrets.agentToken]]
url = \"HTTPS://l\u{43e}\u{441}alho:1/v1/*\"
at = { header = \"authorization\" }
[[connectors.occum.accounts.default.grants.secrets.agentToken]]
url = \"wss://API.test\"
capture = { json = \"/token\" }
";
    assert_eq!(
        ready(&format!("{}{grants}", approved(&occum())), &occum()).given()[2..],
        [
            "may reach GET https://*.xn--bcher-kva.test/v1",
            "agentToken may go into header authorization of https://xn--lalho-jyev:1/v1/*",
            "agentToken arrives in JSON pointer /token of wss://api.test",
        ]
    );
}

#[test]
fn a_capture_from_a_query_is_the_connectors_fault() {
    let mut asked = relay();
    asked.secrets[1].captures[0].at = At::Query("token".into());
    let text = approved(&asked).replace("agentToken", "token");
    assert_eq!(
        said(&checked(&text, &asked, &Approvals::default(), &token).verdict),
        "runtime.toml: connector relay: captures deviceToken from a query, where nothing arrives; the file cannot mend \
         this: tell the connector's author"
    );
}
