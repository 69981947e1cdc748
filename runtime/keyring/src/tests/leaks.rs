use super::*;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;

const SECRET: &str = "s3cret-value-of-a-platform";

/// As it is, in hex, and in base64 wherever it stands in what was encoded.
fn forms(value: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let base64 = (0..3).map(|shift| {
        let text = BASE64_STANDARD_NO_PAD.encode([&vec![0; shift], value].concat());
        text[(shift * 8).div_ceil(6)..(shift + value.len()) * 8 / 6].into()
    });
    [value.to_vec(), hex.to_uppercase().into(), hex.into()].into_iter().chain(base64).collect()
}

fn found(house: &House, value: &[u8]) -> Vec<PathBuf> {
    let forms = forms(value);
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
    };
    house.files().into_iter().filter(holds).collect()
}

#[tokio::test]
async fn no_key_and_no_secret_is_on_disk_in_any_form() {
    let house = House::new();
    let ring = house.open();
    let mut values = vec![SECRET.as_bytes().to_vec(), operator(1).bytes().to_vec()];
    let kinds = [("e", Kind::Ed25519, 32), ("h", Kind::HmacSha256, 32), ("i", Kind::HmacSha512, 64)];
    for (name, kind, bytes) in kinds {
        ring.ensure(&bot(), name, kind, Class::Identity, MOST).await.unwrap();
        let owner = bot();
        let label = crate::seal::Label { owner: &owner, what: crate::file_name::What::Key, name };
        let record = ring.disk().read(label).unwrap().unwrap().record;
        assert!(record.bytes.len() == bytes && record.bytes.iter().any(|byte| *byte != record.bytes[0]));
        values.push(record.bytes.to_vec());
        values.push(record.bytes[..16].to_vec());
    }
    ring.keep(&bot(), "token", secret(SECRET)).await.unwrap();
    assert_eq!(house.files().len(), 4);
    for value in &values {
        assert_eq!(found(&house, value), Vec::<PathBuf>::new());
    }
    // Else this test shows nothing.
    for form in forms(SECRET.as_bytes()) {
        fs::write(house.folder().join("planted"), [b"around ", &form[..], b" it"].concat()).unwrap();
        assert_eq!(found(&house, SECRET.as_bytes()).len(), 1);
    }
}

#[tokio::test]
async fn two_seals_of_the_same_have_nothing_in_common() {
    let house = House::new();
    let ring = house.open();
    let mut files = Vec::new();
    for _ in 0..2 {
        ring.keep(&bot(), "token", secret(SECRET)).await.unwrap();
        files.push(fs::read(house.file()).unwrap());
    }
    // Magic and version stand before.
    let (one, two) = (&files[0][5..], &files[1][5..]);
    assert!(one.windows(4).all(|window| !two.windows(4).any(|other| other == window)));
}

#[tokio::test]
async fn no_debug_output_shows_a_value() {
    let house = House::new();
    let ring = house.open();
    ring.keep(&bot(), "token", secret(SECRET)).await.unwrap();
    let text = format!("{ring:?} {:?} {:?}", ring.arrived(&bot()).await, ring.survey());
    assert!(!text.contains(SECRET) && text.contains("Ring("), "{text}");
}
