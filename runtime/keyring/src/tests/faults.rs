use super::*;

/// More than any call takes steps on disk.
const STEPS: usize = 24;

fn fail(ring: &Ring, step: usize) {
    ring.disk().fails_in.store(step, SeqCst);
}

#[tokio::test]
async fn a_secret_that_cannot_be_written_leaves_the_former_or_the_new_one() {
    let mut faults = 0;
    for step in 1..STEPS {
        let house = House::new();
        let ring = house.open();
        ring.keep(&bot(), "token", secret("former")).await.unwrap();
        fail(&ring, step);
        let kept = ring.keep(&bot(), "token", secret("new")).await;
        fail(&ring, 0);
        assert_eq!(house.files().len(), 1, "no rest of it");
        let there = ring.secret(&bot(), "token").await.unwrap();
        assert_eq!(house.open().secret(&bot(), "token").await.as_ref(), Some(&there));
        match kept {
            Ok(()) => assert_eq!(there, "new"),
            Err(_) => {
                faults += 1;
                let text = unavailable(kept);
                assert!(text.contains("/default/occum/bot") && text.contains("no storage space"), "{text}");
                assert!(there == "former" || there == "new");
            }
        }
        ring.keep(&bot(), "token", secret("next")).await.expect("the disk works again");
        assert_eq!(house.open().secret(&bot(), "token").await.as_deref(), Some("next"));
    }
    assert_eq!(
        faults, 4,
        "before the first byte, before the sync, before the renaming, before the folder's sync"
    );
}

#[tokio::test]
async fn an_identity_that_could_not_be_made_is_made_by_the_next_call() {
    let mut faults = 0;
    for step in 1..STEPS {
        let house = House::new();
        let ring = house.open();
        let earlier = ring.session(&bot(), "earlier").await.unwrap();
        fail(&ring, step);
        let made = ring.identity(&bot(), "k").await;
        fail(&ring, 0);
        if made.is_err() {
            faults += 1;
            unavailable(made);
        }
        let key = ring.identity(&bot(), "k").await.expect("the disk works again");
        assert_eq!(house.open().identity(&bot(), "k").await, Ok(key.clone()));
        assert_eq!(ring.keys(&bot()).await, Ok(vec![earlier, key]));
        assert_eq!(house.files().len(), 1);
    }
    // Three folders are made, four synced; then as above.
    assert_eq!(faults, 3 + 4 + 4);
}

/// An answer is a promise: what a fault has left behind without a sync is synced before it is answered.
#[tokio::test]
async fn what_is_found_after_a_fault_is_synced_before_it_is_answered() {
    let house = House::new();
    let ring = house.open();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    // The fourth step of writing is the sync of the folder.
    fail(&ring, 4);
    unavailable(ring.identity(&bot(), "k").await);
    assert_eq!(house.files().len(), 2, "it is there");
    assert!(ring.signed(&bot(), "k", "").await.is_ok());
    fail(&ring, 4);
    unavailable(ring.identity(&bot(), "k").await);
    ring.identity(&bot(), "k").await.unwrap();
    fail(&ring, 1);
    ring.identity(&bot(), "k").await.expect("no step on disk any more");
}

#[tokio::test]
async fn what_could_not_be_forgotten_is_forgotten_by_the_next_call() {
    let mut faults = 0;
    for step in 1..STEPS {
        let house = House::new();
        let ring = house.open();
        let key = ring.identity(&bot(), "k").await.unwrap();
        fail(&ring, step);
        let forgotten = ring.forget(&bot(), "k").await;
        fail(&ring, 0);
        if forgotten.is_err() {
            faults += 1;
            let still = ring.keys(&bot()).await.unwrap();
            assert_eq!(ring.forget(&bot(), "k").await, Ok(!still.is_empty()));
        }
        assert_eq!(ring.names(&bot()).await, Vec::<String>::new());
        assert_eq!(house.files(), Vec::<PathBuf>::new());
        assert_ne!(ring.identity(&bot(), "k").await.unwrap().public, key.public);
    }
    assert_eq!(faults, 2, "before it is removed, and before the folder's sync");
}

#[tokio::test]
async fn a_rotation_that_the_disk_refuses_leaves_the_record_usable() {
    let house = House::new();
    let key = house.open().identity(&bot(), "k").await.unwrap();
    // In the way of the temporary file.
    let aside =
        house.file().with_file_name(format!("tmp-{}", house.file().file_name().unwrap().to_str().unwrap()));
    fs::create_dir(&aside).unwrap();
    let ring = house.open_with(operator(2), vec![operator(1)]);
    assert_eq!((ring.survey().sealed_anew, ring.survey().left_former), (0, 1));
    assert!(ring.survey().warnings.iter().any(|warning| warning.contains("tmp-key-6b")));
    assert_eq!(ring.identity(&bot(), "k").await, Ok(key.clone()));
    fs::remove_dir(&aside).unwrap();
    assert_eq!(house.open_with(operator(2), vec![operator(1)]).survey().sealed_anew, 1);
    assert_eq!(house.open_with(operator(2), vec![]).identity(&bot(), "k").await, Ok(key));
}

#[tokio::test]
async fn a_folder_that_goes_away_is_made_again() {
    let house = House::new();
    let ring = house.open();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    fs::remove_dir_all(house.folder().join("default")).unwrap();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    // A file where the folder should be.
    fs::remove_dir_all(house.folder().join("default")).unwrap();
    fs::write(house.folder().join("default"), "").unwrap();
    let text = unavailable(ring.keep(&bot(), "token", secret("value")).await);
    assert!(text.contains("default/occum/bot") && text.contains("Not a directory"), "{text}");
    fs::remove_file(house.folder().join("default")).unwrap();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    assert_eq!(ring.secret(&bot(), "token").await.as_deref(), Some("value"));
}
