//! `[telemetry]`: where the counts can be read.
use crate::findings::Findings;
use crate::node::Node;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const LISTEN: &str = "\"127.0.0.1:9464\"";

/// `None` where it is wrong.
pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<SocketAddr> {
    let mut fields = node.table(findings, &format!("a table such as {{ listen = {LISTEN} }}"))?;
    let listen = fields.required("listen", LISTEN, node, findings);
    fields.refuse_others(findings);
    address(&listen?, findings)
}

fn address(node: &Node<'_>, findings: &mut Findings) -> Option<SocketAddr> {
    let text = node.text(findings, LISTEN)?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        if text.contains('@') {
            // A URL's password.
            node.hide(findings);
        }
        let help = format!("write one such as {LISTEN}");
        node.wrong(findings, "not an address with a port", help);
        return None;
    };
    if !address.ip().is_loopback() {
        let loopback: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let mine = SocketAddr::new(loopback, address.port());
        let what = "other machines could read, without a password, which accounts there are and what they do";
        let help = format!("write \"{mine}\", and for others put a proxy before it that asks for one");
        node.wrong(findings, what, help);
        return None;
    }
    Some(address)
}
