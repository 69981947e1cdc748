//! Whose certificate it is: as much DER as that needs. Pure.

/// The subject as in `CN=me, O=us`; what is not understood is left out.
pub(super) fn subject(certificate: &[u8]) -> String {
    find(certificate).map(name).unwrap_or_default()
}

/// RFC 5280 4.1: version (optional), serial number, signature, issuer, validity, subject.
fn find(certificate: &[u8]) -> Option<&[u8]> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut rest, _) = element(certificate)?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    for _before in ["serial number", "signature", "issuer", "validity"] {
        rest = element(rest)?.2;
    }
    element(rest).map(|(_, subject, _)| subject)
}

const VERSION: u8 = 0xa0;

/// Sets of pairs of an OID and a string.
fn name(subject: &[u8]) -> String {
    let mut parts = Vec::new();
    for (_, set) in elements(subject) {
        for (_, pair) in elements(set) {
            if let [(_, oid), (_, value), ..] = elements(pair)[..] {
                parts.push(format!("{}={}", key(oid), String::from_utf8_lossy(value)));
            }
        }
    }
    parts.join(", ")
}

/// RFC 4519: 2.5.4.x.
fn key(oid: &[u8]) -> &'static str {
    match oid {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        _ => "?",
    }
}

fn elements(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut all = Vec::new();
    while let Some((tag, content, rest)) = element(bytes) {
        all.push((tag, content));
        bytes = rest;
    }
    all
}

/// Tag, content and what follows (X.690 8.1).
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        // Of unknown length; and larger ones are no certificate that TLS would carry.
        0x80 | 0x84.. => return None,
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
