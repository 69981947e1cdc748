//! Where in a response what was carried comes back.

use super::answer::{Body, Response};
use super::carried::{Carried, carried};
use super::echo::Echo;
use super::ranges;
use super::record::Request;
use super::spelling::{gzip, is_json, percent, pieces, spell};

/// Longer values are left out of heads: a client that refuses a large head would have seen nothing at all.
const MAX_VALUE_BYTES: usize = 4 << 10;

pub(super) fn echo(echo: &Echo, request: &Request) -> Response {
    let all = carried(request);
    let plain = || body(&Echo::Plain, &all);
    let text = |body: Vec<u8>| Response::new(200, "text/plain", body);
    match echo {
        Echo::InHeader => {
            numbered(&all).into_iter().fold(ok(), |response, (name, value)| response.header(&name, value))
        }
        Echo::InSetCookie => legal(&all).enumerate().fold(ok(), |response, (number, value)| {
            response.header("Set-Cookie", [format!("echo-{number}=").as_bytes(), value].concat())
        }),
        Echo::InStatusLine => Response { reason: legal(&all).collect::<Vec<_>>().join(&b"; "[..]), ..ok() },
        Echo::InLocation => Response::redirect(302, &format!("/landed?{}", query(&all))),
        Echo::InForeignLocation(origin) => {
            let path: Vec<String> = legal(&all).map(percent).collect();
            Response::redirect(302, &format!("{origin}/{}?{}", path.join("/"), query(&all)))
        }
        Echo::Gzip => text(gzip(&plain())).header("Content-Encoding", "gzip"),
        Echo::Chunked => chunked(pieces(&plain()), Vec::new()),
        Echo::Trailers => {
            let trailers = numbered(&all);
            let names: Vec<&str> = trailers.iter().map(|(name, _)| name.as_str()).collect();
            // RFC 9110 6.6.2: they should be announced.
            let announced = names.join(", ");
            chunked(vec![b"see below".to_vec()], trailers).header("Trailer", announced)
        }
        Echo::Ranges => ranges::answer(request.header("range"), plain()),
        Echo::SplitFrames => Response { body: Body::Pieces(pieces(&plain())), ..text(Vec::new()) },
        Echo::Html => Response::new(200, "text/html", body(echo, &all)),
        json if is_json(json) => Response::new(200, "application/json", body(json, &all)),
        spelling => text(body(spelling, &all)),
    }
}

fn ok() -> Response {
    Response::new(200, "application/json", r#"{"ok":true}"#)
}

fn chunked(chunks: Vec<Vec<u8>>, trailers: Vec<(String, Vec<u8>)>) -> Response {
    Response { body: Body::Chunked { chunks, trailers }, ..Response::new(200, "text/plain", "") }
}

fn body(echo: &Echo, all: &[Carried]) -> Vec<u8> {
    let (open, equals, between, close): (&str, &str, &str, &str) =
        if is_json(echo) { ("{\"", "\":\"", "\",\"", "\"}") } else { ("", "=", "\n", "\n") };
    let line = |carried: &Carried| {
        [carried.name.as_bytes(), equals.as_bytes(), &spell(echo, &carried.value)].concat()
    };
    let lines: Vec<Vec<u8>> = all.iter().map(line).collect();
    [open.as_bytes(), &lines.join(between.as_bytes()), close.as_bytes()].concat()
}

/// Those that a field value or reason phrase may have (RFC 9110 5.5, RFC 9112 4), and that are not too long.
fn legal(all: &[Carried]) -> impl Iterator<Item = &[u8]> {
    let is_legal = |value: &[u8]| value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
    let values = all.iter().map(|carried| carried.value.as_slice());
    values.filter(move |value| value.len() <= MAX_VALUE_BYTES && is_legal(value))
}

fn numbered(all: &[Carried]) -> Vec<(String, Vec<u8>)> {
    legal(all).enumerate().map(|(number, value)| (format!("X-Echo-{number}"), value.to_vec())).collect()
}

fn query(all: &[Carried]) -> String {
    let short = all.iter().filter(|carried| carried.value.len() <= MAX_VALUE_BYTES);
    let pairs: Vec<String> = short
        .map(|carried| format!("{}={}", percent(carried.name.as_bytes()), percent(&carried.value)))
        .collect();
    pairs.join("&")
}
