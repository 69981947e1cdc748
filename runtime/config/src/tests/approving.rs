//! What happens until the operator has approved what a connector asks for, and when a new version asks for more.
use super::*;
use crate::Unapproved;

fn unapproved(text: &str, asked: &Asked, approvals: &Approvals) -> Unapproved {
    match checked(text, asked, approvals, &token).verdict {
        Verdict::Unapproved(unapproved) => *unapproved,
        other => panic!("{}", said(&other)),
    }
}

#[test]
fn who_has_approved_nothing_is_told_what_it_asks_for_and_gets_the_lines_to_paste() {
    let unapproved = unapproved(ACCOUNT, &occum(), &Approvals::default());
    let expected = r#"runtime.toml:2:28: connectors.occum.accounts.default: nothing of what the connector asks for is granted; run `runtime approve <component>` at a terminal with the same --config and --state, or write what follows
2 | [connectors.occum.accounts.default]
  |                            ^^^^^^^
# It asks for:
#   by default apiUrl is "https://api.occum.net"
#   reach GET {apiUrl}/v1/*
#   reach {apiUrl:ws}/v1/ws
#   use agent
#   use http
#   write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws when /type is "auth"
#   write agentToken into header authorization of GET {apiUrl}/v1/*
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
# at = { header = "authorization" }"#;
    assert_eq!(unapproved.problem.to_string(), expected.replace("DIGEST", &digest(&occum())));
    assert_eq!(unapproved.id.to_string(), "default/occum/default");
    assert_eq!(unapproved.request, Request::of(&occum()));
    assert_eq!(unapproved.beyond, Request::of(&occum()).lines().collect::<Vec<_>>());
    assert!(!unapproved.approved_before && !unapproved.digest_in_file);
}

#[test]
fn a_new_version_that_asks_for_more_is_shown_against_what_was_approved() {
    let mut asked = occum();
    asked.urls[1].rule = "GET,POST {apiUrl}/v1/*".into();
    asked.capabilities.push("store".into());
    let unapproved = unapproved(ACCOUNT, &asked, &approvals(&occum()));
    let expected = r#"runtime.toml:2:28: connectors.occum.accounts.default: the connector asks for more than was approved; run `runtime approve <component>` at a terminal with the same --config and --state, or write what follows
2 | [connectors.occum.accounts.default]
  |                            ^^^^^^^
# It asks for (+ is new, - is gone):
#   by default apiUrl is "https://api.occum.net"
# - reach GET {apiUrl}/v1/*
# + reach GET,POST {apiUrl}/v1/*
#   reach {apiUrl:ws}/v1/ws
#   use agent
#   use http
# + use store
#   write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws when /type is "auth"
#   write agentToken into header authorization of GET {apiUrl}/v1/*
[connectors.occum.accounts.default.grants]
approved = "DIGEST"    # all that it asks for, as long as it asks for exactly this; or, instead of this line:
# capabilities = ["agent", "http", "store"]
# urls = [
#   "wss://api.occum.net/v1/ws",    # hear what is said
#   "GET,POST https://api.occum.net/v1/*",    # read
# ]
# [[connectors.occum.accounts.default.grants.secrets.agentToken]]
# url = "wss://api.occum.net/v1/ws"
# at = { json = "/token" }
# when = [{ pointer = "/type", equals = "auth" }]
# [[connectors.occum.accounts.default.grants.secrets.agentToken]]
# url = "GET https://api.occum.net/v1/*"
# at = { header = "authorization" }"#;
    assert_eq!(unapproved.problem.to_string(), expected.replace("DIGEST", &digest(&asked)));
    assert_eq!(unapproved.beyond, ["reach GET,POST {apiUrl}/v1/*", "use store"]);
    assert!(unapproved.approved_before);
}

#[test]
fn each_thing_more_is_unapproved_with_exactly_its_line() {
    type Change = fn(&mut Asked);
    let more: [(&str, Change); 9] = [
        ("use store", |asked| asked.capabilities.push("store".into())),
        ("reach POST {apiUrl}/v1/*", |asked| asked.urls.push(url("POST {apiUrl}/v1/*", "write"))),
        ("write agentToken into query key k of GET {apiUrl}/v1/*", |asked| {
            asked.secrets[0].places.push(place("GET {apiUrl}/v1/*", At::Query("k".into()), vec![]));
        }),
        ("write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws", |asked| {
            asked.secrets[0].places[0].when.clear();
        }),
        ("capture agentToken from header x-token of {apiUrl}/v1/me", |asked| {
            let (rule, at) = ("{apiUrl}/v1/me".into(), At::Header("x-token".into()));
            asked.secrets[0].captures.push(CaptureAsk { rule, at, when: vec![] });
        }),
        ("sign text with agentToken by key \"device\"", |asked| asked.secrets[0].signs.push("device".into())),
        ("authenticate with agentToken", |asked| asked.secrets[0].authenticates = true),
        ("by default apiUrl is \"https://api.occum.example\"", |asked| {
            asked.schema["properties"]["apiUrl"]["default"] = "https://api.occum.example".into();
        }),
        ("authenticate with other", |asked| {
            asked.secrets.push(SecretAsk { authenticates: true, ..secret("other") });
        }),
    ];
    for (line, change) in more {
        let mut asked = occum();
        change(&mut asked);
        let by_terminal = unapproved(ACCOUNT, &asked, &approvals(&occum()));
        assert_eq!(by_terminal.beyond, [line]);
        assert!(by_terminal.problem.to_string().contains(&format!("\n# + {line}\n")));
        let by_digest = unapproved(&approved(&occum()), &asked, &Approvals::default());
        assert!(by_digest.beyond.iter().any(|new| new == line) && !by_digest.approved_before);
    }
}

