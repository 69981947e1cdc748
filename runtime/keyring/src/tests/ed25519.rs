use super::hex;
use crate::held::Held;
use crate::record::Record;
use ports::keys::{Class, Kind};
use primitives::{WrongLength, ed25519_verify};
use zeroize::Zeroizing;

/// RFC 8032, 7.1: seed, public key, message, signature.
const VECTORS: [[&str; 4]; 4] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b
         d25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c
         387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659
         4a7c15e9716ed28dc027beceea1ec40a",
    ],
    // SHA(abc)
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd
         454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030
         3dca179c138ac17ad9bef1177331a704",
    ],
];

/// The order of the base point, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// All points whose order divides eight, and the encodings of some of them that are not reduced.
const SMALL: [&str; 12] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn the_vectors_of_the_rfc_are_signed_and_verified() {
    for [seed, public, message, signature] in VECTORS.map(|vector| vector.map(hex)) {
        let record = Record { kind: Some(Kind::Ed25519), made_ms: 0, bytes: Zeroizing::new(seed) };
        let held = Held::of("k", Class::Session, &record).unwrap();
        assert_eq!(held.key.public.as_ref(), Some(&public));
        assert_eq!(held.sign(&message), signature);
        assert_eq!(ed25519_verify(&public, &message, &signature), Ok(true));
    }
}

#[test]
fn a_changed_bit_anywhere_is_noticed() {
    for [_, public, message, signature] in VECTORS.map(|vector| vector.map(hex)) {
        let flipped = |bytes: &[u8], bit: usize| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        for bit in 0..signature.len() * 8 {
            assert_eq!(ed25519_verify(&public, &message, &flipped(&signature, bit)), Ok(false), "{bit}");
        }
        for bit in 0..public.len() * 8 {
            assert_eq!(ed25519_verify(&flipped(&public, bit), &message, &signature), Ok(false), "{bit}");
        }
        for bit in 0..message.len() * 8 {
            assert_eq!(ed25519_verify(&public, &flipped(&message, bit), &signature), Ok(false), "{bit}");
        }
        assert_eq!(ed25519_verify(&public, &[&message[..], b"\0"].concat(), &signature), Ok(false));
    }
    let [one, two] = [0, 1].map(|nth: usize| VECTORS[nth].map(hex));
    assert_eq!(ed25519_verify(&two[1], &one[2], &one[3]), Ok(false), "somebody else's key");
}

#[test]
fn a_scalar_that_is_not_reduced_is_refused() {
    let order = hex(ORDER);
    for [_, public, message, signature] in VECTORS.map(|vector| vector.map(hex)) {
        let mut carry = 0;
        let larger = signature[32..].iter().zip(&order).map(|(a, b)| {
            carry = u16::from(*a) + u16::from(*b) + (carry >> 8);
            carry as u8
        });
        let forged: Vec<u8> = signature[..32].iter().copied().chain(larger).collect();
        assert_ne!(forged, signature);
        assert_eq!(ed25519_verify(&public, &message, &forged), Ok(false));
    }
}

#[test]
fn a_public_key_of_small_order_verifies_nothing() {
    // R is the base point and S is one: for the identity as the key this holds for every message.
    let base = "5866666666666666666666666666666666666666666666666666666666666666";
    let forged = hex(&format!("{base}01{}", "00".repeat(31)));
    let identity = ed25519_dalek::VerifyingKey::from_bytes(hex(SMALL[0])[..].try_into().unwrap()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&forged).unwrap();
    use ed25519_dalek::Verifier;
    assert!(identity.verify(b"anything", &signature).is_ok(), "else this test shows nothing");
    for small in SMALL {
        for nth in 0..16 {
            let message = format!("message {nth}");
            assert_eq!(ed25519_verify(&hex(small), message.as_bytes(), &forged), Ok(false), "{small}");
            let none = [&hex(small)[..], &[0; 32]].concat();
            assert_eq!(ed25519_verify(&hex(small), message.as_bytes(), &none), Ok(false), "{small}");
        }
    }
}

#[test]
fn what_is_no_point_is_no_key_and_only_a_wrong_length_is_an_error() {
    let [_, public, message, signature] = VECTORS[1].map(hex);
    let no_point = [2; 32];
    assert!(ed25519_dalek::VerifyingKey::from_bytes(&no_point).is_err(), "else this test shows nothing");
    assert_eq!(ed25519_verify(&no_point, &message, &signature), Ok(false));
    let wrong = |what, expected, found| Err(WrongLength { what, expected, found });
    assert_eq!(ed25519_verify(&public[1..], &message, &signature), wrong("public key", 32, 31));
    assert_eq!(ed25519_verify(&public, &message, &[]), wrong("signature", 64, 0));
    assert_eq!(ed25519_verify(&[], b"", &[]).unwrap_err().to_string(), "a public key has 32 bytes, not 0");
}
