//! What a good client never does, from the protocol's specification: it gets a proper answer, and nobody else notices.
use super::raw::{Ask, LONG, Raw, begin, call, initialize, post, request, stream};
use super::tools::{OTHER_TOKEN, TOKEN, fake, serve};
use mcp::{Limits, Server};
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

const SHORT: Duration = Duration::from_millis(200);

const CHANGED: &str = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}";

async fn works(server: &Server) {
    let session = begin(server).await;
    let got = post(server, &session, call(9, "echo", json!({ "text": "four" }))).await;
    assert_eq!(got.json()["result"]["structuredContent"]["length"], 4, "{got:?}");
    let ended = Ask { method: "DELETE", session: Some(&session), ..Ask::default() }.of(server).await;
    assert_eq!(ended.status, 202);
}

#[tokio::test]
async fn without_the_right_token_it_is_the_same_whether_or_not_there_is_such_an_endpoint() {
    let server = serve(&fake(), Limits::default()).await;
    let mut answers = Vec::new();
    for path in ["/mcp/one", "/mcp/two", "/mcp/three", "/mcp/", "/", "/mcp/one/", "/mcp/one%20", "//mcp/one"]
    {
        for token in [None, Some("wrong"), Some("")] {
            for method in ["POST", "GET", "DELETE", "PUT"] {
                let body = initialize("2025-11-25");
                let got = Ask { method, path, token, body, ..Ask::default() }.of(&server).await;
                assert_eq!(
                    (got.status, got.header("www-authenticate")),
                    (401, Some("Bearer")),
                    "{path} {got:?}"
                );
                let undated: Vec<_> = got.head.lines().filter(|line| !line.starts_with("date")).collect();
                answers.push((undated.join("\n"), got.body.clone()));
            }
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for (path, token) in
        [("/mcp/one", OTHER_TOKEN), ("/mcp/two", TOKEN), ("/mcp/three", TOKEN), ("/mcp/ONE", TOKEN)]
    {
        assert_eq!(
            Ask { path, token: Some(token), ..Ask::default() }.of(&server).await.status,
            401,
            "{path}"
        );
    }
    let twice = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(Ask { more: &twice, ..Ask::default() }.of(&server).await.status, 401);
    let lower = format!("Authorization: bearer {TOKEN}\r\n");
    let asked = Ask { token: None, more: &lower, body: initialize("2025-11-25"), ..Ask::default() };
    assert_eq!(asked.of(&server).await.status, 200);
}

#[tokio::test]
async fn a_page_of_a_browser_is_refused() {
    let server = serve(&fake(), Limits::default()).await;
    let body = || initialize("2025-11-25");
    for host in ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1"] {
        assert_eq!(Ask { host, body: body(), ..Ask::default() }.of(&server).await.status, 403, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
        let more = &format!("Origin: {origin}\r\n");
        assert_eq!(Ask { more, body: body(), ..Ask::default() }.of(&server).await.status, 403, "{origin}");
    }
    let more = "Origin: http://localhost:3000\r\n";
    assert_eq!(
        Ask { more, host: "localhost:1", body: body(), ..Ask::default() }.of(&server).await.status,
        200
    );
}

#[tokio::test]
async fn a_session_of_one_endpoint_is_no_good_at_another() {
    let server = serve(&fake(), Limits::default()).await;
    let session = begin(&server).await;
    let list = request(2, "tools/list", json!({}));
    let elsewhere =
        Ask { path: "/mcp/two", token: Some(OTHER_TOKEN), session: Some(&session), ..Ask::default() };
    assert_eq!(Ask { body: list.clone(), ..elsewhere }.of(&server).await.status, 404);
    for method in ["GET", "DELETE"] {
        let asked = Ask {
            method,
            path: "/mcp/two",
            token: Some(OTHER_TOKEN),
            session: Some(&session),
            ..Ask::default()
        };
        assert_eq!(asked.of(&server).await.status, 404);
    }
    assert_eq!(post(&server, &session, list).await.status, 200);
}

#[tokio::test]
async fn a_session_is_needed_and_ends() {
    let server = serve(&fake(), Limits::default()).await;
    let session = begin(&server).await;
    let list = || request(2, "tools/list", json!({}));
    assert_eq!(Ask { body: list(), ..Ask::default() }.of(&server).await.status, 400);
    assert_eq!(Ask { method: "GET", ..Ask::default() }.of(&server).await.status, 400);
    assert_eq!(post(&server, "guessed", list()).await.status, 404);
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let told = post(&server, &session, initialized.to_string()).await;
    assert_eq!((told.status, told.body.as_str()), (202, ""));
    let mut open = stream(&server, &session).await;
    let end = Ask { method: "DELETE", session: Some(&session), ..Ask::default() };
    assert_eq!(end.of(&server).await.status, 202);
    assert_eq!(open.event().await, "closed");
    assert_eq!(end.of(&server).await.status, 404);
    assert_eq!(post(&server, &session, list()).await.status, 404);
}

#[tokio::test]
async fn what_is_no_message_is_told_so() {
    let server = serve(&fake(), Limits::default()).await;
    let session = begin(&server).await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = call(2, "echo", json!({})).replace("{}", &format!("{{\"text\":{deep}}}"));
    for (body, status, code) in [
        ("", 400, -32700),
        ("{", 400, -32700),
        (&deep, 400, -32700),
        (&nested, 400, -32700),
        ("7", 400, -32600),
        ("{}", 400, -32600),
        (&format!("[{}]", request(2, "ping", json!({}))), 400, -32600),
        ("[]", 400, -32600),
        (&request(2, "ping", json!({})).replace("2.0", "1.0"), 400, -32600),
        (&request(json!(null), "ping", json!({})), 400, -32600),
        (&request(json!(1.5), "ping", json!({})), 400, -32600),
        (&request(json!({}), "ping", json!({})), 400, -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":7}", 400, -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":2}", 400, -32600),
        (&request(2, "no/such/method", json!({})), 200, -32601),
        (&request(2, "resources/list", json!({})), 200, -32601),
        (&request(2, "server/discover", json!({})), 200, -32601),
        (&request(2, "tools/call", json!({})), 200, -32602),
        (&request(2, "tools/call", json!([])), 200, -32602),
        (&request(2, "tools/call", json!({ "name": 7 })), 200, -32602),
        (&call(2, "echo", json!(["text"])), 200, -32602),
        (&call(2, "echo", json!(null)), 200, -32602),
        (&call(2, "not there", json!({})), 200, -32602),
        (&request(2, "initialize", json!({ "protocolVersion": 7 })), 200, -32602),
    ] {
        let got = post(&server, &session, body.to_owned()).await;
        let start: String = body.chars().take(80).collect();
        assert_eq!((got.status, got.code()), (status, code), "{start} {got:?}");
    }
    let foreign = Ask { session: Some(&session), body: "\u{0}\u{1}é".into(), ..Ask::default() };
    assert_eq!(foreign.of(&server).await.code(), -32700);
    let late = json!({ "jsonrpc": "2.0", "id": 3, "result": {} }).to_string();
    assert_eq!(post(&server, &session, late).await.status, 202);
    let noise =
        json!({ "jsonrpc": "2.0", "method": "notifications/unheard/of", "params": { "a": 1 } }).to_string();
    assert_eq!(post(&server, &session, noise).await.status, 202);
    assert_eq!(post(&server, &session, request("2", "ping", json!({}))).await.json()["id"], "2");
}

#[tokio::test]
async fn a_wrong_media_type_or_method_is_told_so() {
    let server = serve(&fake(), Limits::default()).await;
    let session = begin(&server).await;
    let body = || request(2, "ping", json!({}));
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", ""]
    {
        let got = Ask { kind, session: Some(&session), body: body(), ..Ask::default() }.of(&server).await;
        assert_eq!(got.status, 415, "{kind}");
    }
    let kind = "application/json; charset=utf-8";
    assert_eq!(
        Ask { kind, session: Some(&session), body: body(), ..Ask::default() }.of(&server).await.status,
        200
    );
    for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let got = Ask { method, ..Ask::default() }.of(&server).await;
        assert_eq!((got.status, got.header("allow")), (405, Some("POST, GET, DELETE")), "{method}");
    }
    let text = Ask { session: Some(&session), body: body(), ..Ask::default() }.text();
    let mut raw = Raw::to(&server).await;
    raw.say(&text.replace("application/json, text/event-stream", "image/png")).await;
    assert_eq!(raw.answer().await.status, 406);
    let text = Ask { method: "GET", session: Some(&session), ..Ask::default() }.text();
    let mut raw = Raw::to(&server).await;
    raw.say(&text.replace("application/json, text/event-stream", "application/json")).await;
    assert_eq!(raw.answer().await.status, 406);
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_told_so() {
    let server = serve(&fake(), Limits::default()).await;
    for (asked, agreed) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
        ("nonsense", "2025-11-25"),
    ] {
        let got = Ask { body: initialize(asked), ..Ask::default() }.of(&server).await;
        assert_eq!(got.json()["result"]["protocolVersion"], agreed, "{asked}");
    }
    let session = begin(&server).await;
    for (version, status) in [("2025-11-25", 200), ("2026-07-28", 400), ("1999-01-01", 400), ("", 400)] {
        let more = &format!("MCP-Protocol-Version: {version}\r\n");
        let body = request(2, "tools/list", json!({}));
        let got = Ask { more, session: Some(&session), body, ..Ask::default() }.of(&server).await;
        assert_eq!(got.status, status, "{version}");
    }
    let meta = json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    assert!(post(&server, &session, request(2, "tools/list", meta)).await.code() < 0);
}

#[tokio::test]
async fn a_body_too_large_is_refused_before_it_has_come() {
    let server = serve(&fake(), Limits::default()).await;
    let mut raw = Raw::to(&server).await;
    let head = Ask::default().text().replace("Content-Length: 0", "Content-Length: 100000000");
    raw.say(&head).await;
    assert_eq!(raw.answer().await.status, 413);
    raw.rest().await;

    // One that does not say how large it is.
    let mut raw = Raw::to(&server).await;
    raw.say(&Ask::default().text().replace("Content-Length: 0", "Transfer-Encoding: chunked")).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        raw.say(&chunk).await;
    }
    assert_eq!(raw.answer().await.status, 413);
    works(&server).await;
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let server = serve(&fake(), Limits { client_timeout: SHORT, ..Limits::default() }).await;
    for half in ["", "POST /mcp/one HTT", "POST /mcp/one HTTP/1.1\r\nHost: localhost\r\n"] {
        let mut raw = Raw::to(&server).await;
        raw.say(half).await;
        raw.rest().await;
    }
    let whole = Ask { body: initialize("2025-11-25"), ..Ask::default() }.text();
    let mut raw = Raw::to(&server).await;
    raw.say(&whole[..whole.len() - 1]).await;
    assert_eq!(raw.answer().await.status, 408);
    // Between two requests, too.
    let mut raw = Raw::to(&server).await;
    raw.say(&whole).await;
    assert_eq!(raw.answer().await.status, 200);
    raw.rest().await;
    works(&server).await;
}

