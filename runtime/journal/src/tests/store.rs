use super::*;
use ports::store::{Change, Entry, Error, Quota, Store as _, Usage};

const ROOM: Quota = Quota { keys: 1000, bytes: 1 << 20 };

fn set(key: &str, value: &str) -> Change {
    Change::Set { key: key.into(), value: value.into() }
}

fn delete(key: &str) -> Change {
    Change::Delete { key: key.into() }
}

fn expect(key: &str, version: Option<u64>) -> Change {
    Change::Expect { key: key.into(), version }
}

impl Sqlite {
    async fn change(&self, changes: impl Into<Vec<Change>>, quota: Quota) -> Result<u64, Error> {
        self.commit(&instance("a"), changes.into(), quota).await
    }

    async fn value(&self, key: &str) -> Option<Entry> {
        self.get(&instance("a"), key).await.unwrap()
    }
}

fn entry(value: &str, version: u64) -> Option<Entry> {
    Some(Entry { value: value.into(), version })
}

#[tokio::test]
async fn values_and_versions_outlive_the_process() {
    let house = House::new();
    let journal = house.open();
    assert_eq!(journal.change([set("k", "1"), set("l", "")], ROOM).await, Ok(1));
    assert_eq!(journal.change([set("k", "2")], ROOM).await, Ok(2));
    drop(journal);
    let journal = house.open();
    assert_eq!(journal.value("k").await, entry("2", 2));
    assert_eq!(journal.value("l").await, entry("", 1));
    assert_eq!(journal.value("none").await, None);
}

#[tokio::test]
async fn a_version_never_comes_again() {
    let house = House::new();
    let journal = house.open();
    journal.change([set("k", "1")], ROOM).await.unwrap();
    let last = journal.change([delete("k")], ROOM).await.unwrap();
    drop(journal);
    let journal = house.open();
    assert!(journal.change([set("k", "1")], ROOM).await.unwrap() > last);
}

#[tokio::test]
async fn who_expects_another_version_changes_nothing() {
    let house = House::new();
    let journal = house.open();
    let conflict = |key: &str| Err(Error::Conflict { key: key.into() });
    assert_eq!(journal.change([expect("k", None), set("k", "1")], ROOM).await, Ok(1));
    assert_eq!(journal.change([set("l", "x"), expect("k", None)], ROOM).await, conflict("k"));
    assert_eq!(journal.change([set("l", "x"), expect("k", Some(9))], ROOM).await, conflict("k"));
    assert_eq!(journal.change([expect("none", Some(1)), set("l", "x")], ROOM).await, conflict("none"));
    assert_eq!(journal.value("l").await, None);
    // What is expected is what was before the commit, wherever it stands in it.
    assert_eq!(journal.change([set("k", "2"), expect("k", Some(1))], ROOM).await, Ok(2));
    assert_eq!(journal.value("k").await, entry("2", 2));
}

#[tokio::test]
async fn of_several_changes_of_a_key_the_last_one_stays() {
    let house = House::new();
    let journal = house.open();
    journal
        .change([set("k", "one"), delete("k"), set("l", "x"), set("k", "22"), delete("l")], ROOM)
        .await
        .unwrap();
    assert_eq!(journal.value("k").await, entry("22", 1));
    assert_eq!(journal.value("l").await, None);
    assert_eq!(journal.usage(&instance("a")).await.unwrap(), Usage { keys: 1, bytes: 3 });
}

