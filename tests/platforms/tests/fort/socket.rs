//! WebSockets, through tungstenite's client.

use futures::{SinkExt, StreamExt};
use platforms::fort::{Answer, Echo, Fort, Kind, OnFrame};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::client::{get, raw};

async fn open(fort: &Fort, path: &str) -> Result<(WebSocketStream<TcpStream>, Response), Error> {
    let mut request = format!("ws://fort.example{path}").into_client_request()?;
    request.headers_mut().insert("x-key", "upgrade-key".parse()?);
    client_async(request, TcpStream::connect(fort.address()).await?).await
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> anyhow::Result<Message> {
    Ok(socket.next().await.ok_or_else(|| anyhow::anyhow!("the end"))??)
}

/// What comes back for "a/b c", said on a socket of its own.
async fn back(how: OnFrame) -> anyhow::Result<Message> {
    let fort = Fort::start(None, &[]).await?;
    fort.on_frame(how);
    let (mut socket, _) = open(&fort, "/v1/x").await?;
    socket.send(Message::text("a/b c")).await?;
    next(&mut socket).await
}

#[tokio::test]
async fn an_upgrade_and_its_messages_are_recorded() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let (mut socket, response) = open(&fort, "/v1/gateway?v=1").await?;
    assert_eq!(response.headers().get("sec-websocket-protocol"), None);
    socket.send(Message::text("one")).await?;
    socket.send(Message::binary(vec![0, 255])).await?;
    socket.send(Message::Ping("pinged".into())).await?;
    socket.close(Some(CloseFrame { code: 1001.into(), reason: "bye".into() })).await?;
    while let Some(Ok(_)) = socket.next().await {}
    fort.until("the end", |record| record.connections().iter().all(|one| !one.open)).await;
    let requests = fort.requests();
    assert!(requests.len() == 1 && requests[0].is_upgrade);
    assert_eq!(requests[0].target, "/v1/gateway?v=1");
    assert_eq!(requests[0].header("x-key"), Some("upgrade-key"));
    assert_eq!(fort.messages(), [&b"one"[..], &[0, 255], b"\x03\xe9bye"]);
    let kinds: Vec<Kind> = fort.record(|record| record.messages().iter().map(|one| one.kind).collect());
    assert_eq!(kinds, [Kind::Text, Kind::Binary, Kind::Ping, Kind::Close]);
    let all = fort.all_bytes();
    // Unmasked frame by frame, then each message.
    assert!(all.starts_with(&[&requests[0].head[..], b"\none\0\xffpinged\x03\xe9bye\n"].concat()));
    assert_eq!(fort.faults(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn messages_come_back_as_told() -> anyhow::Result<()> {
    let cases = [
        (OnFrame::Text(Echo::Plain), Message::text("a/b c")),
        (OnFrame::Text(Echo::JsonSlashes), Message::text(r#""a\/b c""#)),
        (OnFrame::Text(Echo::Form), Message::text("a%2Fb+c")),
        (OnFrame::Text(Echo::SplitFrames), Message::text("a/b c")),
        (OnFrame::Binary(Echo::HexUpper), Message::binary(&b"612F622063"[..])),
        (OnFrame::Binary(Echo::Chunked), Message::binary(&b"a/b c"[..])),
        (
            OnFrame::Close(Echo::Percent),
            Message::Close(Some(CloseFrame { code: 4001.into(), reason: "a%2Fb%20c".into() })),
        ),
        (OnFrame::Ping(Echo::Base64), Message::Ping("YS9iIGM=".into())),
    ];
    for (how, wanted) in cases {
        assert_eq!(back(how.clone()).await?, wanted, "{how:?}");
    }
    Ok(())
}

#[tokio::test]
async fn long_ones_are_cut_to_what_a_control_frame_may_have() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let (mut socket, _) = open(&fort, "/v1/").await?;
    let long = "é".repeat(100);
    fort.on_frame(OnFrame::Ping(Echo::Plain));
    socket.send(Message::text(long.clone())).await?;
    let (first, second) = (next(&mut socket).await?.into_data(), next(&mut socket).await?.into_data());
    assert_eq!((first.len(), [&first[..], &second].concat()), (125, long.clone().into_bytes()));
    fort.on_frame(OnFrame::Close(Echo::Plain));
    socket.send(Message::text(long)).await?;
    let Message::Close(Some(close)) = next(&mut socket).await? else { panic!("no close") };
    assert_eq!(close.reason.len(), 122, "whole characters");
    Ok(())
}

#[tokio::test]
async fn fragments_are_really_several_frames() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.on_open(OnFrame::Text(Echo::SplitFrames));
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX: 0123456789ab\r\n\r\n";
    let request = format!("GET /v1/ HTTP/1.1\r\nHost: a\r\n{upgrade}");
    let dropping = async {
        fort.until("the upgrade", |record| record.connections().iter().any(|c| c.upgraded_at.is_some()))
            .await;
        fort.push("the last");
        fort.drop_sockets();
    };
    let (heard, ()) = tokio::join!(raw(fort.address(), request.as_bytes()), dropping);
    let heard = heard?;
    let text = String::from_utf8_lossy(&heard);
    // The key and its answer are the example of RFC 6455 1.3.
    assert!(text.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{text}");
    // Text without FIN, continuation without, continuation with.
    let frames = b"\x01\x0501234\x00\x0556789\x80\x02ab";
    assert!(heard.windows(frames.len()).any(|found| found == frames), "{text}");
    assert!(heard.ends_with(b"\x81\x08the last"), "{text}");
    Ok(())
}

#[tokio::test]
async fn on_open_gives_back_what_the_upgrade_carried() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.on_open(OnFrame::Text(Echo::Plain));
    let (mut socket, _) = open(&fort, "/v1/?token=a%2Fb").await?;
    let mut heard = Vec::new();
    while !heard.contains(&Message::text("upgrade-key")) {
        heard.push(next(&mut socket).await?);
    }
    assert!(
        heard.contains(&Message::text("token=a%2Fb")) && heard.contains(&Message::text("a/b")),
        "{heard:?}"
    );
    Ok(())
}

#[tokio::test]
async fn pushes_reach_all_and_drops_cut_all() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    assert_eq!((fort.push("nobody"), fort.drop_sockets()), (0, 0));
    let (mut one, _) = open(&fort, "/v1/1").await?;
    let (mut two, _) = open(&fort, "/v1/2").await?;
    assert_eq!(fort.push("hi"), 2);
    assert_eq!(next(&mut one).await?, Message::text("hi"));
    assert_eq!(next(&mut two).await?, Message::text("hi"));
    assert_eq!(fort.drop_sockets(), 2);
    assert!(next(&mut one).await.is_err() && next(&mut two).await.is_err(), "no closing handshake");
    Ok(())
}

#[tokio::test]
async fn upgrades_elsewhere_or_when_refused_get_a_status() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let status = async |path| match open(&fort, path).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(_) => 0,
    };
    assert_eq!(status("/other").await, 403);
    fort.answer("/moved", Answer::Redirect { status: 302, location: "wss://other.example/v1/".into() });
    assert_eq!(status("/moved").await, 302);
    fort.refuse_upgrades(401);
    assert_eq!(status("/v1/").await, 401);
    fort.accept_upgrades();
    assert_eq!(status("/v1/").await, 101);
    fort.sockets_below("/other");
    assert_eq!((status("/other").await, status("/v1/").await), (101, 403));
    assert!(fort.requests().iter().all(|request| request.is_upgrade));
    Ok(())
}

#[tokio::test]
async fn a_subprotocol_is_chosen_even_if_nobody_offered_it() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.subprotocol("evil.v1");
    let lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\n";
    let old = get(&fort, "/v1/", lines).await?;
    assert!(old.starts_with("HTTP/1.1 426 ") && old.contains("Sec-WebSocket-Version: 13\r\n"), "{old}");
    assert!(open(&fort, "/v1/").await.is_err(), "tungstenite refuses what it did not ask for");
    let mut request = "ws://fort.example/v1/".into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "evil.v1".parse()?);
    let (_, response) = client_async(request, TcpStream::connect(fort.address()).await?).await?;
    assert_eq!(response.headers()["sec-websocket-protocol"], "evil.v1");
    Ok(())
}
