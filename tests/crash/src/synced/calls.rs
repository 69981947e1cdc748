//! What strace wrote, as calls.
use anyhow::Context;
use std::collections::HashMap;

/// One system call that has a file descriptor first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// What is behind the descriptor: a path, or `socket:[…]`.
    pub(super) file: String,
    /// All that it was given to write.
    pub(super) data: Vec<u8>,
    /// Line at which the process entered it.
    pub(super) begun: usize,
    /// Line at which it was through, and what it answered; none: it never was.
    pub(super) ended: Option<(usize, i64)>,
}

impl Call {
    /// What was written, as far as it is known.
    pub(super) fn written(&self) -> &[u8] {
        let most = match self.ended {
            Some((_, answer)) => usize::try_from(answer).unwrap_or(0),
            None => usize::MAX,
        };
        &self.data[..self.data.len().min(most)]
    }
}

/// In the order in which they were entered. `strace -f -y -o`: each line begins with the thread's number; a call during
/// which another thread does something is cut into `… <unfinished ...>` and `<... name resumed>…`.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Call>> {
    let (mut calls, mut open) = (Vec::<Call>::new(), HashMap::new());
    for (number, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if rest.starts_with("<... ") {
            if let Some(call) = open.remove(thread) {
                let call: &mut Call = calls.get_mut(call).context("an open call is a call")?;
                call.ended = answer(rest).map(|answer| (number, answer));
            }
            continue;
        }
        let Some(mut call) = begun(rest, number) else { continue };
        if rest.ends_with("<unfinished ...>") {
            open.insert(thread, calls.len());
        } else {
            call.ended = answer(rest).map(|answer| (number, answer));
        }
        calls.push(call);
    }
    Ok(calls)
}

fn begun(rest: &str, number: usize) -> Option<Call> {
    let (name, arguments) = rest.split_once('(')?;
    let (_, after) = arguments.split_once('<')?;
    let (file, after) = after.split_once('>')?;
    Some(Call { name: name.into(), file: file.into(), data: strings(after), begun: number, ended: None })
}

/// What stands behind the last `=`; none for `?`, of a call that never answered. A failure is negative.
fn answer(rest: &str) -> Option<i64> {
    let (_, answer) = rest.rsplit_once(" = ")?;
    answer.split(' ').next()?.parse().ok()
}

/// All string literals, one after the other: `"a", {iov_base="b"}` is `ab`.
fn strings(text: &str) -> Vec<u8> {
    let (mut bytes, mut found) = (text.bytes().peekable(), Vec::new());
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            continue;
        }
        while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
            if byte != b'\\' {
                found.push(byte);
                continue;
            }
            match bytes.next() {
                Some(b'n') => found.push(b'\n'),
                Some(b'r') => found.push(b'\r'),
                Some(b't') => found.push(b'\t'),
                Some(b'v') => found.push(0x0b),
                Some(b'f') => found.push(0x0c),
                Some(digit @ b'0'..=b'7') => {
                    let mut value = u32::from(digit - b'0');
                    for _ in 0..2 {
                        let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                        value = value * 8 + u32::from(digit - b'0');
                    }
                    // strace writes bytes: three digits are at most 377.
                    found.push(u8::try_from(value).unwrap_or(u8::MAX));
                }
                Some(other) => found.push(other),
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_torn_calls_become_calls() {
        let trace = "\
7  pwrite64(12</s/journal.sqlite-wal>, \"ab\\0\\3777\\n\\\"\\\\\", 8, 0) = 8
8  sendto(9<socket:[5]>, \"POST \", 5, MSG_NOSIGNAL, NULL, 0 <unfinished ...>
7  fdatasync(12</s/journal.sqlite-wal> <unfinished ...>
8  <... sendto resumed>) = 3
7  <... fdatasync resumed>)        = 0
8  writev(9<socket:[5]>, [{iov_base=\"a\", iov_len=1}, {iov_base=\"b\", iov_len=1}], 2) = 2
7  fdatasync(12</s/journal.sqlite-wal>) = -1 EIO (Input/output error) (INJECTED)
9  write(3</x>, \"z\", 1) = ?
7  +++ killed by SIGKILL +++
";
        let calls = parse(trace).unwrap();
        let short: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.begun, call.ended)).collect();
        let wanted = [
            ("pwrite64", 0, Some((0, 8))),
            ("sendto", 1, Some((3, 3))),
            ("fdatasync", 2, Some((4, 0))),
            ("writev", 5, Some((5, 2))),
            ("fdatasync", 6, Some((6, -1))),
            ("write", 7, None),
        ];
        assert_eq!(short, wanted);
        assert_eq!(calls[0].data, b"ab\0\xff7\n\"\\");
        assert_eq!(calls[1].written(), b"POS");
        assert_eq!(calls[3].data, b"ab");
        assert_eq!(calls[0].file, "/s/journal.sqlite-wal");
    }
}