#[tokio::test]
async fn who_holds_connections_loses_them_to_the_next() {
    let server = serve(&fake(), Limits { connections: 2, client_timeout: SHORT, ..Limits::default() }).await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(TcpStream::connect(server.address()).await.unwrap());
    }
    timeout(LONG, works(&server)).await.unwrap();
    drop(silent);
}

#[tokio::test]
async fn who_does_not_read_hurts_nobody() {
    let server = serve(&fake(), Limits { client_timeout: SHORT, ..Limits::default() }).await;
    let session = begin(&server).await;
    let mut lazy = Raw::to(&server).await;
    let asked =
        Ask { session: Some(&session), body: request(2, "tools/list", json!({})), ..Ask::default() }.text();
    // Until the server reads no more of it, and then has enough of it.
    let flood = async { while lazy.0.write_all(asked.as_bytes()).await.is_ok() {} };
    let (cut_off, ()) = tokio::join!(timeout(LONG, flood), works(&server));
    cut_off.expect("cut off");
}

#[tokio::test]
async fn a_flood_of_sessions_ends_at_the_limit_and_takes_nobodys_place() {
    let server = serve(&fake(), Limits { sessions: 3, ..Limits::default() }).await;
    let first = begin(&server).await;
    let others = [begin(&server).await, begin(&server).await];
    for _ in 0..20 {
        let got = Ask { body: initialize("2025-11-25"), ..Ask::default() }.of(&server).await;
        assert_eq!((got.status, got.header("mcp-session-id")), (503, None), "{got:?}");
        assert!(got.header("retry-after").is_some());
    }
    assert_eq!(post(&server, &first, request(2, "ping", json!({}))).await.status, 200);
    let two =
        Ask { path: "/mcp/two", token: Some(OTHER_TOKEN), body: initialize("2025-11-25"), ..Ask::default() };
    assert_eq!(two.of(&server).await.status, 200);
    let end = Ask { method: "DELETE", session: Some(&others[0]), ..Ask::default() };
    assert_eq!(end.of(&server).await.status, 202);
    begin(&server).await;
}

