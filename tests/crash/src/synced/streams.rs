//! What went out on each socket, as requests.
use super::calls::Call;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// `POST /v1/…`.
    pub(super) target: String,
    /// Everything up to the next request on that socket.
    pub(super) text: Vec<u8>,
    /// Line at which its first byte was given to the kernel.
    pub(super) begun: usize,
}

pub(super) fn requests(calls: &[Call]) -> Vec<Request> {
    let mut sockets = BTreeMap::<&str, Vec<(usize, u8)>>::new();
    for call in calls.iter().filter(|call| call.file.starts_with("socket:")) {
        let stream = sockets.entry(&call.file).or_default();
        stream.extend(call.written().iter().map(|byte| (call.begun, *byte)));
    }
    sockets.values().flat_map(|stream| split(stream)).collect()
}

fn split(stream: &[(usize, u8)]) -> Vec<Request> {
    let bytes: Vec<u8> = stream.iter().map(|(_, byte)| *byte).collect();
    let is_begin = |at: &usize| {
        [b"POST /v1/".as_slice(), b"GET /v1/"].iter().any(|begin| bytes[*at..].starts_with(begin))
    };
    let begins: Vec<usize> = (0..bytes.len()).filter(is_begin).collect();
    let ends = begins.iter().skip(1).copied().chain([bytes.len()]);
    let request = |(begin, end): (&usize, usize)| {
        let text = bytes[*begin..end].to_vec();
        let line = text.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let target = line.strip_suffix(" HTTP/1.1").unwrap_or(&line).to_owned();
        Request { target, text, begun: stream[*begin].0 }
    };
    begins.iter().zip(ends).map(request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synced::calls::parse;

    #[test]
    fn a_request_begins_with_its_first_byte_however_it_is_cut() {
        let trace = r#"
1 sendto(9<socket:[5]>, "POST /v1/a HTTP/1.1\r\n\r\n{", 25, 0) = 25
2 write(8<socket:[6]>, "GET /v1/b HTTP/1.1\r\n\r\n", 24) = 24
1 sendto(9<socket:[5]>, "}POST /v1/c HTTP/1.1\r\n\r\n", 25, 0) = 25
"#;
        let requests = requests(&parse(trace).unwrap());
        let short: Vec<_> = requests.iter().map(|request| (request.target.as_str(), request.begun)).collect();
        assert_eq!(short, [("POST /v1/a", 1), ("POST /v1/c", 3), ("GET /v1/b", 2)]);
        assert!(requests[0].text.ends_with(b"{}"));
    }
}
