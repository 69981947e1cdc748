use super::secret;
use crate::{BadKey, OperatorKey};
use base64::Engine;
use base64::prelude::*;

fn bytes(text: &str) -> Result<[u8; 32], BadKey> {
    OperatorKey::parse(&secret(text)).map(|key| *key.bytes())
}

/// With both characters in which the alphabets differ.
const KEY: [u8; 32] = {
    let mut key = [0xfb; 32];
    key[31] = 0x1f;
    key
};

#[test]
fn a_key_is_read_however_it_is_written() {
    let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let forms = [
        hex.to_uppercase(),
        hex,
        BASE64_STANDARD.encode(KEY),
        BASE64_STANDARD_NO_PAD.encode(KEY),
        BASE64_URL_SAFE.encode(KEY),
        BASE64_URL_SAFE_NO_PAD.encode(KEY),
    ];
    for form in forms {
        assert_eq!(bytes(&form), Ok(KEY), "{form}");
        assert_eq!(bytes(&format!("\n \t{form}\r\n")), Ok(KEY), "{form}");
    }
}

#[test]
fn what_is_no_key_is_refused_with_what_to_write() {
    let short = BASE64_STANDARD.encode([1; 31]);
    let long = BASE64_STANDARD.encode([1; 33]);
    let good = BASE64_STANDARD.encode(KEY);
    let mixed = good.replace('/', "_");
    let (half, foreign) = ("ab".repeat(31) + "a", "ag".repeat(32));
    let signed = "+a".repeat(32);
    let two = format!("{good} {good}");
    for bad in
        ["", " ", "password", &short, &long, &mixed, &half, &foreign, &signed, &two, &"é".repeat(32), "===="]
    {
        let error = OperatorKey::parse(&secret(bad)).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("openssl rand -base64 32"), "{text}");
        assert!(bad.trim().len() < 4 || !text.contains(bad), "{text}");
    }
}

#[test]
fn it_is_in_no_debug_output() {
    assert_eq!(format!("{:?}", super::operator(7)), "OperatorKey(…)");
}
