//! One connection: requests in, what was scripted out.

use std::io;

use super::answer::{Answer, Response};
use super::head::Head;
use super::record::Request;
use super::shared::Shared;
use super::wire::{Fault, Wire};
use super::{places, upgrade};

pub(super) async fn talk(mut wire: Wire, shared: &Shared, number: usize) {
    loop {
        let (head, request) = match next(&mut wire, shared, number).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(fault) => return refuse(wire, shared, number, fault).await,
        };
        shared.note(|record| record.requests.push(request.clone()));
        if let Err(fault) = head.check_host() {
            return refuse(wire, shared, number, fault).await;
        }
        if request.is_upgrade && upgrade::is_ours(shared, &request) {
            return upgrade::upgrade(wire, shared, &head, &request).await;
        }
        let closing = head.old || head.lists("connection", "close");
        match answer(&mut wire, shared, &request).await {
            Ok(Next::Request) if !closing => {}
            Ok(Next::Request | Next::End) => return wire.end().await,
            Ok(Next::Cut) | Err(_) => return,
        }
    }
}

enum Next {
    Request,
    End,
    Cut,
}

async fn next(wire: &mut Wire, shared: &Shared, number: usize) -> Result<Option<(Head, Request)>, Fault> {
    let Some(raw) = wire.head().await? else { return Ok(None) };
    let head = Head::parse(&raw)?;
    if head.lists("expect", "100-continue") {
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
        wire.write(vec![go_on]).await.map_err(|_| Fault::Left)?;
    }
    let body = wire.body(&head).await?;
    let connection = shared.record().connections[number].clone();
    let request = Request {
        connection: number,
        peer: connection.peer,
        sni: connection.sni,
        client_certificate: connection.client_certificate,
        is_upgrade: head.lists("upgrade", "websocket"),
        head: raw,
        method: head.method.clone(),
        target: head.target.clone(),
        headers: head.headers.clone(),
        body,
    };
    Ok(Some((head, request)))
}

/// The rest can't be understood any more.
async fn refuse(mut wire: Wire, shared: &Shared, number: usize, fault: Fault) {
    let what = match fault {
        Fault::Broken(what) => what,
        Fault::Left => return shared.fault(number, "left in the middle of a request"),
    };
    shared.fault(number, what);
    let pieces = Response::new(400, "text/plain", what).header("Connection", "close").pieces(false);
    // Told or not, it ends.
    let _ = wire.write(pieces).await;
    wire.end().await;
}

async fn answer(wire: &mut Wire, shared: &Shared, request: &Request) -> io::Result<Next> {
    // NB: the lock is gone before the first wait.
    let scripted = shared.script().find(request.path());
    let response = match scripted {
        None if request.is_upgrade => Response::new(403, "text/plain", "no sockets here"),
        None => Response::new(200, "application/json", r#"{"ok":true}"#),
        Some(Answer::Json(status, body)) => Response::json(status, &body),
        Some(Answer::Redirect { status, location }) => Response::redirect(status, &location),
        Some(Answer::Echo(echo)) => places::echo(&echo, request),
        Some(Answer::Raw(bytes)) => {
            wire.write(vec![bytes]).await?;
            return Ok(Next::End);
        }
        Some(Answer::Silence) => {
            wire.left().await;
            return Ok(Next::Cut);
        }
        Some(Answer::Close) => return Ok(Next::Cut),
    };
    wire.write(response.pieces(request.method == "HEAD")).await?;
    Ok(Next::Request)
}
