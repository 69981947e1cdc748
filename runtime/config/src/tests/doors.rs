//! `[events]` and `[mcp]`: what is read, and what is wrong.
use super::token;
use crate::{Config, McpSettings};

fn mcp(text: &str) -> McpSettings {
    let config = Config::parse(text, "f.toml").unwrap_or_else(|report| panic!("{report}"));
    let env = |name: &str| (name == "LONG").then(|| "0123456789abcdef".to_owned());
    config.mcp(&env).unwrap_or_else(|report| panic!("{report}")).0.expect(text)
}

fn refused(text: &str) -> String {
    Config::parse(text, "f.toml").expect_err(text).to_string()
}

#[test]
fn who_says_nothing_opens_no_door() {
    let config = Config::parse("", "f.toml").unwrap();
    assert!(config.events(&token).unwrap().0.is_none() && config.mcp(&token).unwrap().0.is_none());
}

#[test]
fn an_endpoint_offers_the_tools_of_the_connector_whose_name_it_has() {
    let said = mcp("[mcp]\nlisten = \"127.0.0.1:9465\"\n[mcp.endpoints.occum]\ntoken = { env = \"LONG\" }\n");
    assert_eq!(said.listen, Some("127.0.0.1:9465".parse().unwrap()));
    let endpoint = &said.endpoints["occum"];
    assert_eq!((endpoint.connectors.clone(), endpoint.send), (vec!["occum".to_owned()], true));
    assert_eq!(endpoint.token.as_ref().unwrap().expose(), "0123456789abcdef");
    let more = mcp("[mcp.endpoints.all]\nconnectors = [\"occum/work\", \"pier\"]\nsend = false\n");
    assert_eq!((more.listen, more.endpoints["all"].send), (None, false));
    assert_eq!(more.endpoints["all"].connectors, ["occum/work", "pier"]);
    assert!(more.endpoints["all"].token.is_none(), "nothing listens");
}

#[test]
fn an_endpoint_that_listens_needs_a_token_that_nobody_guesses() {
    let said = refused("[mcp]\nlisten = \"127.0.0.1:1\"\n[mcp.endpoints.occum]\n");
    assert!(
        said.starts_with("f.toml:3:16: mcp.endpoints.occum: token is missing; write token = {"),
        "{said}"
    );
    let text = "[events]\nlisten = \"127.0.0.1:1\"\ntoken = { env = \"TOKEN\" }\n";
    let config = Config::parse(text, "f.toml").unwrap();
    let said = config.events(&token).unwrap_err().to_string();
    assert!(
        said.contains("events.token: a token has at least 16 characters") && !said.contains("7f3a"),
        "{said}"
    );
    let good = config.events(&|_| Some("0123456789abcdef".into())).unwrap().0.unwrap();
    assert_eq!((good.listen, good.token.expose()), ("127.0.0.1:1".parse().unwrap(), "0123456789abcdef"));
}

#[test]
fn two_endpoints_have_two_tokens_and_one_without_a_door_needs_none() {
    let endpoints = "[mcp.endpoints]\noccum.token = { env = \"A\" }\npier.token = { env = \"B\" }\n";
    let text = format!("[mcp]\nlisten = \"127.0.0.1:1\"\n{endpoints}");
    let config = Config::parse(&text, "f.toml").unwrap();
    let said = config.mcp(&|_| Some("0123456789abcdef".into())).unwrap_err().to_string();
    assert!(
        said.contains("mcp.endpoints.pier.token: endpoint occum has the same token")
            && !said.contains("0123"),
        "{said}"
    );
    let (_, warnings) = config.mcp(&|name| Some(format!("{name}-0123456789abcdef"))).unwrap();
    assert!(warnings.is_empty());
    let config = Config::parse(endpoints, "f.toml").unwrap();
    let (_, warnings) = config.mcp(&|name| Some(format!("{name}-0123456789abcdef"))).unwrap();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].to_string().contains("nothing listens, so no token is needed"), "{}", warnings[0]);
}

#[test]
fn what_is_wrong_with_a_door_is_told_with_what_to_write() {
    for (text, expected) in [
        ("[events]\nlisten = \"0.0.0.0:1\"\ntoken = { env = \"X\" }", "write \"127.0.0.1:1\""),
        ("[events]\nlisten = \"127.0.0.1:1\"", "events: token is missing; write token = "),
        ("[mcp]\nlisten = \"127.0.0.1:1\"", "mcp: no endpoint offers anything; write [mcp.endpoints.<name"),
        ("[mcp.endpoints.\"a/b\"]", "an endpoint's name has 1 to 64 characters"),
        ("[mcp.endpoints.a]\nconnectors = []", "it offers nobody's tools; write a list such as"),
        ("[mcp.endpoints.a]\nconector = []", "unknown key; did you mean connectors?"),
    ] {
        let said = refused(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn an_endpoint_of_nobody_is_told() {
    let config = Config::parse("[mcp.endpoints.ocum]", "f.toml").unwrap();
    let said: Vec<String> =
        config.unknown_in_mcp(|name| name == "occum").iter().map(ToString::to_string).collect();
    assert!(
        said[0].starts_with(
            "f.toml:1:16: mcp.endpoints.ocum: there is no connector or account \"ocum\"; name the endpoint"
        ),
        "{said:?}"
    );
    assert!(config.unknown_in_mcp(|name| name == "ocum").is_empty());
}
