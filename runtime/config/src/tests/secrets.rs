//! Where secrets come from, and what is said when they do not.
use super::*;
use crate::{SecretFile, read_secret};
use std::path::Path;

fn nothing(_: &str) -> Option<String> {
    None
}

/// The verdict on an account in `folder` whose token is in `file`.
fn from_file(folder: &Path, file: &str) -> Outcome {
    let name = folder.join("runtime.toml");
    let text = ACCOUNT.replace("env = \"TOKEN\"", &format!("file = \"{file}\""));
    let config = Config::parse(&text, &name.display().to_string()).unwrap();
    check(&config.instances_of("occum").unwrap()[0], &occum(), &approvals(&occum()), &nothing)
}

fn write(folder: &Path, name: &str, content: &[u8], mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(folder.join(name), content).unwrap();
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn value(outcome: &Outcome) -> String {
    let Verdict::Ready(instance) = &outcome.verdict else { panic!("{}", said(&outcome.verdict)) };
    instance.secrets["agentToken"].value.as_ref().unwrap().expose().to_owned()
}

#[test]
fn a_files_last_line_end_is_not_part_of_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    for (content, expected) in
        [("abcdef", "abcdef"), ("abcdef\n", "abcdef"), ("abcdef\r\n", "abcdef"), (" abc\nd\n\n", " abc\nd\n")]
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
    write(folder.path(), "token", b"abcdef", 0o640);
    let outcome = from_file(folder.path(), "token");
    assert_eq!(value(&outcome), "abcdef");
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
    assert_eq!(said(&checked(ACCOUNT, &occum(), &approvals(&occum()), &nothing).verdict), expected);
    let empty = |_: &str| Some(String::new());
    assert_eq!(said(&checked(ACCOUNT, &occum(), &approvals(&occum()), &empty).verdict), expected);
}

#[test]
fn a_required_secret_that_the_file_does_not_name_is_missing() {
    let text = "connectors.occum.accounts.default = {}";
    let outcome = checked(text, &occum(), &approvals(&occum()), &token);
    assert_eq!(
        said(&outcome.verdict),
        r#"default/occum/default is not configured
runtime.toml:1:27: connectors.occum.accounts.default: secret agentToken is missing; write into this table
1 | connectors.occum.accounts.default = {}
  |                           ^^^^^^^
secrets.agentToken = { env = "CONNECTOR_OCCUM_AGENT_TOKEN" }"#
    );
}

#[test]
fn a_suggested_variable_is_never_one_that_something_else_uses() {
    for (connector, secret, expected) in [
        ("openai", "apiKey", "CONNECTOR_OPENAI_API_KEY"),
        ("aws", "secretAccessKey", "CONNECTOR_AWS_SECRET_ACCESS_KEY"),
        ("2-x", "HTTPToken", "CONNECTOR_2_X_HTTPTOKEN"),
        ("X", "\u{e9}\"", "CONNECTOR_X___"),
    ] {
        assert_eq!(crate::secrets::suggestion(connector, secret), format!("{{ env = \"{expected}\" }}"));
    }
}

#[test]
fn an_optional_secret_may_be_left_out_but_once_named_must_be_there() {
    let mut asked = occum();
    asked.secrets[0].required = false;
    let text = "connectors.occum.accounts.default = {}";
    let instance = started(checked(text, &asked, &approvals(&asked), &token));
    assert!(instance.secrets.is_empty());
    let verdict = checked(ACCOUNT, &asked, &approvals(&asked), &nothing).verdict;
    assert!(matches!(verdict, Verdict::NotConfigured { .. }));
}

#[test]
fn a_short_secret_is_warned_of() {
    let outcome = |value: &str| {
        let value = value.to_owned();
        checked(ACCOUNT, &occum(), &approvals(&occum()), &move |_| Some(value.clone()))
    };
    let short = outcome("abcde");
    assert_eq!(
        lines(&short.warnings),
        r#"runtime.toml:3:9: connectors.occum.accounts.default.secrets.agentToken: has fewer than 6 bytes: where the far end sends it back, it is not found and the connector reads it; use a longer one
3 | secrets.agentToken = { env = "TOKEN" }
  |         ^^^^^^^^^^"#
    );
    assert_eq!(value(&short), "abcde");
    assert!(outcome("abcdef").warnings.is_empty());
}

#[test]
fn a_variable_has_a_longest_value_too() {
    let verdict = |bytes: usize| {
        checked(ACCOUNT, &occum(), &approvals(&occum()), &move |_| Some("x".repeat(bytes))).verdict
    };
    assert!(matches!(verdict(65536), Verdict::Ready(_)));
    let wrong = verdict(65537);
    assert!(matches!(wrong, Verdict::Wrong(_)));
    let expected = "environment variable TOKEN is over the limit of 65536 bytes; name another";
    assert!(said(&wrong).contains(expected), "{}", said(&wrong));
}

#[test]
fn secrets_from_files_are_named_so_that_they_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "token", b"abcdef\n", 0o600);
    let instance = started(from_file(folder.path(), "token"));
    let path = folder.path().join("token");
    assert_eq!(instance.files, [SecretFile { name: "agentToken".into(), path: path.clone() }]);
    write(folder.path(), "token", b"ghijkl\r\n", 0o600);
    assert_eq!(read_secret(&path).unwrap().expose(), "ghijkl");
    assert!(started(checked(ACCOUNT, &occum(), &approvals(&occum()), &token)).files.is_empty());
}

#[test]
fn a_file_read_again_is_checked_as_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (content, expected) in [
        (&b"\n"[..], "is empty"),
        (&[0xff], "is not UTF-8"),
        (&[b'a'; 65537], "is over the limit of 65536 bytes"),
    ] {
        write(folder.path(), "token", content, 0o600);
        let said = read_secret(&folder.path().join("token")).unwrap_err();
        assert_eq!(said, format!("file \"{}/token\" {expected}", folder.path().display()));
    }
    assert!(read_secret(&folder.path().join("nowhere")).unwrap_err().contains("cannot be read: "));
    assert!(read_secret(folder.path()).unwrap_err().ends_with("is not a regular file"));
}
