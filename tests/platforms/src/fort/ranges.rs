//! Parts of a body, as RFC 9110 14 has them.

use std::ops::Range;

use super::answer::Response;

const BOUNDARY: &str = "fort-boundary-7d1f";

/// `range`: the request's header. 206 with what it asks for, 416 if nothing of it exists, 200 if it asks for nothing or in
/// a way nobody understands.
pub(super) fn answer(range: Option<&str>, whole: Vec<u8>) -> Response {
    let Some(asked) = range.and_then(parse) else {
        return Response::new(200, "text/plain", whole).header("Accept-Ranges", "bytes");
    };
    let total = whole.len();
    let found: Vec<Range<usize>> = asked.iter().filter_map(|one| one.within(total)).collect();
    match &found[..] {
        [] => Response::new(416, "text/plain", "").header("Content-Range", format!("bytes */{total}")),
        [one] => {
            Response::new(206, "text/plain", &whole[one.clone()]).header("Content-Range", place(one, total))
        }
        several => multipart(several, &whole),
    }
}

fn multipart(several: &[Range<usize>], whole: &[u8]) -> Response {
    let mut body = Vec::new();
    for one in several {
        let place = place(one, whole.len());
        let head = format!("--{BOUNDARY}\r\nContent-Type: text/plain\r\nContent-Range: {place}\r\n\r\n");
        body.extend([head.as_bytes(), &whole[one.clone()], b"\r\n"].concat());
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    Response::new(206, &format!("multipart/byteranges; boundary={BOUNDARY}"), body)
}

fn place(range: &Range<usize>, total: usize) -> String {
    format!("bytes {}-{}/{total}", range.start, range.end - 1)
}

/// One range as asked for.
enum Asked {
    From(usize, Option<usize>),
    Last(usize),
}

impl Asked {
    fn within(&self, total: usize) -> Option<Range<usize>> {
        let range = match *self {
            Self::From(first, last) => first..last.map_or(total, |last| last.saturating_add(1)).min(total),
            Self::Last(count) => total.saturating_sub(count)..total,
        };
        (!range.is_empty()).then_some(range)
    }
}

fn parse(range: &str) -> Option<Vec<Asked>> {
    range.strip_prefix("bytes=")?.split(',').map(|one| asked(one.trim())).collect()
}

fn asked(one: &str) -> Option<Asked> {
    let (first, last) = one.split_once('-')?;
    match (first, last) {
        ("", last) => Some(Asked::Last(last.parse().ok()?)),
        (first, "") => Some(Asked::From(first.parse().ok()?, None)),
        (first, last) => Some(Asked::From(first.parse().ok()?, Some(last.parse().ok()?))),
    }
}
