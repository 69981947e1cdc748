//! From HTTP to WebSocket (RFC 6455 4.2), or not.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::answer::Response;
use super::head::Head;
use super::record::Request;
use super::shared::Shared;
use super::socket;
use super::wire::Wire;

/// Whether it is for us; what is not gets an answer like any other request.
pub(super) fn is_ours(shared: &Shared, request: &Request) -> bool {
    request.path().starts_with(&shared.script().sockets_below)
}

/// Holds the connection until its end.
pub(super) async fn upgrade(mut wire: Wire, shared: &Shared, head: &Head, request: &Request) {
    let (refused, subprotocol) = {
        let script = shared.script();
        (script.refuse, script.subprotocol.clone())
    };
    let judged = match refused {
        Some(status) => Err(Response::new(status, "text/plain", "refused")),
        None => key(head).inspect_err(|_| shared.fault(request.connection, "an odd upgrade")),
    };
    let key = match judged {
        Ok(key) => key,
        Err(response) => {
            // Told or not, it ends.
            let _ = wire.write(response.header("Connection", "close").pieces(false)).await;
            return wire.end().await;
        }
    };
    // NB: before the 101: whoever has seen that may push.
    let orders = shared.orders.subscribe();
    let chosen =
        subprotocol.map_or_else(String::new, |chosen| format!("Sec-WebSocket-Protocol: {chosen}\r\n"));
    let accepted = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{chosen}\r\n",
        derive_accept_key(key.as_bytes())
    );
    if wire.write(vec![accepted.into_bytes()]).await.is_err() {
        return;
    }
    let (line, unread) = wire.into_parts();
    shared.note(|record| {
        let connection = &mut record.connections[request.connection];
        connection.upgraded_at = Some(connection.bytes.len() - unread.len());
    });
    let socket = WebSocketStream::from_partially_read(line, unread, Role::Server, None).await;
    socket::run(socket, shared, request, orders).await;
}

/// The key of an upgrade that is in order.
fn key(head: &Head) -> Result<&str, Response> {
    let odd = || Response::new(400, "text/plain", "an odd upgrade");
    if head.all("sec-websocket-version") != ["13"] {
        return Err(Response::new(426, "text/plain", "version 13").header("Sec-WebSocket-Version", "13"));
    }
    let asks = head.method == "GET" && !head.old && head.lists("connection", "upgrade");
    match head.all("sec-websocket-key")[..] {
        [key] if asks && BASE64_STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16) => Ok(key),
        _ => Err(odd()),
    }
}
