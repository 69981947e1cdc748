//! `[agent]`: what is read, and how its key is fetched. What is wrong by itself is in `bad_files`.
use super::{lines, token};
use crate::{Agent, Config, OpenAi, OpenClaw, Problem, Report};
use std::os::unix::fs::PermissionsExt;
use std::{fs, path::Path};

const OPENAI: &str = "[agent]
backend = \"openai\"
base_url = \"https://api.openai.com/v1/\"
model = \"gpt-5-mini\"
";

fn nothing(_: &str) -> Option<String> {
    None
}

fn openai(text: &str) -> OpenAi {
    let config = Config::parse(text, "f.toml").unwrap_or_else(|report| panic!("{report}"));
    match config.agent(&token).unwrap_or_else(|report| panic!("{report}")).0 {
        Agent::OpenAi(openai) => *openai,
        other => panic!("{other:?}: {text}"),
    }
}

fn refused(text: &str) -> String {
    Config::parse(text, "f.toml").expect_err(text).to_string()
}

#[test]
fn who_says_nothing_or_echo_gets_echo() {
    for text in ["", "[agent]", "[agent]\nbackend = \"echo\""] {
        let (agent, warnings) = Config::parse(text, "f.toml").unwrap().agent(&nothing).unwrap();
        assert!(matches!(agent, Agent::Echo) && warnings.is_empty(), "{text}");
    }
    assert!(matches!(Config::empty().agent(&nothing).unwrap().0, Agent::Echo));
}

#[test]
fn a_url_and_a_model_are_enough() {
    let said = openai(OPENAI);
    assert_eq!((said.base_url.as_str(), said.model.as_str()), ("https://api.openai.com/v1", "gpt-5-mini"));
    assert!(said.api_key.is_none() && said.system.is_none());
    assert_eq!((said.memory_turns, said.first_byte_seconds, said.idle_seconds), (20, 120, 60));
}

#[test]
fn every_key_is_taken_as_it_is_written() {
    let said = openai(&format!(
        "{OPENAI}api_key = {{ env = \"TOKEN\" }}
system = \"You are brief.\"
memory_turns = 0
first_byte_seconds = 600
idle_seconds = 1
"
    ));
    assert_eq!(said.api_key.unwrap().expose(), "canary-7f3a");
    assert_eq!(said.system.as_deref(), Some("You are brief."));
    assert_eq!((said.memory_turns, said.first_byte_seconds, said.idle_seconds), (0, 600, 1));
}

#[test]
fn a_base_url_loses_its_trailing_slashes_and_nothing_else() {
    for (written, expected) in [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("HTTPS://API.test:443/a/@b//", "https://api.test/a/@b"),
    ] {
        assert_eq!(openai(&OPENAI.replace("https://api.openai.com/v1/", written)).base_url, expected);
    }
}

#[test]
fn a_base_url_that_is_none_is_refused_with_the_reason() {
    for (written, expected) in [
        ("", "not a URL: relative URL without a base; write one such as \"https://api.openai.com/v1\""),
        ("localhost:8080/v1", "the scheme is http or https; write one such as"),
        ("ftp://a.test", "the scheme is http or https; write one such as"),
        ("https://a.test:0", "port 0 cannot be reached; write one such as"),
        (
            "https://a.test?",
            "a base URL has no user name, password, query or fragment; write the URL without",
        ),
        (
            "https://a.test/#",
            "a base URL has no user name, password, query or fragment; write the URL without",
        ),
        (
            "https://me@a.test",
            "a base URL has no user name, password, query or fragment; write the URL without",
        ),
        ("https://a.test/v1/chat/completions/", "/chat/completions is added to it; leave it out"),
    ] {
        let said = refused(&OPENAI.replace("https://api.openai.com/v1/", written));
        assert!(said.starts_with(&format!("f.toml:3:12: agent.base_url: {expected}")), "{written}: {said}");
    }
}

