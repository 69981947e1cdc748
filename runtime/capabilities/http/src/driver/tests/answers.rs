use super::far::in_memory;
use super::*;
use futures::FutureExt;
use ports::dial::DialError;
use std::io;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What a client makes of a far end that reads one request, says this and closes.
async fn said(bytes: &'static str) -> Result<Response, FetchError> {
    let far = Far::start(move |mut peer| async move {
        peer.request().await;
        peer.say(bytes).await;
    })
    .await;
    let client = client(Plain, &[&far.origin()]);
    client.fetch(get(&far.url("/a"))).await
}

#[tokio::test]
async fn a_500_is_an_answer() {
    let answer = said("HTTP/1.1 500 Oops\r\nX-Why: bug\r\ncontent-length: 4\r\n\r\nsad!").await.unwrap();
    assert_eq!((answer.status, text(&answer)), (500, "sad!"));
    assert!(answer.headers.contains(&("x-why".into(), b"bug".to_vec())));
}

#[tokio::test]
async fn the_request_is_what_the_guest_wrote_and_no_more() {
    let far = Far::echo().await;
    let client = client(Plain, &[&format!("POST {}/v1/*", far.origin())]);
    let request =
        Request { headers: vec![("X-A".into(), "1".into())], ..post(&far.url("/v1/a?b=c"), "hello") };
    let answer = client.fetch(request).await.unwrap();
    let host = format!("127.0.0.1:{}", far.port);
    let expected = format!(
        "POST /v1/a?b=c HTTP/1.1\r\nx-a: 1\r\naccept-encoding: identity\r\nhost: {host}\r\ncontent-length: 5\r\n\r\nhello"
    );
    assert_eq!(text(&answer), expected);
    let answer = client.fetch(post(&far.url("/v1/a"), "")).await.unwrap();
    assert!(text(&answer).contains("content-length: 0\r\n"), "or some servers answer 411");
}

#[tokio::test]
async fn a_compressed_body_comes_as_it_is() {
    let answer =
        said("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip").await.unwrap();
    assert_eq!(text(&answer), "zip");
}

#[tokio::test]
async fn an_answer_that_is_lost_or_cut_short_or_no_http_was_maybe_sent() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ] {
        let error = said(bytes).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken { sent: Sent::Maybe, .. }), "{bytes:?}: {error:?}");
    }
}

#[tokio::test]
async fn without_a_grant_nothing_is_dialled() {
    let far = Far::echo().await;
    let client = client(Plain, &[&format!("GET {}/v1/*", far.origin())]);
    for request in [get(&far.url("/v2")), post(&far.url("/v1/a"), ""), get("http://127.0.0.1:1/v1/a")] {
        let error = client.fetch(request).await.unwrap_err();
        assert!(matches!(error, FetchError::Denied { sent: Sent::No, .. }), "{error:?}");
        assert!(!error.to_string().contains("/v"), "an error tells no path: {error}");
    }
    assert_eq!(far.accepted(), 0);
}

#[tokio::test]
async fn a_private_address_is_denied_by_the_dialler() {
    let client = client(Plain, &["http://10.0.0.1"]);
    let error = client.fetch(get("http://10.0.0.1/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Denied { sent: Sent::No, .. }), "{error:?}");
}

#[tokio::test]
async fn a_failed_dial_was_not_sent() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = client(Plain, &[&format!("http://{unused}")]);
    let error = refused.fetch(get(&format!("http://{unused}/"))).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { sent: Sent::No, .. }), "{error:?}");

    let tls = Scripted(|_: &_| {
        let source = io::ErrorKind::InvalidData.into();
        futures::future::ready(Err(DialError::Tls { host: "api.test".into(), source })).boxed()
    });
    let error = client(tls, &["https://api.test"]).fetch(get("https://api.test/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { sent: Sent::No, .. }), "{error:?}");

    let slow = Scripted(|_: &_| {
        futures::future::ready(Err(DialError::Timeout { host: "api.test".into(), seconds: 10 })).boxed()
    });
    let error = client(slow, &["https://api.test"]).fetch(get("https://api.test/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { sent: Sent::No }), "{error:?}");
}

#[tokio::test]
async fn too_large_a_body_ends_the_connection_whether_announced_or_not() {
    for head in ["content-length: 2000000", "transfer-encoding: chunked", "connection: close"] {
        let (gone, mut is_gone) = mpsc::unbounded_channel();
        let dial = in_memory(move |mut peer| {
            let gone = gone.clone();
            async move {
                peer.request().await;
                peer.say(&format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n")).await;
                let chunk = "x".repeat(1000);
                for _ in 0..2000 {
                    match head.starts_with("transfer") {
                        true => peer.say(&format!("3e8\r\n{chunk}\r\n")).await,
                        false => peer.say(&chunk).await,
                    }
                }
                peer.gone().await;
                gone.send(()).unwrap();
            }
        });
        let client = client(dial, &["http://api.test"]);
        let error = client.fetch(get("http://api.test/")).await.unwrap_err();
        let expected = matches!(
            error,
            FetchError::TooLarge { what: TooLarge::ResponseBody, limit: 1_048_576, sent: Sent::Maybe }
        );
        assert!(expected, "{head}: {error:?}");
        is_gone.recv().await.unwrap();
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let dial = in_memory(async |mut peer| {
        peer.request().await;
        peer.answer("200 OK", &"x".repeat(1000)).await;
    });
    let client = client(dial, &["http://api.test"]);
    let request = Request { max_response_bytes: 1000, ..get("http://api.test/") };
    assert_eq!(client.fetch(request).await.unwrap().body.len(), 1000);
}

#[tokio::test]
async fn a_head_is_bounded_by_bytes_and_by_lines() {
    let one_line = |bytes| format!("x: {}\r\n", "y".repeat(bytes));
    let many_lines = |lines| "x: y\r\n".repeat(lines);
    for (lines, fits) in [
        (one_line(60 << 10), true),
        (one_line(200 << 10), false),
        (many_lines(127), true),
        (many_lines(128), false),
    ] {
        let dial = in_memory(move |mut peer| {
            let head = format!("HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n");
            async move {
                peer.request().await;
                peer.say(&head).await;
                peer.gone().await;
            }
        });
        match client(dial, &["http://api.test"]).fetch(get("http://api.test/")).await {
            Ok(_) => assert!(fits),
            Err(FetchError::TooLarge { what: TooLarge::ResponseHead, sent: Sent::Maybe, .. }) => {
                assert!(!fits)
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_happened_is_counted() {
    let far = Far::echo().await;
    let client = client(Plain, &[&far.origin()]);
    assert_eq!(client.counts(), Counts::default());
    client.fetch(post(&far.url("/"), "12345")).await.unwrap();
    client.fetch(get("http://other.test/")).await.unwrap_err();
    client.fetch(get("nonsense")).await.unwrap_err();
    let counts = client.counts();
    assert_eq!((counts.requests, counts.last_status, counts.connections), (3, Some(200), 1));
    assert_eq!(counts.failures, [("denied", 1), ("invalid", 1)].into());
    assert!(counts.bytes_in > counts.bytes_out && counts.bytes_out > 50, "{counts:?}");
}
