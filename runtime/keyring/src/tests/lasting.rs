use super::*;

#[tokio::test]
async fn an_identity_survives_the_process() {
    let house = House::new();
    let kinds = [Kind::Ed25519, Kind::HmacSha256, Kind::HmacSha512];
    let mut before = Vec::new();
    let ring = house.open();
    for kind in kinds {
        let name = format!("{kind:?}");
        let key = ring.ensure(&bot(), &name, kind, Class::Identity, MOST).await.unwrap();
        before.push((key, ring.signed(&bot(), &name, "text").await.unwrap()));
    }
    drop(ring);
    let ring = house.open();
    assert_eq!(ring.survey().records, 3);
    for (key, signature) in &before {
        assert_eq!(ring.signed(&bot(), &key.name, "text").await.as_ref(), Ok(signature), "without ensure");
        assert_eq!(ring.ensure(&bot(), &key.name, key.kind, key.class, MOST).await.as_ref(), Ok(key));
    }
    let keys: Vec<_> = before.into_iter().map(|(key, _)| key).collect();
    assert_eq!(house.open().keys(&bot()).await, Ok(keys), "by name");
}

#[tokio::test]
async fn a_session_key_ends_with_the_process() {
    let house = House::new();
    let ring = house.open();
    let former = ring.session(&bot(), "s").await.unwrap();
    assert_eq!(ring.clone().session(&bot(), "s").await.unwrap(), former, "it outlives the guest");
    assert_eq!(house.files(), Vec::<PathBuf>::new(), "it never was on disk");
    drop(ring);
    let ring = house.open();
    assert_eq!(ring.signed(&bot(), "s", "").await, Err(KeyError::Unknown("s".into())));
    assert_eq!(ring.names(&bot()).await, Vec::<String>::new());
    assert_ne!(ring.session(&bot(), "s").await.unwrap().public, former.public);
}

#[tokio::test]
async fn a_key_that_was_used_needs_no_disk() {
    let house = House::new();
    house.open().identity(&bot(), "k").await.unwrap();
    let ring = house.open();
    let signature = ring.signed(&bot(), "k", "text").await.unwrap();
    fs::rename(house.folder(), house.dir.path().join("away")).unwrap();
    assert_eq!(ring.signed(&bot(), "k", "text").await, Ok(signature));
}
