//! `[telemetry]`: where the counts can be read.
use crate::findings::Findings;
use crate::loopback;
use crate::node::Node;
use std::net::SocketAddr;

const LISTEN: &str = "\"127.0.0.1:9464\"";
const DANGER: &str =
    "other machines could read, without a password, which accounts there are and what they do";

/// `None` where it is wrong.
pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<SocketAddr> {
    let mut fields = node.table(findings, &format!("a table such as {{ listen = {LISTEN} }}"))?;
    let listen = fields.required("listen", LISTEN, node, findings);
    fields.refuse_others(findings);
    loopback::address(&listen?, LISTEN, DANGER, findings)
}
