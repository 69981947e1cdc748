use super::*;
use crate::file_name::{What, decode, encode};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[tokio::test]
async fn whatever_a_key_is_called_it_is_a_file_of_its_own_in_the_instances_folder() {
    let house = House::new();
    let ring = house.open();
    let long = "ü".repeat(32);
    let names = [
        "../x",
        "a/b",
        "..",
        ".",
        "/etc/passwd",
        "~",
        "k",
        "K",
        "ß",
        "SS",
        "tmp-key-6b",
        "é",
        "e\u{301}",
        "con",
        "a b",
        "*",
        "\\",
        "6b",
        &"x".repeat(64),
        &long,
        &"😀".repeat(16),
    ];
    for name in names {
        let key = ring.ensure(&bot(), name, Kind::Ed25519, Class::Identity, 99).await.unwrap();
        assert_eq!(key.name, name);
        ring.keep(&bot(), name, secret(name)).await.unwrap();
    }
    let files = house.files();
    assert_eq!(files.len(), 2 * names.len());
    let folder = house.folder().join("default/occum/bot");
    assert!(files.iter().all(|file| file.parent() == Some(&folder)), "{files:?}");
    let plain = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_lowercase();
    assert_eq!(files.iter().map(plain).collect::<BTreeSet<_>>().len(), files.len());
    let entries = fs::read_dir(house.dir.path()).unwrap().count();
    assert_eq!(entries, 1, "nothing beside the ring's folder");
    let ring = house.open();
    assert_eq!(ring.survey().unusable, 0);
    let mut sorted = names.map(str::to_owned).to_vec();
    sorted.sort();
    assert_eq!(ring.names(&bot()).await, sorted);
    for name in names {
        assert_eq!(ring.secret(&bot(), name).await.as_deref(), Some(name));
        assert!(ring.signed(&bot(), name, "").await.is_ok());
    }
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let house = House::new();
    let ring = house.open();
    for bad in ["", "a\0b", "a\n", "\u{7f}", "\u{85}", &"x".repeat(65), &"ü".repeat(33), &"x".repeat(1 << 20)]
    {
        for class in [Class::Identity, Class::Session] {
            assert_eq!(ring.ensure(&bot(), bad, Kind::Ed25519, class, MOST).await, Err(KeyError::BadName));
        }
        let unknown = ring.signed(&bot(), bad, "").await;
        assert!(matches!(&unknown, Err(KeyError::Unknown(name)) if name.len() <= 128), "{unknown:?}");
        assert_eq!(ring.forget(&bot(), bad).await, Ok(false));
        unavailable(ring.keep(&bot(), bad, secret("value")).await);
    }
    assert_eq!(house.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn an_owner_that_was_made_by_hand_cannot_climb() {
    let house = House::new();
    let ring = house.open();
    let climbing = InstanceId { tenant: "..".into(), connector: "c".into(), account: "a".into() };
    unavailable(ring.identity(&climbing, "k").await);
    unavailable(ring.keep(&climbing, "k", secret("value")).await);
    assert_eq!(fs::read_dir(house.dir.path()).unwrap().count(), 1);
}

#[test]
fn only_what_we_write_is_read_as_a_name() {
    for strange in [
        "key-",
        "key-6",
        "key-6B",
        "key-+6",
        "key-zz",
        "key-00",
        "key-ff",
        "other-6b",
        "key6b",
        "KEY-6b",
        "key-6b ",
        "key-é",
        &format!("key-{}", "61".repeat(65)),
    ] {
        assert_eq!(decode(strange), None, "{strange}");
    }
}

proptest! {
    #[test]
    fn names_are_read_as_they_are_written(name in "\\PC{1,16}") {
        for what in [What::Key, What::Secret] {
            let file = encode(what, &name);
            prop_assert!(file.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert_eq!(decode(&file), Some((what, name.clone())));
        }
    }

    #[test]
    fn no_file_name_makes_trouble(file in ".{0,40}") {
        if let Some((what, name)) = decode(&file) {
            prop_assert_eq!(encode(what, &name), file);
        }
    }
}