#[tokio::test]
async fn an_idle_session_ends_but_not_one_that_listens() {
    let toolset = fake();
    let server = serve(&toolset, Limits { session_idle: SHORT, ..Limits::default() }).await;
    let (idle, listens) = (begin(&server).await, begin(&server).await);
    let mut open = stream(&server, &listens).await;
    let ping = || request(2, "ping", json!({}));
    let began = Instant::now();
    loop {
        // Asked for at last: asking keeps it alive.
        tokio::time::sleep(3 * SHORT).await;
        if post(&server, &idle, ping()).await.status == 404 {
            break;
        }
        assert!(began.elapsed() < LONG);
    }
    assert_eq!(post(&server, &listens, ping()).await.status, 200);
    toolset.offer(&["number"]);
    assert_eq!(open.event().await, CHANGED);
}

#[tokio::test]
async fn a_stream_tells_what_was_missed_and_the_newest_is_the_one() {
    let toolset = fake();
    let server = serve(&toolset, Limits::default()).await;
    let session = begin(&server).await;
    toolset.offer(&["number"]);
    toolset.offer(&["echo"]);
    let mut first = stream(&server, &session).await;
    assert_eq!(first.event().await, CHANGED);
    let mut second = stream(&server, &session).await;
    assert_eq!(first.event().await, "closed");
    toolset.offer(&["number"]);
    assert_eq!(second.event().await, CHANGED);
}

