//! `[egress]`: what is read, and the files and passwords that it names. What is wrong by itself is in `bad_egress`.
use super::*;
use crate::{ProxyChoice, ProxyNames};
use std::fs;
use std::path::Path;

fn parsed(folder: &Path, text: &str) -> Config {
    let name = folder.join("runtime.toml").display().to_string();
    Config::parse(text, &name).unwrap_or_else(|report| panic!("{report}"))
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// Without the folder, which has another name each time.
fn short(folder: &Path, said: impl ToString) -> String {
    said.to_string().replace(&format!("{}/", folder.display()), "")
}

#[test]
fn who_says_nothing_gets_the_public_roots_and_no_proxy() {
    for text in ["", "[egress]", "egress = { roots = [], hosts = {} }"] {
        let (egress, warnings) = Config::parse(text, "f.toml").unwrap().egress(&nothing).unwrap();
        assert!(egress.roots.is_empty() && egress.hosts.is_empty() && egress.proxy.is_none(), "{text}");
        assert!(warnings.is_empty());
    }
    assert!(Config::empty().egress(&nothing).unwrap().0.proxy.is_none());
}

#[test]
fn everything_is_taken_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("corp-ca.pem"), "PEM").unwrap();
    let text = "
[egress]
roots = [\"corp-ca.pem\"]
hosts = { \"api.example.test\" = [\"10.1.2.3\", \"fd00::1\"] }
proxy = { url = \"http://proxy.corp:3128\", user = \"me\", password = { env = \"TOKEN\" }, names = \"there\" }
";
    let (egress, warnings) = parsed(folder.path(), text).egress(&token).unwrap();
    assert_eq!(egress.roots[0].bytes, b"PEM");
    let place = short(folder.path(), &egress.roots[0].place);
    assert_eq!(place, "runtime.toml:3:10: egress.roots[0] (corp-ca.pem)");
    let addresses = &egress.hosts["api.example.test"];
    assert_eq!(addresses, &["10.1.2.3".parse::<std::net::IpAddr>().unwrap(), "fd00::1".parse().unwrap()]);
    let proxy = egress.proxy.as_ref().unwrap();
    assert_eq!(proxy.url.as_str(), "http://proxy.corp:3128/");
    let (user, password) = proxy.credentials.as_ref().unwrap();
    assert_eq!((user.as_str(), password.expose()), ("me", "canary-7f3a"));
    assert_eq!(proxy.names, ProxyNames::There);
    assert_eq!(short(folder.path(), &proxy.place), "runtime.toml:5:1: egress.proxy");
    assert!(!format!("{egress:?}").contains("7f3a"));
    assert_eq!(
        short(folder.path(), lines(&warnings)),
        r#"runtime.toml:5:94: egress.proxy.names: the names of egress.hosts are not asked for through this proxy, because it resolves names itself; remove one of both
5 | ser = "me", password = { env = "TOKEN" }, names = "there" }
  |                                                   ^^^^^^^"#
    );
}

#[test]
fn names_of_its_own_and_a_proxy_that_resolves_them_are_warned_of_only_together() {
    for (hosts, names) in
        [("", "there"), ("hosts = {}", "there"), ("hosts = { \"a.test\" = [\"10.1.2.3\"] }", "here")]
    {
        let text =
            format!("[egress]\n{hosts}\nproxy = {{ url = \"http://proxy.corp\", names = \"{names}\" }}");
        let (_, warnings) = Config::parse(&text, "f.toml").unwrap().egress(&nothing).unwrap();
        assert!(warnings.is_empty(), "{text}: {}", lines(&warnings));
    }
}

#[test]
fn a_proxy_resolves_no_names_unless_it_is_told_to() {
    for (text, names) in [("", ProxyNames::Here), (", names = \"here\"", ProxyNames::Here)] {
        let text = format!("egress.proxy = {{ url = \"https://proxy.corp\"{text} }}");
        let (egress, _) = Config::parse(&text, "f.toml").unwrap().egress(&nothing).unwrap();
        let proxy = egress.proxy.unwrap();
        assert!(proxy.names == names && proxy.credentials.is_none());
    }
}

#[test]
fn what_cannot_be_had_is_wrong_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("huge.pem"), vec![b'a'; (1 << 20) + 1]).unwrap();
    fs::write(folder.path().join("most.pem"), vec![b'a'; 1 << 20]).unwrap();
    let text = "