#[tokio::test]
async fn the_quota_refuses_only_what_ends_above_it_and_larger() {
    let house = House::new();
    let journal = house.open();
    let quota = Quota { keys: 2, bytes: 10 };
    let bytes = Err(Error::Quota { what: "bytes", limit: 10 });
    let keys = Err(Error::Quota { what: "keys", limit: 2 });
    assert_eq!(journal.change([set("a", "123456789")], quota).await, Ok(1));
    assert_eq!(journal.change([set("b", "")], quota).await, bytes);
    assert_eq!(journal.change([set("b", ""), set("a", "12345678")], quota).await, Ok(2));
    assert_eq!(journal.change([set("c", ""), set("a", "")], quota).await, keys);
    // Above a quota that was made smaller: less is fine, as much as before too, more is not.
    let smaller = Quota { keys: 1, bytes: 4 };
    assert_eq!(journal.change([set("a", "8765432")], smaller).await, Ok(3));
    assert_eq!(journal.change([delete("b"), set("c", "")], smaller).await, Ok(4));
    assert!(journal.change([set("a", "87654321")], smaller).await.is_err());
    assert_eq!(journal.usage(&instance("a")).await.unwrap(), Usage { keys: 2, bytes: 9 });
    assert_eq!(journal.number("SELECT count(*) FROM store").await, 2);
    assert_eq!(journal.number("SELECT sum(length(key) + length(value)) FROM store").await, 9);
}

#[tokio::test]
async fn keys_are_bytes_and_no_character_of_them_means_anything_else() {
    let house = House::new();
    let journal = house.open();
    let keys = [
        "",
        "\0",
        "%",
        "%a",
        "*",
        "A",
        "[a]",
        "_",
        "_b",
        "a",
        "a\0",
        "a\0b",
        "a/",
        "a/1",
        "b",
        "ä",
        "\u{10ffff}",
    ];
    journal.change(keys.map(|key| set(key, key)), ROOM).await.unwrap();
    let list = async |prefix: &str, after: Option<&str>, limit| {
        journal.list(&instance("a"), prefix, after, limit).await.unwrap()
    };
    assert_eq!(list("", None, 99).await, keys);
    for prefix in keys {
        let expected: Vec<_> = keys.into_iter().filter(|key| key.starts_with(prefix)).collect();
        assert_eq!(list(prefix, None, 99).await, expected, "{prefix:?}");
        assert_eq!(journal.value(prefix).await, entry(prefix, 1));
    }
    assert_eq!(list("a", Some("a"), 2).await, ["a\0", "a\0b"]);
    assert_eq!(list("a", Some("Z"), 1).await, ["a"]);
    assert_eq!(list("a", Some("b"), 9).await, [""; 0]);
    assert_eq!(list("", Some("ä"), 9).await, ["\u{10ffff}"]);
}

#[tokio::test]
async fn an_instance_sees_nothing_of_another_whose_name_begins_alike() {
    let house = House::new();
    let journal = house.open();
    let (a, ab, other) = (instance("a"), instance("ab"), InstanceId::new("default", "occum-a", "a").unwrap());
    journal.commit(&a, vec![set("k", "of a")], ROOM).await.unwrap();
    journal.commit(&ab, vec![set("k", "of ab"), set("l", "")], ROOM).await.unwrap();
    journal.commit(&a, vec![delete("l")], ROOM).await.unwrap();
    assert_eq!(journal.get(&a, "k").await.unwrap().unwrap().value, b"of a");
    assert_eq!(journal.get(&ab, "k").await.unwrap().unwrap().value, b"of ab");
    assert_eq!(journal.list(&a, "", None, 9).await.unwrap(), ["k"]);
    assert_eq!(journal.list(&ab, "", None, 9).await.unwrap(), ["k", "l"]);
    assert_eq!(journal.list(&other, "", None, 9).await.unwrap(), [""; 0]);
    assert_eq!(journal.get(&other, "k").await.unwrap(), None);
    assert_eq!(journal.usage(&other).await.unwrap(), Usage::default());
}

#[tokio::test]
async fn commits_take_effect_in_the_order_of_the_calls() {
    let house = House::new();
    let journal = house.open();
    let commits = ["1", "2", "3"].map(|value| journal.commit(&instance("a"), vec![set("k", value)], ROOM));
    let seen = journal.get(&instance("a"), "k");
    assert_eq!(seen.await.unwrap(), entry("3", 3));
    for (commit, version) in commits.into_iter().zip(1..) {
        assert_eq!(commit.await, Ok(version));
    }
}