#[test]
fn a_new_version_that_asks_for_less_or_the_same_starts() {
    let before = approvals(&occum());
    let less: [fn(&mut Asked); 6] = [
        |_| {},
        |asked| drop(asked.capabilities.remove(0)),
        |asked| drop(asked.urls.remove(0)),
        |asked| drop(asked.secrets[0].places.remove(0)),
        |asked| asked.urls[0].reason = "another".into(),
        |asked| asked.secrets.clear(),
    ];
    for (nth, change) in less.iter().enumerate() {
        let mut asked = occum();
        change(&mut asked);
        let text = if asked.secrets.is_empty() { "[connectors.occum.accounts.default]" } else { ACCOUNT };
        let instance = started(checked(text, &asked, &before, &token));
        assert!(instance.withheld.is_empty(), "{nth}: {:?}", instance.withheld);
        assert_eq!(instance.capabilities, asked.capabilities);
        assert_eq!(instance.reach.rules.len(), asked.urls.len());
    }
}

#[test]
fn an_approval_is_of_one_instance() {
    let text = ACCOUNT.replace("accounts.default", "accounts.other");
    assert!(!unapproved(&text, &occum(), &approvals(&occum())).approved_before);
    let text = format!("{ACCOUNT}tenant = \"acme\"\n");
    assert!(!unapproved(&text, &occum(), &approvals(&occum())).approved_before);
}

#[test]
fn a_digest_of_another_request_says_so() {
    let text = approved(&relay()).replace("relay", "occum");
    let unapproved = unapproved(&text, &occum(), &Approvals::default());
    assert!(unapproved.digest_in_file && !unapproved.approved_before);
    let said = unapproved.problem.to_string();
    let first = said.lines().next().unwrap();
    assert_eq!(
        first,
        "runtime.toml:2:28: connectors.occum.accounts.default: approved is for another request than what the \
         connector asks for; write what follows, or remove that line and run `runtime approve <component>` at a \
         terminal with the same --config and --state"
    );
    let header = "\n# into [connectors.occum.accounts.default.grants], in place of the line that is there:\napproved = ";
    assert!(said.contains(header), "{said}");
}

#[test]
fn where_the_file_has_a_digest_no_approval_makes_up_for_it() {
    let text = approved(&relay()).replace("relay", "occum");
    let same = unapproved(&text, &occum(), &approvals(&occum()));
    assert!(same.digest_in_file && same.approved_before && same.beyond.is_empty());
    // And what is in the approvals is still what it is compared with.
    let mut asked = occum();
    asked.capabilities[1] = "store".into();
    let unapproved = unapproved(&text, &asked, &approvals(&occum()));
    let expected = r#"runtime.toml:2:28: connectors.occum.accounts.default: approved is for another request than what the connector asks for; write what follows, or remove that line and run `runtime approve <component>` at a terminal with the same --config and --state
2 | [connectors.occum.accounts.default]
  |                            ^^^^^^^
# It asks for (+ is new, - is gone):
#   by default apiUrl is "https://api.occum.net"
#   reach GET {apiUrl}/v1/*
#   reach {apiUrl:ws}/v1/ws
#   use agent
# - use http
# + use store
#   write agentToken into JSON pointer /token of {apiUrl:ws}/v1/ws when /type is "auth"
#   write agentToken into header authorization of GET {apiUrl}/v1/*
# into [connectors.occum.accounts.default.grants], in place of the line that is there:
approved = "DIGEST"    # all that it asks for, as long as it asks for exactly this; or, instead of this line:
# capabilities = ["agent", "store"]
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
# at = { header = "authorization" }"#;
    assert_eq!(unapproved.problem.to_string(), expected.replace("DIGEST", &digest(&asked)));
    assert_eq!(unapproved.beyond, ["use store"]);
}

