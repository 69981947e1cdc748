use super::*;

#[tokio::test]
async fn a_key_is_made_once_and_signs() {
    let house = House::new();
    let ring = house.open();
    for class in [Class::Identity, Class::Session] {
        let name = format!("{class:?}");
        let made = ring.ensure(&bot(), &name, Kind::Ed25519, class, MOST).await.unwrap();
        assert_eq!((made.name.as_str(), made.kind, made.class), (name.as_str(), Kind::Ed25519, class));
        assert!(made.made_ms >= START_MS);
        assert_eq!(ring.ensure(&bot(), &name, Kind::Ed25519, class, MOST).await.unwrap(), made);
        let signature = ring.signed(&bot(), &name, "text").await.unwrap();
        assert_eq!(ring.signed(&bot(), &name, "text").await.unwrap(), signature, "deterministic");
        let public = made.public.unwrap();
        assert_eq!(primitives::ed25519_verify(&public, b"text", &signature), Ok(true));
        assert_eq!(primitives::ed25519_verify(&public, b"Text", &signature), Ok(false));
    }
}

#[tokio::test]
async fn each_instance_sees_its_own() {
    let house = House::new();
    let ring = house.open();
    let others = [id("default/occum/bot2"), id("default/occum2/bot"), id("tenant2/occum/bot")];
    let mine = ring.identity(&bot(), "k").await.unwrap();
    for other in &others {
        assert_eq!(ring.signed(other, "k", "").await, Err(KeyError::Unknown("k".into())));
        assert_eq!(ring.forget(other, "k").await, Ok(false));
        assert_ne!(ring.identity(other, "k").await.unwrap().public, mine.public);
        ring.session(other, "s").await.unwrap();
    }
    assert_eq!(ring.names(&bot()).await, ["k"]);
}

#[tokio::test]
async fn one_name_is_one_key_of_one_kind_and_class() {
    let house = House::new();
    let ring = house.open();
    ring.identity(&bot(), "i").await.unwrap();
    ring.session(&bot(), "s").await.unwrap();
    let taken = |name: &str, class| KeyError::Taken { name: name.into(), kind: Kind::Ed25519, class };
    let ensure = |ring: &Ring, name: &str, kind, class| ring.ensure(&bot(), name, kind, class, MOST);
    // From memory, and from the disk.
    for ring in [&ring, &house.open()] {
        for (kind, class) in [(Kind::HmacSha256, Class::Identity), (Kind::Ed25519, Class::Session)] {
            assert_eq!(ensure(ring, "i", kind, class).await, Err(taken("i", Class::Identity)));
        }
    }
    for (kind, class) in [(Kind::HmacSha256, Class::Session), (Kind::Ed25519, Class::Identity)] {
        assert_eq!(ensure(&ring, "s", kind, class).await, Err(taken("s", Class::Session)));
    }
    assert_eq!(house.files().len(), 1);
}

#[tokio::test]
async fn keys_of_both_classes_are_counted_together() {
    let house = House::new();
    let ring = house.open();
    let ensure = |ring: &Ring, name: &str, class, most| ring.ensure(&bot(), name, Kind::Ed25519, class, most);
    for (name, class) in [("a", Class::Identity), ("b", Class::Session), ("c", Class::Identity)] {
        ensure(&ring, name, class, 3).await.unwrap();
    }
    // Secrets that arrived are others.
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    for class in [Class::Identity, Class::Session] {
        assert_eq!(ensure(&ring, "d", class, 3).await, Err(KeyError::Full { most: 3 }));
    }
    assert!(ensure(&ring, "a", Class::Identity, 3).await.is_ok(), "it is there");
    assert!(ensure(&ring, "a", Class::Identity, 0).await.is_ok(), "also when less is granted now");
    ensure(&house.open(), "d", Class::Session, 3).await.expect("sessions end with the process");
    assert_eq!(ring.forget(&bot(), "b").await, Ok(true));
    ensure(&ring, "d", Class::Identity, 3).await.unwrap();
    assert_eq!(ring.names(&bot()).await, ["a", "c", "d"]);
    assert_eq!(ensure(&house.open(), "e", Class::Session, 3).await, Err(KeyError::Full { most: 3 }));
}

#[tokio::test]
async fn what_is_forgotten_does_not_come_back() {
    let house = House::new();
    let ring = house.open();
    for class in [Class::Identity, Class::Session] {
        let ensure = || ring.ensure(&bot(), "k", Kind::Ed25519, class, MOST);
        let first = ensure().await.unwrap();
        assert_eq!(ring.forget(&bot(), "k").await, Ok(true));
        assert_eq!(house.files(), Vec::<PathBuf>::new());
        assert_eq!(ring.forget(&bot(), "k").await, Ok(false));
        assert_eq!(ring.signed(&bot(), "k", "").await, Err(KeyError::Unknown("k".into())));
        assert_eq!(house.open().signed(&bot(), "k", "").await, Err(KeyError::Unknown("k".into())));
        assert_ne!(ensure().await.unwrap().public, first.public);
        assert_eq!(house.open().forget(&bot(), "k").await, Ok(class == Class::Identity));
        ring.forget(&bot(), "k").await.unwrap();
    }
}
