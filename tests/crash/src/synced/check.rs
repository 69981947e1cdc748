//! The order: written to the journal, synced, and only then sent.
use super::calls::Call;
use super::streams::{Request, requests};

/// A message, and what was posted for it.
pub(super) struct Message {
    pub(super) channel: String,
    /// The key under which it was accepted.
    pub(super) event: String,
    pub(super) blocks: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Requests whose data was on disk when they left.
    pub(super) good: usize,
    /// Syncs of the journal's files.
    pub(super) syncs: usize,
    pub(super) wrong: Vec<String>,
}

pub(super) fn check(calls: &[Call], messages: &[Message]) -> Seen {
    let journal: Vec<&Call> = calls.iter().filter(|call| call.file.contains("/state/journal.")).collect();
    let requests = requests(calls);
    let mut seen = Seen { syncs: journal.iter().filter(|call| is_sync(call)).count(), ..Seen::default() };
    for message in messages {
        let path = |what: &str| format!("POST /v1/channels/{}/{what}", message.channel);
        let begun = requests.iter().find(|request| request.target == path("work"));
        let key = message.event.as_bytes();
        seen.judge(&journal, begun, &format!("the work on {}", message.event), |data| has(data, key));
        for (number, block) in message.blocks.iter().enumerate() {
            let before = number.checked_sub(1).and_then(|number| message.blocks.get(number));
            let behind = message.blocks.get(number + 1);
            let json = serde_json::Value::from(block.as_str()).to_string();
            let is_it = |request: &&Request| {
                request.target == path("messages")
                    && has(&request.text, format!("{{\"text\":{json}}}").as_bytes())
            };
            let posted = requests.iter().find(is_it);
            seen.judge(&journal, posted, &format!("the post of {block:?}"), |data| {
                has_alone(data, block, before, behind)
            });
        }
    }
    seen
}

impl Seen {
    fn judge(
        &mut self,
        journal: &[&Call],
        request: Option<&Request>,
        what: &str,
        has: impl Fn(&[u8]) -> bool,
    ) {
        let Some(request) = request else {
            return self.wrong.push(format!("{what} was never seen"));
        };
        let Some(write) = journal.iter().find(|call| !is_sync(call) && has(call.written())) else {
            return self.wrong.push(format!("{what}: its data was never written to the journal"));
        };
        let synced =
            journal.iter().find(|call| is_sync(call) && covers(call, write)).and_then(|call| call.ended);
        match synced {
            Some((line, _)) if line < request.begun => self.good += 1,
            synced => self.wrong.push(format!(
                "{what} left (line {}) before its data was on disk (written at line {}, synced {})",
                request.begun + 1,
                write.begun + 1,
                synced.map_or("never".to_owned(), |(line, _)| format!("at line {}", line + 1)),
            )),
        }
    }
}

fn is_sync(call: &Call) -> bool {
    matches!(call.name.as_str(), "fsync" | "fdatasync")
}

/// Whether this sync, which went well, began when the write was through.
fn covers(sync: &Call, write: &Call) -> bool {
    let well = sync.ended.is_some_and(|(_, answer)| answer == 0);
    well && sync.file == write.file && write.ended.is_some_and(|(line, _)| line < sync.begun)
}

fn has(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}

/// The block by itself, without its neighbours. The same words are in the accepted message and in the whole answer too,
/// which are written at other times; but there the paragraph before or behind stands beside them.
fn has_alone(data: &[u8], block: &str, before: Option<&String>, behind: Option<&String>) -> bool {
    let block = block.as_bytes();
    let places = data.windows(block.len()).enumerate().filter(|(_, window)| *window == block);
    places.into_iter().any(|(at, _)| {
        // Line breaks as they are, and as JSON has them.
        [b"\n\n".as_slice(), b"\\n\\n"].iter().all(|gap| {
            let joined = |parts: [&[u8]; 2]| parts.concat();
            !before.is_some_and(|text| data[..at].ends_with(&joined([text.as_bytes(), gap])))
                && !behind
                    .is_some_and(|text| data[at + block.len()..].starts_with(&joined([gap, text.as_bytes()])))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synced::calls::parse;

    /// Accepted, synced, begun; the block written, synced, posted.
    const GOOD: [&str; 8] = [
        r#"1 pwrite64(5</x/state/journal.sqlite-wal>, "\0ev_1 a\n\nb\0", 10, 0) = 10"#,
        "1 fdatasync(5</x/state/journal.sqlite-wal> <unfinished ...>",
        "1 <... fdatasync resumed>) = 0",
        r#"2 sendto(9<socket:[5]>, "POST /v1/channels/c/work HTTP/1.1\r\n\r\n", 40, 0) = 40"#,
        r#"1 pwrite64(5</x/state/journal.sqlite-wal>, "\0ev_1 a\n\nb\0\"a\\n\\n\"\0", 19, 0) = 19"#,
        "1 fdatasync(5</x/state/journal.sqlite-wal>) = 0",
        r#"2 sendto(9<socket:[5]>, "POST /v1/channels/c/messages HTTP/1.1\r\n\r\n", 44, 0) = 44"#,
        r#"2 sendto(9<socket:[5]>, "{\"text\":\"a\"}", 12, 0) = 12"#,
    ];

    /// The second block, always right.
    const LAST: [&str; 3] = [
        r#"1 pwrite64(5</x/state/journal.sqlite-wal>, "\"b\"", 3, 0) = 3"#,
        "1 fdatasync(5</x/state/journal.sqlite-wal>) = 0",
        r#"2 sendto(9<socket:[5]>, "POST /v1/channels/c/messages HTTP/1.1\r\n\r\n{\"text\":\"b\"}", 56, 0) = 56"#,
    ];

    fn judged(lines: &[&str]) -> Seen {
        let message =
            Message { channel: "c".into(), event: "ev_1".into(), blocks: vec!["a".into(), "b".into()] };
        let mut lines = lines.to_vec();
        lines.extend(LAST);
        check(&parse(&lines.join("\n")).unwrap(), &[message])
    }

    fn moved(from: usize, to: usize) -> Seen {
        let mut lines = GOOD.to_vec();
        let line = lines.remove(from);
        lines.insert(to, line);
        judged(&lines)
    }

    #[test]
    fn the_right_order_is_right() {
        let seen = judged(&GOOD);
        assert_eq!((seen.wrong.as_slice(), seen.good, seen.syncs), (&[][..], 3, 3));
    }

    #[test]
    fn whatever_leaves_early_is_found() {
        assert!(moved(3, 0).wrong[0].contains("before its data was on disk"), "before the write");
        assert!(moved(3, 2).wrong[0].contains("before its data was on disk"), "during the sync");
        assert!(moved(5, 7).wrong[0].contains("the post of"), "the post before the sync of its block");
        assert!(moved(4, 6).wrong[0].contains("the post of"), "the block written after the sync");
    }

    #[test]
    fn a_sync_that_failed_or_was_of_another_file_does_not_count() {
        for (wrong, right) in [("= 0", "= -1 EIO (INJECTED)"), ("sqlite-wal", "sqlite")] {
            let mut lines = GOOD.map(str::to_owned);
            lines[5] = lines[5].replace(wrong, right);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(judged(&lines).wrong.len(), 1);
        }
    }

    #[test]
    fn what_is_never_written_is_found() {
        let lines: Vec<&str> = GOOD.into_iter().filter(|line| !line.contains("pwrite64")).collect();
        assert!(judged(&lines).wrong.iter().all(|wrong| wrong.contains("never written")));
    }
}
