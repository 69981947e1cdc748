//! Clients, from bytes up.

use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use platforms::fort::Fort;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Says exactly this, and hears everything until the other end ends.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(bytes).await?;
    let mut heard = Vec::new();
    line.read_to_end(&mut heard).await?;
    Ok(heard)
}

/// A GET of this path with these header lines, by hand; the answer as text.
pub async fn get(fort: &Fort, target: &str, lines: &str) -> anyhow::Result<String> {
    let request = format!("GET {target} HTTP/1.1\r\nHost: fort\r\nConnection: close\r\n{lines}\r\n");
    Ok(String::from_utf8_lossy(&raw(fort.address(), request.as_bytes()).await?).into_owned())
}

/// What hyper makes of the answer; trailers are added to the headers.
pub async fn ask<L>(line: L, request: Request<&[u8]>) -> anyhow::Result<Response<Bytes>>
where
    L: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(line)).await?;
    let connection = tokio::spawn(connection);
    let request = request.map(|body| Full::new(Bytes::copy_from_slice(body)));
    let (mut head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?;
    head.headers.extend(body.trailers().cloned().unwrap_or_default());
    drop(sender);
    connection.await?.context("failed to end")?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

/// A POST whose body is `body`, through hyper over plain TCP.
pub async fn post(fort: &Fort, path: &str, body: &str) -> anyhow::Result<Response<Bytes>> {
    let line = TcpStream::connect(fort.address()).await?;
    ask(line, Request::post(path).header("host", "fort").body(body.as_bytes())?).await
}