#[test]
fn a_model_and_a_prompt_have_a_longest() {
    let model = |chars| OPENAI.replace("gpt-5-mini", &"é".repeat(chars));
    assert_eq!(openai(&model(256)).model.chars().count(), 256);
    for chars in [0, 257] {
        let said = refused(&model(chars));
        assert!(
            said.starts_with("f.toml:4:9: agent.model: a model's name has 1 to 256 characters; "),
            "{said}"
        );
    }
    let system = |bytes| format!("{OPENAI}system = \"{}\"", "x".repeat(bytes));
    assert_eq!(openai(&system(65536)).system.map(|text| text.len()), Some(65536));
    let said = refused(&system(65537));
    let expected = "f.toml:5:10: agent.system: 65537 bytes are over the limit of 65536; shorten it\n";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_key_that_is_not_set_or_cannot_be_sent_is_wrong() {
    let config = Config::parse(&format!("{OPENAI}api_key = {{ env = \"KEY\" }}"), "f.toml").unwrap();
    let wrong = |value: Option<&str>| {
        let env = |name: &str| value.filter(|_| name == "KEY").map(str::to_owned);
        config.agent(&env).unwrap_err().to_string()
    };
    let unset = r#"f.toml:5:1: agent.api_key: environment variable KEY is not set; provide it, or name another
5 | api_key = { env = "KEY" }
  | ^^^^^^^"#;
    assert_eq!((wrong(None).as_str(), wrong(Some("")).as_str()), (unset, unset));
    let unfit = r#"f.toml:5:1: agent.api_key: the key has other characters than visible ASCII; look for a space or a line end in it
5 | api_key = { env = "KEY" }
  | ^^^^^^^"#;
    for value in ["sk-1\n", "sk 1", "sk-ü"] {
        assert_eq!(wrong(Some(value)), unfit);
    }
}

#[test]
fn a_key_in_a_file_is_read_from_the_folder_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let agent = |mode| {
        let path = folder.path().join("key");
        fs::write(&path, "sk-1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let Ok((Agent::OpenAi(openai), warnings)) = from_file(folder.path(), "key") else { panic!() };
        assert_eq!(openai.api_key.unwrap().expose(), "sk-1");
        lines(&warnings).replace(&folder.path().display().to_string(), "")
    };
    assert_eq!(agent(0o600), "");
    let open = r#"/runtime.toml:5:1: agent.api_key: file "key" can be read by other users; take the rights away: chmod 600
5 | api_key = { file = "key" }
  | ^^^^^^^"#;
    assert_eq!(agent(0o644), open);
    for (file, expected) in [
        ("nowhere", "file \"nowhere\" cannot be read: No such file or directory"),
        (".", "file \".\" is not a regular file; name another"),
    ] {
        let said = from_file(folder.path(), file).unwrap_err().to_string();
        assert!(said.contains(&format!("runtime.toml:5:1: agent.api_key: {expected}")), "{said}");
    }
}

fn from_file(folder: &Path, file: &str) -> Result<(Agent, Vec<Problem>), Report> {
    let name = folder.join("runtime.toml").display().to_string();
    Config::parse(&format!("{OPENAI}api_key = {{ file = \"{file}\" }}"), &name).unwrap().agent(&nothing)
}

#[test]
fn the_key_is_in_no_debug_output() {
    let config = Config::parse(&format!("{OPENAI}api_key = {{ env = \"TOKEN\" }}"), "f.toml").unwrap();
    let agent = config.agent(&token).unwrap();
    assert!(!format!("{config:?} {agent:?}").contains("7f3a"));
}

#[test]
fn the_lines_that_a_report_names_are_right_as_they_are() {
    let mut text = "[agent]\nbackend = \"openai\"\n".to_owned();
    let report = refused(&text);
    for line in report.lines().filter_map(|line| line.split_once("; write ")) {
        text.push_str(&format!("{}\n", line.1));
    }
    assert_eq!(openai(&text).model, "gpt-5-mini");
    let literal = refused(&format!("{OPENAI}api_key = \"sk-1\""));
    let reference = literal.split_once("; write ").unwrap().1.split_once(" or ").unwrap().0;
    let text = format!("{OPENAI}api_key = {}", reference.replace("OPENAI_API_KEY", "TOKEN"));
    assert!(openai(&text).api_key.is_some());
}

const OPENCLAW: &str = "[agent]
backend = \"openclaw\"
url = \"ws://127.0.0.1:18789\"
";

fn openclaw(text: &str) -> OpenClaw {
    let config = Config::parse(text, "f.toml").unwrap_or_else(|report| panic!("{report}"));
    match config.agent(&token).unwrap_or_else(|report| panic!("{report}")).0 {
        Agent::OpenClaw(openclaw) => *openclaw,
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn a_gateways_url_is_enough() {
    let said = openclaw(OPENCLAW);
    assert_eq!((said.url.as_str(), said.agent.as_str()), ("ws://127.0.0.1:18789/", "main"));
    assert!(said.token.is_none() && said.system.is_none() && said.agents.is_empty());
}

#[test]
fn every_key_of_a_gateway_is_taken_as_it_is_written() {
    let said = openclaw(&format!(
        "{OPENCLAW}token = {{ env = \"TOKEN\" }}
agent = \"bridge\"
agents = {{ occum = \"chat\", \"occum/work\" = \"work_2\" }}
system = \"You are brief.\"
"
    ));
    assert_eq!(said.token.unwrap().expose(), "canary-7f3a");
    assert_eq!((said.agent.as_str(), said.system.as_deref()), ("bridge", Some("You are brief.")));
    let agents: Vec<_> = said.agents.iter().map(|(whose, agent)| format!("{whose}={agent}")).collect();
    assert_eq!(agents, ["occum=chat", "occum/work=work_2"]);
}

#[test]
fn what_is_wrong_with_a_gateway_is_told_with_what_to_write() {
    assert_eq!(
        refused("[agent]\nbackend = \"openclaw\"\nmodel = \"x\"\nagent = \"Main\"\n"),
        r#"f.toml:1:2: agent: url is missing; write url = "ws://127.0.0.1:18789"
1 | [agent]
  |  ^^^^^
f.toml:3:9: agent.model: backend "openclaw" has no such key; write backend = "openai", or remove the key
3 | model = …
  |         ^
f.toml:4:9: agent.agent: an agent's id has 1 to 64 characters of a-z, 0-9, '-' and '_'; write one that `openclaw agents list` shows
4 | agent = "Main"
  |         ^^^^^^"#
    );
    for (url, expected) in [
        ("http://127.0.0.1:18789", "the scheme is ws or wss; write one such as"),
        ("127.0.0.1:18789", "not a URL: "),
        (
            "ws://me:pw@a.test",
            "a gateway's URL has no user name, password, query or fragment; write the URL without",
        ),
        (
            "ws://a.test/?token=x",
            "a gateway's URL has no user name, password, query or fragment; write the URL without",
        ),
    ] {
        let said = refused(&OPENCLAW.replace("ws://127.0.0.1:18789", url));
        assert!(said.starts_with(&format!("f.toml:3:7: agent.url: {expected}")), "{url}: {said}");
        assert!(!said.contains("pw") && !said.contains("token=x"), "{said}");
    }
}