#[test]
fn a_digest_of_another_request_is_warned_of_where_every_part_is_spoken_of() {
    let spoken =
        "grants.capabilities = [\"agent\", \"http\"]\ngrants.urls = []\ngrants.secrets.agentToken = []\n";
    let text = approved(&relay()).replace("relay", "occum") + spoken;
    let outcome = checked(&text, &occum(), &Approvals::default(), &token);
    assert_eq!(
        lines(&outcome.warnings),
        format!(
            "runtime.toml:4:19: connectors.occum.accounts.default.grants.approved: is for another request than the \
             connector's, and gives nothing; remove it, or write \"{}\"\n\
             4 | grants.approved = \"{}\"\n  |                   {}",
            digest(&occum()),
            digest(&relay()),
            "^".repeat(73),
        )
    );
    assert_eq!(started(outcome).given(), ["may use agent", "may use http"]);
}

#[test]
fn both_ways_to_approve_give_the_same() {
    let by_digest = ready(&approved(&occum()), &occum());
    let by_terminal = started(checked(ACCOUNT, &occum(), &approvals(&occum()), &token));
    assert_eq!(by_digest.given(), by_terminal.given());
    assert_eq!(by_digest.reach, by_terminal.reach);
}

#[test]
fn the_lines_to_paste_are_right_as_they_are_and_with_the_comments_taken_away() {
    for asked in [occum(), relay()] {
        let account = ACCOUNT.replace("occum", &asked.id).replace("agentToken", &asked.secrets[0].name);
        let said = unapproved(&account, &asked, &Approvals::default()).problem.to_string();
        let (report, lines) = said.split_once("\n# It asks for:\n").unwrap();
        assert_eq!(report.lines().count(), 3);
        let pasted = ready(&format!("{account}# It asks for:\n{lines}"), &asked);
        assert!(pasted.withheld.is_empty());
        let (_, lines) = lines.split_once("instead of this line:\n").unwrap();
        let table = format!("[connectors.{}.accounts.default.grants]", asked.id);
        let written = format!("{account}{table}\n{lines}").replace("\n# ", "\n");
        let written = ready(&written, &asked);
        assert!(written.withheld.is_empty(), "{:?}", written.withheld);
        assert_eq!(written.given(), pasted.given());
    }
}

#[test]
fn what_is_missing_comes_before_what_is_not_approved() {
    let nothing = |_: &str| None;
    let outcome = checked(ACCOUNT, &occum(), &Approvals::default(), &nothing);
    let Verdict::NotConfigured { missing, .. } = &outcome.verdict else {
        panic!("{}", said(&outcome.verdict))
    };
    let said: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("nothing of what the connector asks for is granted"), "{}", said[0]);
    assert!(said[1].contains("environment variable TOKEN is not set"), "{}", said[1]);
}

#[test]
fn what_is_missing_does_not_keep_it_from_being_approved() {
    let nothing = |_: &str| None;
    let mut asked = occum();
    asked.capabilities.push("store".into());
    let outcome = checked(ACCOUNT, &asked, &approvals(&occum()), &nothing);
    let Verdict::NotConfigured { id, missing, unapproved } = outcome.verdict else { panic!() };
    let unapproved = unapproved.unwrap();
    assert_eq!((&unapproved.id, &unapproved.problem), (&id, &missing[0]));
    assert_eq!((unapproved.beyond, unapproved.approved_before), (vec!["use store".to_owned()], true));
    // So approved, only the rest is missing.
    let mut approvals = Approvals::default();
    approvals.approve(&id, &unapproved.request, 1);
    let outcome = checked(ACCOUNT, &asked, &approvals, &nothing);
    let Verdict::NotConfigured { missing, unapproved: None, .. } = outcome.verdict else { panic!() };
    assert_eq!(missing.len(), 1, "{}", lines(&missing));
}

#[test]
fn what_is_wrong_comes_before_all() {
    let text = format!("{ACCOUNT}grants.secrets.other = []\n");
    let outcome = checked(&text, &occum(), &Approvals::default(), &|_| None);
    let Verdict::Wrong(problems) = &outcome.verdict else { panic!("{}", said(&outcome.verdict)) };
    assert_eq!(problems.len(), 3, "{}", lines(problems));
}

#[test]
fn what_cannot_be_expanded_is_wrong_before_anybody_approves_it() {
    let text = format!("{ACCOUNT}config.apiUrl = \"https://*.occum.net\"\n");
    let outcome = checked(&text, &occum(), &Approvals::default(), &token);
    assert!(matches!(outcome.verdict, Verdict::Wrong(_)));
    assert!(said(&outcome.verdict).contains("config.apiUrl: '*' must not be in it: it is put into a grant"));
}

#[test]
fn a_connector_that_asks_for_nothing_needs_no_approval() {
    let secrets = vec![SecretAsk { required: true, ..secret("agentToken") }];
    let asked = Asked { capabilities: vec![], secrets, urls: vec![], ..occum() };
    let instance = ready(ACCOUNT, &asked);
    assert!(instance.given().is_empty() && instance.withheld.is_empty());
}
