//! Client's WebSocket frames without their masks, also those that no message was ever made of. Pure.

/// The payloads, one after the other; the last may be cut short. Unmasked ones stay as they are.
pub(super) fn unmask(frames: &[u8]) -> Vec<u8> {
    let mut payloads = Vec::new();
    let mut rest = frames;
    while let Some((mask, length, payload)) = frame(rest) {
        let (payload, next) = payload.split_at(length.min(payload.len()));
        payloads.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
        rest = next;
    }
    payloads
}

/// RFC 6455 5.2: its mask, its length and everything behind its head.
fn frame(bytes: &[u8]) -> Option<([u8; 4], usize, &[u8])> {
    let ([_, second], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match second & 0x7f {
        126 => rest.split_first_chunk().map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest))?,
        127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        short => (short.into(), rest),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if second & 0x80 == 0 {
        return Some(([0; 4], length, rest));
    }
    let (mask, rest) = rest.split_first_chunk()?;
    Some((*mask, length, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_come_out_plain() {
        // RFC 6455 5.7: masked "Hello", unmasked "Hel", the head of 256 bytes.
        let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(unmask(&masked), b"Hello");
        let unmasked = [0x01, 0x03, 0x48, 0x65, 0x6c];
        assert_eq!(unmask(&[&unmasked[..], &masked].concat()), b"HelHello");
        let long = [&[0x82, 0x7e, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(unmask(&[&long[..], &masked].concat()), [&[7; 256][..], b"Hello"].concat());
    }

    #[test]
    fn a_frame_cut_short_is_still_read() {
        assert_eq!(unmask(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f]), b"He");
        assert_eq!(unmask(&[0x81, 0x85, 0x37]), b"");
    }
}
