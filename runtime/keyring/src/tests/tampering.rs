use super::*;
use crate::file_name::{What, encode};
use crate::seal::{Label, Refused, Seal};

/// Puts the file where another record would be, and looks at it there.
async fn copied(house: &House, from: &Path, owner: &InstanceId, what: What, name: &str) -> String {
    let InstanceId { tenant, connector, account } = owner;
    let folder = house.folder().join(&**tenant).join(&**connector).join(&**account);
    fs::create_dir_all(&folder).unwrap();
    let to = folder.join(encode(what, name));
    fs::copy(from, &to).unwrap();
    let ring = house.open();
    assert_eq!(ring.survey().unusable, 1);
    let text = match what {
        What::Key => unavailable(ring.identity(owner, name).await),
        // Left out, and no reason to be without the others.
        What::Secret => {
            assert_eq!(ring.secret(owner, name).await, None);
            ring.survey().warnings.concat()
        }
    };
    fs::remove_file(&to).unwrap();
    assert!(text.contains(to.to_str().unwrap()), "{text}");
    text
}

#[tokio::test]
async fn a_file_that_is_copied_elsewhere_does_not_open_there() {
    let house = House::new();
    let key = house.open().identity(&bot(), "k").await.unwrap();
    let file = house.file();
    for owner in ["default/occum/bot2", "default/occum2/bot", "tenant2/occum/bot"] {
        copied(&house, &file, &id(owner), What::Key, "k").await;
    }
    copied(&house, &file, &bot(), What::Key, "k2").await;
    copied(&house, &file, &bot(), What::Secret, "k").await;
    assert_eq!(house.open().identity(&bot(), "k").await, Ok(key), "where it belongs it does");

    let house = House::new();
    house.open().keep(&bot(), "k", secret("value")).await.unwrap();
    let file = house.file();
    copied(&house, &file, &bot(), What::Key, "k").await;
    copied(&house, &file, &bot(), What::Secret, "k2").await;
    copied(&house, &file, &id("default/occum/bot2"), What::Secret, "k").await;
}

#[tokio::test]
async fn a_damaged_file_is_said_to_be_and_harms_nobody_else() {
    let house = House::new();
    let ring = house.open();
    ring.identity(&bot(), "k").await.unwrap();
    let whole = fs::read(house.file()).unwrap();
    let path = house.file();
    ring.identity(&bot(), "intact").await.unwrap();
    let truncated = (0..whole.len()).map(|length| whole[..length].to_vec());
    let flipped = (0..whole.len() * 8).map(|bit| {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    let longer = [[&whole[..], b"\0"].concat(), vec![0x72; 200_000]];
    for damaged in truncated.chain(flipped).chain(longer) {
        fs::write(&path, &damaged).unwrap();
        let ring = house.open();
        assert_eq!((ring.survey().records, ring.survey().unusable), (2, 1));
        let text = unavailable(ring.identity(&bot(), "k").await);
        assert!(text.contains("damaged") && text.contains(path.to_str().unwrap()), "{text}");
        unavailable(ring.forget(&bot(), "k").await);
        unavailable(ring.keys(&bot()).await);
        assert!(ring.signed(&bot(), "intact", "").await.is_ok());
        assert_eq!(fs::read(&path).unwrap(), damaged, "it is left as it is");
        // What the operator brings back is used without a restart.
        fs::write(&path, &whole).unwrap();
        assert_eq!(ring.names(&bot()).await, ["intact", "k"]);
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_opened_counts_as_a_key() {
    let house = House::new();
    house.open().identity(&bot(), "k").await.unwrap();
    fs::write(house.file(), "").unwrap();
    let ring = house.open();
    let full = ring.ensure(&bot(), "other", Kind::Ed25519, Class::Session, 1).await;
    assert_eq!(full, Err(KeyError::Full { most: 1 }));
}

#[test]
fn a_seal_holds_for_one_label() {
    let seal = Seal { key: operator(1), former: vec![] };
    let owners =
        [bot(), id("t/occum/bot"), id("default/t/bot"), id("default/occum/t"), id("d/efaultoccum/bot")];
    let of = |owner| {
        [What::Key, What::Secret]
            .into_iter()
            .flat_map(move |what| ["k", "kk", ""].into_iter().map(move |name| Label { owner, what, name }))
    };
    let labels: Vec<Label<'_>> = owners.iter().flat_map(of).collect();
    for (one, label) in labels.iter().enumerate() {
        let file = seal.close(*label, b"plain").unwrap();
        for (other, label) in labels.iter().enumerate() {
            let opened = seal.open(*label, &file).map(|opened| opened.plain.to_vec());
            assert_eq!(opened, if one == other { Ok(b"plain".to_vec()) } else { Err(Refused::Sealed) });
        }
    }
}
