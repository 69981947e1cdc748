//! Rows 19, 20, 22 of the adversarial cases, by generated input: URLs that mean different things to different readers,
//! rules that say more than they seem to, addresses that lead elsewhere. `PROPTEST_CASES=200000` for a long run.
mod addresses;
mod nasty;
mod readers;
mod rules;

use fluent_uri::Uri as Rfc3986;
use ipnet::IpNet;
use ports::address::{closed_range, may_dial};
use ports::reach::{CheckedUrl, UrlRule};
use proptest::prelude::*;
use proptest::sample::select;

/// What is found is written down as a test of its own, not as a seed in a file.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// What a naive reader makes of a URL.
struct Read<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
    path: &'a str,
}

/// By cutting, as somebody would who knows no specification.
fn naive(text: &str) -> Read<'_> {
    let (scheme, rest) = text.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let path = path.split(['?', '#']).next().unwrap();
    let host_ends = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[host_ends..].find(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(host_ends + colon);
            (host, port[1..].parse().unwrap())
        }
        None => (authority, default_port(scheme)),
    };
    Read { scheme, host, port, path }
}

fn default_port(scheme: &str) -> u16 {
    if matches!(scheme, "https" | "wss") { 443 } else { 80 }
}
