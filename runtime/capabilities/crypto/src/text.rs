//! A text out of its parts. With a secret in it, it is wiped when it was used.
use crate::wit;
use ports::secret::{FillError, Secret};
use zeroize::Zeroizing;

/// The limits that `crypto.wit` promises.
const PARTS: usize = 64;
const TEXT_BYTES: usize = 1 << 20;

pub fn of(
    parts: &[wit::Part],
    mut secret: impl FnMut(&str) -> Result<Secret, FillError>,
) -> Result<Zeroizing<Vec<u8>>, wit::Error> {
    if parts.len() > PARTS {
        return Err(wit::Error::Invalid(format!("{} parts; {PARTS} are possible", parts.len())));
    }
    let mut values = Vec::new();
    for part in parts {
        if let wit::Part::Secret(name) = part {
            values.push(secret(name).map_err(denied)?);
        }
    }
    let mut left = values.iter();
    let pieces: Vec<&[u8]> = parts
        .iter()
        .map(|part| match part {
            wit::Part::Bytes(bytes) => bytes.as_slice(),
            wit::Part::Text(text) => text.as_bytes(),
            wit::Part::Secret(_) => left.next().map(|value| value.expose().as_bytes()).unwrap_or_default(),
        })
        .collect();
    let bytes = pieces.iter().map(|piece| piece.len()).sum();
    if bytes > TEXT_BYTES {
        // NB: of a text with secrets in it the exact length is theirs.
        return Err(wit::Error::Invalid(format!("more than {TEXT_BYTES} bytes together")));
    }
    // One buffer of the final size: one that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(bytes));
    pieces.iter().for_each(|piece| text.extend_from_slice(piece));
    Ok(text)
}

/// A text that must hold no secret.
pub fn public(parts: &[wit::Part]) -> Result<Zeroizing<Vec<u8>>, wit::Error> {
    match parts.iter().any(|part| matches!(part, wit::Part::Secret(_))) {
        true => Err(wit::Error::Invalid("a part is a secret; here no part may be one".into())),
        false => of(parts, |name| Err(FillError::Unknown(name.into()))),
    }
}

pub fn denied(error: FillError) -> wit::Error {
    wit::Error::Denied(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wit::Part;

    fn secret(name: &str) -> Result<Secret, FillError> {
        match name {
            "token" => Ok(Secret::new("t0ken".into())),
            _ => Err(FillError::Unknown(name.into())),
        }
    }

    #[test]
    fn parts_stand_behind_each_other_with_nothing_between() {
        let parts = [
            Part::Text("v3|é|".into()),
            Part::Secret("token".into()),
            Part::Bytes(vec![0, 255]),
            Part::Text(String::new()),
            Part::Secret("token".into()),
        ];
        assert_eq!(**of(&parts, secret).unwrap(), [b"v3|\xc3\xa9|t0ken\0\xff".as_slice(), b"t0ken"].concat());
        assert!(of(&[], secret).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_granted_or_too_much_is_refused() {
        assert!(matches!(of(&[Part::Secret("other".into())], secret), Err(wit::Error::Denied(_))));
        assert!(matches!(of(&vec![Part::Bytes(vec![]); 65], secret), Err(wit::Error::Invalid(_))));
        assert!(of(&[Part::Bytes(vec![0; TEXT_BYTES])], secret).is_ok());
        assert!(matches!(
            of(&vec![Part::Bytes(vec![0; TEXT_BYTES / 2 + 1]); 2], secret),
            Err(wit::Error::Invalid(_))
        ));
        assert!(matches!(public(&[Part::Secret("token".into())]), Err(wit::Error::Invalid(_))));
        assert!(public(&[Part::Text("x".into())]).is_ok());
    }

    #[test]
    fn a_name_of_a_secret_in_plain_text_is_plain_text() {
        let marked = "{{token}} ${token} <secret:token> token";
        assert_eq!(**of(&[Part::Text(marked.into())], secret).unwrap(), *marked.as_bytes());
    }
}
