//! The events of a `text/event-stream`, however its bytes are cut.
//!
//! By the WHATWG rules, as far as a request needs them: of the fields only `data` counts. Our own, because those at hand
//! put no bound on a line, and a far end that never ends one would fill the memory.
use bytes::{Buf, Bytes};

/// Of one line, and of one event. Servers that do not really stream send the whole answer as one event; escaped, it is
/// larger than what it says.
pub(crate) const MAX_EVENT_BYTES: usize = 2 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

#[derive(Default)]
pub(crate) struct Events {
    /// Not looked at yet.
    rest: Bytes,
    line: Vec<u8>,
    data: Vec<u8>,
    /// A line feed that comes next belongs to the line before it.
    after_cr: bool,
    /// The first line may begin with a byte order mark.
    begun: bool,
}

impl Events {
    /// What came from the wire. Take all events out before the next.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        debug_assert!(self.rest.is_empty(), "bytes pushed before the last were read");
        self.rest = bytes;
    }

    /// The data of the next event that is complete and not empty. What is incomplete at the stream's end is dropped, as
    /// the rules want it.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        while let Some(&first) = self.rest.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                self.rest.advance(1);
                continue;
            }
            let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = self.rest.split_to(end.unwrap_or(self.rest.len()));
            if part.len() > MAX_EVENT_BYTES - self.line.len() {
                return Err(TooLong);
            }
            self.line.extend_from_slice(&part);
            if end.is_some() {
                self.after_cr = self.rest.get_u8() == b'\r';
                let line = std::mem::take(&mut self.line);
                if let Some(event) = self.take(&line)? {
                    return Ok(Some(event));
                }
            }
        }
        Ok(None)
    }

    /// One line without its end; answers the event that it ends.
    fn take(&mut self, line: &[u8]) -> Result<Option<Vec<u8>>, TooLong> {
        let line = match std::mem::replace(&mut self.begun, true) {
            true => line,
            false => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        };
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return Ok(Some(data).filter(|data| !data.is_empty()));
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        if field != b"data" {
            return Ok(None);
        }
        let value = value.strip_prefix(b" ").unwrap_or(value);
        if value.len() >= MAX_EVENT_BYTES - self.data.len() {
            return Err(TooLong);
        }
        if !self.data.is_empty() {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(parts: &[&[u8]]) -> Result<Vec<String>, TooLong> {
        let (mut events, mut found) = (Events::default(), Vec::new());
        for part in parts {
            events.push(Bytes::copy_from_slice(part));
            while let Some(event) = events.next()? {
                found.push(String::from_utf8(event).unwrap());
            }
        }
        Ok(found)
    }

    #[test]
    fn lines_end_in_lf_cr_or_both_and_only_data_counts() {
        let stream = "\u{feff}data: a\n\n: ping\n\nevent: x\r\nid: 1\r\ndata:b\r\ndata:  c\r\n\r\ndata: d\r\rdata\n\n\
            data : no\n\ndatax: no\n\ndata: e:f\n\ndata: dropped";
        assert_eq!(read(&[stream.as_bytes()]).unwrap(), ["a", "b\n c", "d", "e:f"]);
    }

    #[test]
    fn a_line_without_end_is_refused_and_what_came_before_it_is_not() {
        let mut events = Events::default();
        events.push([b"data: a\n\ndata: ", vec![b'x'; MAX_EVENT_BYTES].as_slice()].concat().into());
        assert_eq!(events.next(), Ok(Some(b"a".to_vec())));
        assert_eq!(events.next(), Err(TooLong));
        let line = [b"data: ", vec![b'x'; MAX_EVENT_BYTES / 2].as_slice(), b"\n"].concat();
        assert_eq!(read(&[&line, &line, b"\n"]), Err(TooLong), "many lines make one event");
        let comment = [b":", vec![b'x'; MAX_EVENT_BYTES / 2].as_slice(), b"\n"].concat();
        assert_eq!(read(&[&comment, &comment, b"data: a\n\n"]).unwrap(), ["a"], "comments are no part of it");
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_events(
            texts in prop::collection::vec("[^\r\n]{0,12}", 0..6),
            ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\r"]), 12),
            cuts in prop::collection::vec(0usize..200, 0..20),
        ) {
            let mut stream = String::new();
            for (at, text) in texts.iter().enumerate() {
                let (end, blank) = (ends[2 * at], ends[2 * at + 1]);
                // A line feed right behind a carriage return would be one end and no blank line.
                let blank = if end == "\r" && blank == "\n" { "\r" } else { blank };
                stream += &format!(": ping{end}data: é{text}{end}{blank}");
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &stream.as_bytes()[cut[0]..cut[1]]).collect();
            let expected: Vec<String> = texts.iter().map(|text| format!("é{text}")).collect();
            prop_assert_eq!(read(&parts).unwrap(), expected);
        }
    }
}
