//! An address of this machine at which the runtime listens.
use crate::findings::Findings;
use crate::node::Node;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `example` is one in quotes; `danger` says what other machines could do if they reached it.
pub(crate) fn address(
    node: &Node<'_>,
    example: &str,
    danger: &str,
    findings: &mut Findings,
) -> Option<SocketAddr> {
    let text = node.text(findings, example)?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        if text.contains('@') {
            // A URL's password.
            node.hide(findings);
        }
        let help = format!("write one such as {example}");
        node.wrong(findings, "not an address with a port", help);
        return None;
    };
    if !address.ip().is_loopback() {
        let loopback: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let mine = SocketAddr::new(loopback, address.port());
        let help = format!("write \"{mine}\", and for others put a proxy before it that asks for one");
        node.wrong(findings, danger, help);
        return None;
    }
    Some(address)
}