#[tokio::test]
async fn one_endpoint_takes_no_more_than_its_share_of_the_connections() {
    let toolset = fake();
    let server = serve(&toolset, Limits { connections: 8, ..Limits::default() }).await;
    let sessions = [begin(&server).await, begin(&server).await, begin(&server).await];
    let open = [stream(&server, &sessions[0]).await, stream(&server, &sessions[1]).await];
    let get = Ask { method: "GET", session: Some(&sessions[2]), ..Ask::default() };
    assert_eq!(get.of(&server).await.status, 503);
    let mut waiting = Vec::new();
    for id in 0..4 {
        let mut raw = Raw::to(&server).await;
        raw.say(
            &Ask { session: Some(&sessions[0]), body: call(id, "wait", json!({})), ..Ask::default() }.text(),
        )
        .await;
        waiting.push(raw);
    }
    toolset.runs(4).await;
    assert_eq!(post(&server, &sessions[1], request(2, "ping", json!({}))).await.status, 503);
    let two =
        Ask { path: "/mcp/two", token: Some(OTHER_TOKEN), body: initialize("2025-11-25"), ..Ask::default() };
    assert_eq!(two.of(&server).await.status, 200);
    toolset.go.notify_waiters();
    for raw in &mut waiting {
        assert_eq!(raw.answer().await.status, 200);
    }
    drop(open);
}

#[tokio::test]
async fn an_id_in_use_is_refused_and_a_cancelled_call_is_dropped() {
    let toolset = fake();
    let server = serve(&toolset, Limits::default()).await;
    let session = begin(&server).await;
    let mut waiting = Raw::to(&server).await;
    waiting
        .say(&Ask { session: Some(&session), body: call(2, "wait", json!({})), ..Ask::default() }.text())
        .await;
    toolset.runs(1).await;
    assert_eq!(post(&server, &session, call(2, "echo", json!({ "text": "" }))).await.status, 400);
    let params = json!({ "requestId": 2, "reason": "enough" });
    let cancel =
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }).to_string();
    assert_eq!(post(&server, &session, cancel).await.status, 202);
    assert_eq!(waiting.answer().await.json()["error"]["message"], "cancelled by the client");
    toolset.runs(0).await;
    assert_eq!(post(&server, &session, call(2, "echo", json!({ "text": "" }))).await.status, 200);
}

#[tokio::test]
async fn a_panic_in_the_tools_takes_nothing_with_it() {
    let toolset = fake();
    let server = serve(&toolset, Limits { calls: 1, ..Limits::default() }).await;
    let session = begin(&server).await;
    for id in 0..5 {
        let got = post(&server, &session, call(id, "panic", json!({}))).await;
        assert_eq!(got.json()["result"]["isError"], true, "{got:?}");
    }
    toolset.offer(&["broken list"]);
    assert_eq!(post(&server, &session, request(6, "tools/list", json!({}))).await.code(), -32603);
    assert_eq!(post(&server, &session, call(7, "echo", json!({}))).await.code(), -32603);
    toolset.offer(&["echo"]);
    works(&server).await;
}

#[tokio::test]
async fn dropped_it_ends_everything() {
    let toolset = fake();
    let server = serve(&toolset, Limits::default()).await;
    let address = server.address();
    let session = begin(&server).await;
    let mut open = stream(&server, &session).await;
    let mut idle = Raw::to(&server).await;
    let mut waiting = Raw::to(&server).await;
    waiting
        .say(&Ask { session: Some(&session), body: call(2, "wait", json!({})), ..Ask::default() }.text())
        .await;
    toolset.runs(1).await;
    drop(server);
    open.rest().await;
    assert_eq!(waiting.rest().await, "");
    idle.rest().await;
    toolset.runs(0).await;
    let began = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(began.elapsed() < LONG);
        tokio::task::yield_now().await;
    }
}
