//! Where secrets come from, and what is said when they do not.
use super::*;
use std::path::Path;

fn nothing(_: &str) -> Option<String> {
    None
}

/// The verdict on an account in `folder` whose token is in `file`.
fn from_file(folder: &Path, file: &str) -> Outcome {
    let name = folder.join("runtime.toml");
    let text = REQUESTED.replace("env = \"TOKEN\"", &format!("file = \"{file}\""));
    let config = Config::parse(&text, &name.display().to_string()).unwrap();
    check(&config.instances_of("occum").unwrap()[0], &occum(), Options::default(), &nothing)
}

fn write(folder: &Path, name: &str, content: &[u8], mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(folder.join(name), content).unwrap();
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn value(outcome: &Outcome) -> String {
    let Verdict::Ready(instance) = &outcome.verdict else { panic!("{}", said(&outcome.verdict)) };
    let url = ports::reach::CheckedUrl::parse("https://api.occum.net/v1/me").unwrap();
    let (at, form) = (At::Header("authorization".into()), ports::secret::Form::Raw);
    let fill = ports::secret::Fill { secret: "agentToken".into(), at, form };
    let to = ports::secret::Destination { method: Some("GET"), url: &url, json: None };
    instance.vault.fill(&fill, to).unwrap().expose().to_owned()
}

#[test]
fn a_files_last_line_end_is_not_part_of_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    for (content, expected) in
        [("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), (" a\nb\n\n", " a\nb\n")]
    {
        write(folder.path(), "token", content.as_bytes(), 0o600);
        let outcome = from_file(folder.path(), "token");
        assert_eq!(value(&outcome), expected);
        assert!(outcome.warnings.is_empty());
    }
}

#[test]
fn a_file_that_others_can_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "token", b"abc", 0o640);
    let outcome = from_file(folder.path(), "token");
    assert_eq!(value(&outcome), "abc");
    let said = lines(&outcome.warnings).replace(&folder.path().display().to_string(), "");
    assert_eq!(
        said,
        r#"/runtime.toml:3:9: connectors.occum.accounts.default.secrets.agentToken: file "token" can be read by other users; take the rights away: chmod 600
3 | secrets.agentToken = { file = "token" }
  |         ^^^^^^^^^^"#
    );
}

#[test]
fn a_file_that_is_not_there_or_empty_is_missing_and_one_that_is_no_text_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "empty", b"\n", 0o600);
    write(folder.path(), "binary", &[0xff], 0o600);
    write(folder.path(), "huge", &[b'a'; 65537], 0o600);
    for (file, is_missing, expected) in [
        ("nowhere", true, "file \"nowhere\" cannot be read: No such file or directory"),
        ("empty", true, "file \"empty\" is empty; provide it, or name another"),
        ("binary", false, "file \"binary\" is not UTF-8"),
        ("huge", false, "file \"huge\" is over the limit of 65536 bytes"),
        (".", false, "file \".\" is not a regular file"),
        ("/dev/zero", false, "file \"/dev/zero\" is not a regular file"),
    ] {
        let verdict = from_file(folder.path(), file).verdict;
        assert!(said(&verdict).contains(expected), "{}", said(&verdict));
        assert_eq!(matches!(verdict, Verdict::NotConfigured { .. }), is_missing, "{file}");
    }
}

#[test]
fn an_unset_or_empty_variable_is_missing() {
    let expected = r#"default/occum/default is not configured
runtime.toml:3:9: connectors.occum.accounts.default.secrets.agentToken: environment variable TOKEN is not set; provide it, or name another
3 | secrets.agentToken = { env = "TOKEN" }
  |         ^^^^^^^^^^"#;
    assert_eq!(said(&checked(REQUESTED, &occum(), Options::default(), &nothing).verdict), expected);
    let empty = |_: &str| Some(String::new());
    assert_eq!(said(&checked(REQUESTED, &occum(), Options::default(), &empty).verdict), expected);
}

#[test]
fn a_required_secret_that_the_file_does_not_name_is_missing() {
    let text = "connectors.occum.accounts.default.grants.requested = true";
    assert_eq!(
        verdict(text),
        r#"default/occum/default is not configured
runtime.toml:1:27: connectors.occum.accounts.default: secret agentToken is missing; write into this table
1 | connectors.occum.accounts.default.grants.requested = true
  |                           ^^^^^^^
secrets.agentToken = { env = "OCCUM_AGENT_TOKEN" }"#
    );
}

#[test]
fn an_optional_secret_may_be_left_out_but_once_named_must_be_there() {
    let mut asked = occum();
    asked.secrets[0].required = false;
    let text = "connectors.occum.accounts.default.grants.requested = true";
    assert!(!ready(text, &asked).vault.exists("agentToken"));
    let verdict = checked(REQUESTED, &asked, Options::default(), &nothing).verdict;
    assert!(matches!(verdict, Verdict::NotConfigured { .. }));
}
