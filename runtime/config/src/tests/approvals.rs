//! The file of approvals: written whole, read strictly.
use super::*;
use crate::BadApprovals;
use ports::identity::InstanceId;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.json");
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn without_a_file_nothing_is_approved() {
    let (_folder, path) = folder();
    assert_eq!(Approvals::read(&path).unwrap(), Approvals::default());
    assert!(Approvals::default().request_of(&id("default/occum/default")).is_none());
}

#[test]
fn what_was_approved_is_read_back_line_by_line() {
    let (folder, path) = folder();
    let mut written = approvals(&occum());
    written.approve(&id("acme/relay/a"), &Request::of(&relay()), 1_700_000_000_000);
    written.write(&path).unwrap();
    let read = Approvals::read(&path).unwrap();
    assert_eq!(read, written);
    assert_eq!(read.request_of(&id("acme/relay/a")), Some(&Request::of(&relay())));
    assert!(read.request_of(&id("default/relay/a")).is_none());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(folder.path()), ["approvals.json"]);
}

#[test]
fn the_file_says_what_was_approved_and_when() {
    let (_folder, path) = folder();
    let mut approvals = Approvals::default();
    let asked = Asked { secrets: vec![], urls: vec![], ..occum() };
    approvals.approve(&id("default/occum/default"), &Request::of(&asked), 7);
    approvals.write(&path).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        r#"{
  "format": 1,
  "instances": {
    "default/occum/default": {
      "approved_ms": 7,
      "request": [
        "use agent",
        "use http"
      ]
    }
  }
}
"#
    );
}

#[test]
fn a_later_approval_replaces_the_earlier_and_its_file() {
    let (folder, path) = folder();
    let mut approvals = approvals(&occum());
    approvals.write(&path).unwrap();
    let occum_id = id("default/occum/default");
    approvals.approve(&occum_id, &Request::default(), 2);
    approvals.write(&path).unwrap();
    assert!(Approvals::read(&path).unwrap().request_of(&occum_id).unwrap().is_empty());
    assert_eq!(names(folder.path()), ["approvals.json"]);
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    const MOST: usize = 64 << 20;
    let (folder, path) = folder();
    let approvals = |line: usize| {
        let request = Request::stored(["x".repeat(line)].into()).unwrap();
        let mut approvals = Approvals::default();
        approvals.approve(&id("default/occum/default"), &request, 1);
        approvals
    };
    approvals(1).write(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let most = MOST + 1 - before.len();
    let error = approvals(most + 1).write(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    let said = "the approvals take 67108865 bytes and are over the limit of 67108864";
    assert_eq!(error.to_string(), said);
    assert_eq!((names(folder.path()), fs::read(&path).unwrap()), (vec!["approvals.json".to_owned()], before));
}

#[test]
fn an_approval_can_be_taken_back() {
    let (_folder, path) = folder();
    let mut approvals = approvals(&occum());
    approvals.approve(&id("acme/relay/a"), &Request::of(&relay()), 2);
    let ids: Vec<String> = approvals.ids().map(ToString::to_string).collect();
    assert_eq!(ids, ["acme/relay/a", "default/occum/default"]);
    assert!(!approvals.revoke(&id("default/relay/a")));
    assert!(
        approvals.revoke(&id("default/occum/default")) && !approvals.revoke(&id("default/occum/default"))
    );
    approvals.write(&path).unwrap();
    let read = Approvals::read(&path).unwrap();
    assert_eq!(read.ids().collect::<Vec<_>>(), [&id("acme/relay/a")]);
    let outcome = checked(ACCOUNT, &occum(), &read, &token);
    assert!(matches!(outcome.verdict, Verdict::Unapproved(_)));
}

#[test]
fn a_failed_write_leaves_what_was_there_and_nothing_else() {
    let (folder, path) = folder();
    fs::create_dir(&path).unwrap();
    assert!(approvals(&occum()).write(&path).is_err());
    assert_eq!(names(folder.path()), ["approvals.json"]);
    assert!(approvals(&occum()).write(&folder.path().join("nowhere/approvals.json")).is_err());
    assert!(matches!(Approvals::read(&path), Err(BadApprovals::Unread { .. })));
}

#[test]
fn a_damaged_file_is_refused_with_what_to_do() {
    let (_folder, path) = folder();
    let instance = |key: &str, value: &str| format!(r#"{{"format": 1, "instances": {{"{key}": {value}}}}}"#);
    let good = r#"{"approved_ms": 1, "request": ["use http"]}"#;
    for (text, expected) in [
        (String::new(), "EOF while parsing"),
        ("[1]".into(), "invalid length"),
        (instance("default/occum/default", good)[..40].to_owned(), "EOF while parsing"),
        (r#"{"format": 1}"#.into(), "missing field `instances`"),
        (r#"{"format": 0, "instances": {}}"#.into(), "(format 0)"),
        (r#"{"format": 1, "instances": {}, "more": 1}"#.into(), "unknown field `more`"),
        (instance("../x/y", good), "is not a name"),
        (
            instance("a/b/c", r#"{"approved_ms": 1, "request": [], "forever": true}"#),
            "unknown field `forever`",
        ),
        (instance("a/b/c", r#"{"approved_ms": 1, "request": ["use \u001b[2J"]}"#), "a/b/c: no request"),
        (instance("a/b/c", r#"{"approved_ms": 1, "request": ["use http\n# + use x"]}"#), "a/b/c: no request"),
    ] {
        fs::write(&path, &text).unwrap();
        let said = Approvals::read(&path).expect_err(&text);
        assert!(matches!(said, BadApprovals::Damaged { .. }), "{text}: {said}");
        let said = said.to_string();
        assert!(said.starts_with(&format!("the approvals in {} are damaged (", path.display())), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(said.ends_with("; move the file away, then approval is asked again"), "{said}");
    }
    fs::write(&path, instance("default/occum/default", good)).unwrap();
    assert!(Approvals::read(&path).is_ok());
}

#[test]
fn a_newer_file_is_refused_whatever_else_is_in_it() {
    let (_folder, path) = folder();
    fs::write(&path, r#"{"format": 2, "instances": [], "by": "fingerprint"}"#).unwrap();
    let said = Approvals::read(&path).unwrap_err().to_string();
    let expected = format!(
        "the approvals in {} have format 2, and this runtime knows 1; run the newer runtime that wrote them, or move \
         the file away, then approval is asked again",
        path.display()
    );
    assert_eq!(said, expected);
}
