use super::*;
use primitives::Digest::{self, Sha256, Sha384, Sha512};
use primitives::{hmac, hmac_verify};

struct Vector {
    key: &'static [u8],
    text: &'static [u8],
    tags: [&'static str; 3],
}

const COUNTED: [u8; 25] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];

/// RFC 4231, test cases 1 to 4, 6 and 7; the tags of SHA-256, SHA-384 and SHA-512.
const VECTORS: [Vector; 6] = [
    Vector {
        key: &[0x0b; 20],
        text: b"Hi There",
        tags: [
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4
             be9d914eeb61f1702e696c203a126854",
        ],
    },
    Vector {
        key: b"Jefe",
        text: b"what do ya want for nothing?",
        tags: [
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd
             caeab1a34d4a6b4b636e070a38bce737",
        ],
    },
    Vector {
        key: &[0xaa; 20],
        text: &[0xdd; 50],
        tags: [
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807
             b946a337bee8942674278859e13292fb",
        ],
    },
    Vector {
        key: &COUNTED,
        text: &[0xcd; 50],
        tags: [
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063
             a5f19741120c4f2de2adebeb10a298dd",
        ],
    },
    Vector {
        key: &[0xaa; 131],
        text: b"Test Using Larger Than Block-Size Key - Hash Key First",
        tags: [
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52
             95e64f73f63f0aec8b915a985d786598",
        ],
    },
    Vector {
        key: &[0xaa; 131],
        text: b"This is a test using a larger than block-size key and a larger than block-size data. \
              The key needs to be hashed before being used by the HMAC algorithm.",
        tags: [
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15
             134676fb6de0446065c97440fa8c6a58",
        ],
    },
];

const DIGESTS: [Digest; 3] = [Sha256, Sha384, Sha512];

#[test]
fn the_vectors_of_the_rfc_are_met() {
    for Vector { key, text, tags } in VECTORS {
        for (digest, tag) in DIGESTS.into_iter().zip(tags) {
            assert_eq!(hmac(digest, key, text), hex(tag), "{digest:?}");
            assert!(hmac_verify(digest, key, text, &hex(tag)));
        }
    }
}

#[test]
fn a_tag_is_right_as_a_whole_or_wrong() {
    for Vector { key, text, tags } in VECTORS {
        for (digest, tag) in DIGESTS.into_iter().zip(tags.map(hex)) {
            let right = |tag: &[u8]| hmac_verify(digest, key, text, tag);
            for bit in 0..tag.len() * 8 {
                let mut wrong = tag.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert!(!right(&wrong), "{digest:?} {bit}");
            }
            // Test case 5 of the RFC cuts the tag; we do not.
            assert!(!right(&tag[..16]) && !right(&[]) && !right(&[&tag[..], b"x"].concat()));
            assert!(!hmac_verify(digest, b"another key", text, &tag));
            assert!(!hmac_verify(digest, key, b"another text", &tag));
        }
    }
}

#[tokio::test]
async fn a_key_of_the_ring_authenticates_as_its_kind_says() {
    let house = House::new();
    let ring = house.open();
    let text = || Zeroizing::new(b"text".to_vec());
    for (kind, bytes) in [(Kind::HmacSha256, 32), (Kind::HmacSha512, 64)] {
        let name = format!("{kind:?}");
        let key = ring.ensure(&bot(), &name, kind, Class::Identity, MOST).await.unwrap();
        assert_eq!((key.kind, &key.public), (kind, &None));
        let tag = ring.sign(&bot(), &name, text()).await.unwrap();
        assert_eq!(tag.len(), bytes);
        assert_eq!(ring.verify(&bot(), &name, text(), tag.clone()).await, Ok(true));
        assert_eq!(ring.verify(&bot(), &name, text(), tag[1..].to_vec()).await, Ok(false));
        assert_eq!(ring.verify(&bot(), &name, Zeroizing::new(vec![]), tag.clone()).await, Ok(false));
        // Also when it has come from the disk.
        assert_eq!(house.open().verify(&bot(), &name, text(), tag).await, Ok(true));
    }
    ring.identity(&bot(), "signs").await.unwrap();
    let unfit = KeyError::Unfit { name: "signs".into(), kind: Kind::Ed25519 };
    assert_eq!(ring.verify(&bot(), "signs", text(), vec![]).await, Err(unfit));
    assert_eq!(ring.verify(&bot(), "none", text(), vec![]).await, Err(KeyError::Unknown("none".into())));
}
