use super::*;
use ports::secret::MAX_SECRET_BYTES;

#[tokio::test]
async fn a_secret_that_arrived_survives_the_process_and_is_replaced_by_the_next() {
    let house = House::new();
    let ring = house.open();
    assert!(ring.arrived(&bot()).await.unwrap().is_empty());
    for value in ["one", "two", "drei ü"] {
        ring.keep(&bot(), "token", secret(value)).await.unwrap();
        assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some(value));
        assert_eq!(house.open().secret(&bot(), "token").await.as_deref(), Some(value));
    }
    assert!(ring.arrived(&id("default/occum/other")).await.unwrap().is_empty());
    // A key of the same name is another thing.
    ring.identity(&bot(), "token").await.unwrap();
    assert_eq!(ring.forget(&bot(), "token").await, Ok(true));
    assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some("drei ü"));
}

#[tokio::test]
async fn a_value_that_is_too_long_is_refused_and_the_former_stays() {
    let house = House::new();
    let ring = house.open();
    let longest = "x".repeat(MAX_SECRET_BYTES);
    ring.keep(&bot(), "token", secret(&longest)).await.unwrap();
    for bad in ["", &format!("{longest}y")] {
        assert!(!unavailable(ring.keep(&bot(), "token", secret(bad)).await).contains("xxx"));
    }
    assert_eq!(house.open().secret(&bot(), "token").await, Some(longest));
}

#[tokio::test]
async fn only_so_many_arrive() {
    let house = House::new();
    let ring = house.open();
    for nth in 0..64 {
        ring.keep(&bot(), &format!("s{nth}"), secret("value")).await.unwrap();
    }
    assert!(unavailable(ring.keep(&bot(), "another", secret("value")).await).contains("64"));
    ring.keep(&bot(), "s7", secret("replaced")).await.unwrap();
    ring.keep(&id("default/occum/other"), "another", secret("value")).await.unwrap();
    assert_eq!(ring.secret(&bot(), "s7").await.as_deref(), Some("replaced"));
    assert_eq!(ring.arrived(&bot()).await.unwrap().len(), 64);
}

#[tokio::test]
async fn one_that_cannot_be_opened_is_replaced_by_the_next() {
    let house = House::new();
    house.open().keep(&bot(), "token", secret("former")).await.unwrap();
    let ring = house.open_with(operator(2), vec![]);
    assert!(ring.arrived(&bot()).await.unwrap().is_empty());
    ring.keep(&bot(), "token", secret("new")).await.unwrap();
    assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some("new"));
}
