//! Who gets what.

use platforms::fort::{Answer, Fort};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{get, post, raw};

#[tokio::test]
async fn the_longest_prefix_wins_and_then_the_last_word() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/a", Answer::Json(201, json!({ "a": 1 })));
    fort.answer("/a/b", Answer::Json(404, json!([])));
    fort.answer("/a/b", Answer::Json(500, json!([2])));
    for (path, status, body) in
        [("/", 200, r#"{"ok":true}"#), ("/a?x=/a/b", 201, r#"{"a":1}"#), ("/a/bc", 500, "[2]")]
    {
        let answer = post(&fort, path, "").await?;
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (status, body.as_bytes()), "{path}");
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
    Ok(())
}

#[tokio::test]
async fn raw_bytes_are_sent_as_they_are() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Raw(b"HTTP/9 \0\xff".to_vec()));
    assert_eq!(raw(fort.address(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await?, b"HTTP/9 \0\xff");
    Ok(())
}

#[tokio::test]
async fn a_redirect_says_whatever_it_was_told() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/", Answer::Redirect { status: 307, location: "file:///etc/passwd".into() });
    let answer = post(&fort, "/", "").await?;
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "file:///etc/passwd");
    Ok(())
}

#[tokio::test]
async fn silence_is_no_byte_and_close_is_an_end() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/silence", Answer::Silence);
    fort.answer("/close", Answer::Close);
    assert_eq!(raw(fort.address(), b"GET /close HTTP/1.1\r\nHost: a\r\n\r\n").await?, b"");
    let mut line = TcpStream::connect(fort.address()).await?;
    line.write_all(b"GET /silence HTTP/1.1\r\nHost: a\r\n\r\n").await?;
    fort.until("the request", |record| record.requests().len() == 2).await;
    line.write_all(b"anybody there?").await?;
    fort.until("what came after it", |record| record.all_bytes().ends_with(b"anybody there?\n")).await;
    line.shutdown().await?;
    let mut heard = Vec::new();
    line.read_to_end(&mut heard).await?;
    assert_eq!(heard, b"");
    Ok(())
}

#[tokio::test]
async fn what_has_no_body_gets_none() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    fort.answer("/none", Answer::Json(204, json!({})));
    let none = get(&fort, "/none", "").await?;
    assert!(none.ends_with("\r\n\r\n") && !none.contains("Content-Length"), "{none}");
    let head = raw(fort.address(), b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
    assert!(head.ends_with(b"Content-Length: 11\r\n\r\n"));
    Ok(())
}

#[tokio::test]
async fn who_asks_first_is_told_to_go_on() -> anyhow::Result<()> {
    let fort = Fort::start(None, &[]).await?;
    let mut line = TcpStream::connect(fort.address()).await?;
    line.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").await?;
    let mut heard = [0; 25];
    line.read_exact(&mut heard).await?;
    assert_eq!(&heard, b"HTTP/1.1 100 Continue\r\n\r\n");
    line.write_all(b"x").await?;
    fort.until("the body", |record| record.requests().len() == 1).await;
    Ok(())
}
