use super::*;
use std::os::unix::fs::symlink;

#[tokio::test]
async fn what_a_crash_has_left_is_removed_and_what_it_did_not_reach_is_there() {
    let house = House::new();
    let ring = house.open();
    let key = ring.identity(&bot(), "k").await.unwrap();
    ring.keep(&bot(), "token", secret("former")).await.unwrap();
    let [file, token] = house.files().try_into().unwrap();
    let whole = fs::read(&file).unwrap();
    // Killed while writing: of a new value for the secret, of a new key, and before the first byte.
    let name = token.file_name().unwrap().to_str().unwrap();
    fs::write(file.with_file_name(format!("tmp-{name}")), &whole[..40]).unwrap();
    fs::write(file.with_file_name("tmp-key-00"), &whole).unwrap();
    fs::write(file.with_file_name("tmp-key-01"), "").unwrap();
    let ring = house.open();
    assert_eq!(house.files(), [file, token]);
    assert_eq!(ring.survey().warnings, Vec::<String>::new());
    assert_eq!(ring.keys(&bot()).await, Ok(vec![key]));
    assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some("former"));
}

#[tokio::test]
async fn what_a_crash_has_left_under_the_same_name_is_no_hindrance() {
    let house = House::new();
    let ring = house.open();
    ring.keep(&bot(), "token", secret("one")).await.unwrap();
    let name = format!("tmp-{}", house.file().file_name().unwrap().to_str().unwrap());
    fs::write(house.file().with_file_name(name), "ring\x01 half").unwrap();
    ring.keep(&bot(), "token", secret("two")).await.unwrap();
    assert_eq!(house.files().len(), 1);
    assert_eq!(house.open().secret(&bot(), "token").await.as_deref(), Some("two"));
}

#[tokio::test]
async fn what_is_not_ours_is_left_alone() {
    let house = House::new();
    let ring = house.open();
    ring.identity(&bot(), "k").await.unwrap();
    let folder = house.file().parent().unwrap().to_owned();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::write(house.folder().join("README"), "mine").unwrap();
    fs::create_dir_all(house.folder().join("Not/an/Instance")).unwrap();
    let outside = house.dir.path().join("outside/c/a");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("tmp-precious"), "mine").unwrap();
    symlink(house.dir.path().join("outside"), house.folder().join("linked")).unwrap();
    let ring = house.open();
    assert_eq!((ring.survey().records, ring.survey().unusable), (1, 0));
    assert!(outside.join("tmp-precious").exists() && folder.join("notes.txt").exists());
    assert_eq!(ring.names(&bot()).await, ["k"]);
    // An instance that nobody has heard of has nothing, and gets no folder by being asked.
    let stranger = id("default/occum/stranger");
    assert_eq!(ring.names(&stranger).await, Vec::<String>::new());
    assert_eq!(ring.forget(&stranger, "k").await, Ok(false));
    assert!(ring.arrived(&stranger).await.unwrap().is_empty());
    assert!(!folder.with_file_name("stranger").exists());
}

#[tokio::test]
async fn warnings_are_few_however_many_records_there_are() {
    let house = House::new();
    let ring = house.open();
    for nth in 0..20 {
        ring.keep(&bot(), &format!("s{nth}"), secret("value")).await.unwrap();
    }
    let wrong = house.open_with(operator(2), vec![]);
    assert_eq!((wrong.survey().unusable, wrong.survey().warnings.len()), (20, 8));
}
