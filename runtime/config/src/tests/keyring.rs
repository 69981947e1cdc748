//! `[keyring]`: which keys are fetched. What is wrong by itself is in `bad_egress`.
use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn env(name: &str) -> Option<String> {
    name.starts_with("KEY").then(|| format!("canary-{name}"))
}

#[test]
fn who_says_nothing_names_no_key() {
    for text in ["", "[keyring]", "keyring = { former = [] }"] {
        let settings = Config::parse(text, "f.toml").unwrap().keyring(&env).unwrap();
        assert!(settings.key.is_none() && settings.former.is_empty() && settings.warnings.is_empty());
    }
    assert!(Config::empty().keyring(&env).unwrap().key.is_none());
}

#[test]
fn each_key_comes_with_its_place() {
    let text = "[keyring]\nkey = { env = \"KEY\" }\nformer = [{ env = \"KEY_1\" }, { env = \"KEY_2\" }]\n";
    let settings = Config::parse(text, "f.toml").unwrap().keyring(&env).unwrap();
    let shown = |(place, key): &(String, ports::secret::Secret)| format!("{place} = {}", key.expose());
    assert_eq!(shown(settings.key.as_ref().unwrap()), "f.toml:2:1: keyring.key = canary-KEY");
    assert_eq!(
        settings.former.iter().map(shown).collect::<Vec<_>>(),
        ["f.toml:3:11: keyring.former[0] = canary-KEY_1", "f.toml:3:30: keyring.former[1] = canary-KEY_2"]
    );
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn former_keys_can_stand_alone() {
    let settings =
        Config::parse("keyring.former = [{ env = \"KEY\" }]", "f.toml").unwrap().keyring(&env).unwrap();
    assert!(settings.key.is_none() && settings.former.len() == 1);
}

#[test]
fn a_key_that_cannot_be_had_is_wrong() {
    let text = "[keyring]\nkey = { env = \"NONE\" }\nformer = [{ file = \"nowhere/key\" }]\n";
    assert_eq!(
        Config::parse(text, "f.toml").unwrap().keyring(&env).unwrap_err().to_string(),
        r#"f.toml:2:1: keyring.key: environment variable NONE is not set; provide it, or name another
2 | key = { env = "NONE" }
  | ^^^
f.toml:3:11: keyring.former[0]: file "nowhere/key" cannot be read: No such file or directory (os error 2); provide it, or name another
3 | former = [{ file = "nowhere/key" }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^"#
    );
}

#[test]
fn a_key_that_others_can_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let (key, name) = (folder.path().join("key"), folder.path().join("runtime.toml"));
    fs::write(&key, "canary\n").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let config = Config::parse("keyring.key = { file = \"key\" }", &name.display().to_string()).unwrap();
    let settings = config.keyring(&env).unwrap();
    assert_eq!(settings.key.unwrap().1.expose(), "canary");
    let said = lines(&settings.warnings);
    assert!(
        said.contains("keyring.key: file \"key\" can be read by other users; take the rights away"),
        "{said}"
    );
}
