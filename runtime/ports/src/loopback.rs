//! Names of this machine, for what listens on it. A page in a browser here can send requests under a name of its own that it
//! had point to us (DNS rebinding), or from an origin of elsewhere; the names it used tell.
use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether the authority of a URL, or a `Host` header, names this machine and nothing beside it but a port: `localhost`, or
/// an address of its loopback.
pub fn is_here(authority: &str) -> bool {
    let (host, rest) = match authority.split_once(']') {
        Some((host, rest)) => (host, rest),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = rest.is_empty()
        || rest.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
        });
    let v6 = host.strip_prefix('[').filter(|_| authority.contains(']'));
    let here = host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
        || v6.and_then(|ip| ip.parse().ok()).is_some_and(|ip: Ipv6Addr| ip.is_loopback());
    port && here
}

/// Whether an `Origin` header is a page's of this machine. `null`, as a file or a sandboxed frame has it, is not.
pub fn is_origin_here(origin: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_here() {
        for here in ["localhost", "LocalHost:1", "127.0.0.1:9090", "127.8.7.6", "[::1]", "[::1]:80"] {
            assert!(is_here(here) && is_origin_here(&format!("http://{here}")), "{here}");
        }
        for elsewhere in [
            "",
            ":",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:9090",
            "localhost.",
            "0.0.0.0",
            "10.0.0.1",
            "[::]",
            "[::2]",
            "::1",
            "::1]",
            "[::1",
            "[localhost]",
            "[127.0.0.1]",
            "me@localhost",
            "localhost@evil.example",
            "localhost:",
            "localhost:x",
            "localhost:+1",
            "localhost:99999",
            "localhost:1:2",
            "[::1]x",
            "[::1]:x",
            "[::1]]",
            "127.1",
            "0x7f000001",
            "2130706433",
            "localhost/",
            "localhost ",
            " localhost",
        ] {
            assert!(!is_here(elsewhere) && !is_origin_here(&format!("http://{elsewhere}")), "{elsewhere:?}");
        }
        for origin in [
            "null",
            "",
            "localhost",
            "file://",
            "ftp://localhost",
            "http:localhost",
            "http://localhost http://x",
        ] {
            assert!(!is_origin_here(origin), "{origin}");
        }
    }
}
