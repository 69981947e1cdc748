use super::*;

#[tokio::test]
async fn under_another_operators_key_nothing_opens_and_nothing_is_replaced() {
    let house = House::new();
    let ring = house.open();
    let key = ring.identity(&bot(), "k").await.unwrap();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    let before: Vec<_> = house.files().iter().map(|file| fs::read(file).unwrap()).collect();
    let wrong = house.open_with(operator(2), vec![]);
    assert_eq!((wrong.survey().records, wrong.survey().unusable), (2, 2));
    assert!(wrong.survey().warnings[0].contains("another operator's key"));
    for text in [
        unavailable(wrong.identity(&bot(), "k").await),
        unavailable(wrong.session(&bot(), "k").await),
        unavailable(wrong.signed(&bot(), "k", "").await),
        unavailable(wrong.forget(&bot(), "k").await),
        unavailable(wrong.keys(&bot()).await),
    ] {
        assert!(text.contains("another operator's key") && text.contains("default/occum/bot/"), "{text}");
    }
    assert!(wrong.arrived(&bot()).await.unwrap().is_empty(), "what cannot be opened is left out");
    let after: Vec<_> = house.files().iter().map(|file| fs::read(file).unwrap()).collect();
    assert_eq!(before, after);
    // The others are not concerned, nor are other names.
    wrong.identity(&bot(), "another").await.unwrap();
    wrong.identity(&id("default/occum/other"), "k").await.unwrap();
    assert_eq!(house.open().identity(&bot(), "k").await.unwrap(), key);
}

#[tokio::test]
async fn after_a_rotation_all_is_under_the_new_key_and_the_former_is_not_needed() {
    let house = House::new();
    let ring = house.open();
    let owners = [bot(), id("t/c/a")];
    let mut keys = Vec::new();
    for owner in &owners {
        keys.push(ring.identity(owner, "k").await.unwrap());
        ring.keep(owner, "token", secret("value")).await.unwrap();
    }
    drop(ring);
    let rotated = house.open_with(operator(2), vec![operator(9), operator(1)]);
    let survey = rotated.survey();
    assert_eq!((survey.records, survey.sealed_anew, survey.unusable, survey.left_former), (4, 4, 0, 0));
    let later = house.open_with(operator(2), vec![]);
    assert_eq!((later.survey().sealed_anew, later.survey().unusable), (0, 0));
    for ring in [&rotated, &later] {
        for (owner, key) in owners.iter().zip(&keys) {
            assert_eq!(ring.identity(owner, "k").await.as_ref(), Ok(key));
            assert_eq!(ring.secret(owner, "token").await.as_deref(), Some("value"));
        }
    }
    assert_eq!(house.open().survey().unusable, 4, "the former key opens nothing any more");
}

#[tokio::test]
async fn a_rotation_that_was_cut_short_goes_on_at_the_next_opening() {
    let house = House::new();
    let ring = house.open();
    let first = ring.identity(&bot(), "first").await.unwrap();
    drop(house.open_with(operator(2), vec![operator(1)]));
    // Killed here: one record is under the new key, another one under the former, a third half written.
    let second = house.open().identity(&bot(), "second").await.unwrap();
    fs::write(house.files()[0].with_file_name("tmp-key-00"), "ring\x01 half").unwrap();
    let ring = house.open_with(operator(2), vec![operator(1)]);
    assert_eq!((ring.survey().records, ring.survey().sealed_anew), (2, 1));
    assert_eq!(ring.keys(&bot()).await, Ok(vec![first, second]));
    assert_eq!(house.files().len(), 2);
}