[egress]
roots = [\"nowhere.pem\", \"huge.pem\", \".\", \"most.pem\"]
proxy = { url = \"http://proxy.corp\", user = \"me\", password = { env = \"PW\" } }
";
    let report = parsed(folder.path(), text).egress(&nothing).unwrap_err();
    assert_eq!(
        short(folder.path(), report),
        r#"runtime.toml:3:10: egress.roots[0]: file "nowhere.pem" cannot be read: No such file or directory (os error 2); provide it, or name another
3 | roots = ["nowhere.pem", "huge.pem", ".", "most.pem"]
  |          ^^^^^^^^^^^^^
runtime.toml:3:25: egress.roots[1]: file "huge.pem" is over the limit of 1048576 bytes; name another
3 | roots = ["nowhere.pem", "huge.pem", ".", "most.pem"]
  |                         ^^^^^^^^^^
runtime.toml:3:37: egress.roots[2]: file "." is not a regular file; name another
3 | roots = ["nowhere.pem", "huge.pem", ".", "most.pem"]
  |                                     ^^^
runtime.toml:4:51: egress.proxy.password: environment variable PW is not set; provide it, or name another
4 | proxy = { url = "http://proxy.corp", user = "me", password = { env = "PW" } }
  |                                                   ^^^^^^^^"#
    );
    let text = text.replace("\"nowhere.pem\", \"huge.pem\", \".\", ", "");
    let report = parsed(folder.path(), &text).egress(&|_| Some("a\nb".into())).unwrap_err().to_string();
    assert!(report.contains("the password has control characters; look for a line end in it"), "{report}");
}

const ACCOUNT: &str = "
[connectors.occum.accounts.default]
secrets.agentToken = { env = \"TOKEN\" }
";

fn of_account(folder: &Path, lines: &str) -> Outcome {
    let config = parsed(folder, &format!("{ACCOUNT}{lines}"));
    check(&config.instances_of("occum").unwrap()[0], &occum(), &approvals(&occum()), &token)
}

#[test]
fn an_account_has_roots_a_proxy_and_certificates_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("their-ca.pem"), "ROOT").unwrap();
    fs::write(folder.path().join("client.pem"), "CERT").unwrap();
    let outcome = of_account(
        folder.path(),
        "
[connectors.occum.accounts.default.egress]
roots = [\"their-ca.pem\"]
proxy = { url = \"http://proxy.corp:3128\" }
[[connectors.occum.accounts.default.egress.certificates]]
hosts = [\"api.occum.net\", \"10.0.0.1\"]
certificate = \"client.pem\"
key = { env = \"TOKEN\" }
",
    );
    let instance = started(outcome);
    let egress = &instance.egress;
    assert_eq!(egress.roots[0].bytes, b"ROOT");
    assert!(matches!(&egress.proxy, ProxyChoice::Own(own) if own.url.authority() == "proxy.corp:3128"));
    let [certificate] = egress.certificates.as_slice() else { panic!() };
    assert_eq!(certificate.hosts, ["api.occum.net", "10.0.0.1"]);
    assert_eq!((certificate.certificate.as_slice(), certificate.key.expose()), (&b"CERT"[..], "canary-7f3a"));
    assert_eq!(
        short(folder.path(), &certificate.place),
        "runtime.toml:8:1: connectors.occum.accounts.default.egress.certificates[0] (client.pem)"
    );
    assert!(instance.given().contains(&"shows its certificate to api.occum.net, 10.0.0.1".to_owned()));
    assert!(!format!("{instance:?}").contains("7f3a"));
}

#[test]
fn an_account_inherits_the_proxy_unless_it_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let choice = |line: &str| started(of_account(folder.path(), line)).egress.proxy;
    assert!(matches!(choice(""), ProxyChoice::Inherited));
    assert!(matches!(choice("egress = { roots = [] }"), ProxyChoice::Inherited));
    assert!(matches!(choice("egress.proxy = false"), ProxyChoice::None));
}

#[test]
fn an_account_whose_files_are_not_there_is_not_configured_and_others_start() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = of_account(
        folder.path(),
        "
[connectors.occum.accounts.default.egress]
proxy = { url = \"http://proxy.corp:3128\", user = \"me\", password = { env = \"PW\" } }
[[connectors.occum.accounts.default.egress.certificates]]
hosts = [\"api.occum.net\"]
certificate = \"client.pem\"
key = { file = \"client.key\" }
",
    );
    let Verdict::NotConfigured { missing, .. } = &outcome.verdict else {
        panic!("{}", said(&outcome.verdict))
    };
    let paths: Vec<_> = missing.iter().map(Problem::path).collect();
    let table = "connectors.occum.accounts.default.egress";
    let expected = ["proxy.password", "certificates[0].certificate", "certificates[0].key"];
    assert_eq!(paths, expected.map(|path| format!("{table}.{path}")));
}
