//! Secrets that the far end hands out, and answers that cannot be searched.
use super::far::in_memory;
use super::*;

const PAIR: &str = "POST http://api.test/pair";

/// A client with a secret `badge` that arrives, and the canary; its far end says this to everything.
fn paired(answer: &'static str) -> Client {
    let capture = |at| Capture { url: PAIR.parse().unwrap(), at, when: Vec::new() };
    let captures = vec![capture(At::Json("/auth/badge".into())), capture(header("x-badge"))];
    let places = vec![Place { url: "http://api.test".parse().unwrap(), at: header("x-key"), when: vec![] }];
    let badge = Entry { captures, places, ..Entry::default() };
    let vault = Vault::new([("token".into(), entry(vec![])), ("badge".into(), badge)].into());
    let dial = in_memory(move |mut peer| async move {
        while peer.request().await.is_some() {
            peer.say(answer).await;
        }
    });
    client_with(dial, &["http://api.test"], vault, Limits::default())
}

fn with_badge(request: Request) -> Request {
    Request { fills: vec![Fill { secret: "badge".into(), ..fill(header("x-key")) }], ..request }
}

#[tokio::test]
async fn a_secret_that_arrives_is_kept_and_the_guest_finds_a_mark() {
    let body = r#"{"auth":{"badge":"first"},"auth":{"badge":"b4dge-value"},"again":"YjRkZ2UtdmFsdWU="}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let client = paired(answer.leak());
    let early = client.fetch(with_badge(get("http://api.test/"))).await.unwrap_err();
    assert!(matches!(early, FetchError::Denied { sent: Sent::No, .. }), "{early:?}");
    let other = client.fetch(get("http://api.test/other")).await.unwrap();
    assert!(text(&other).contains("b4dge"), "it arrives where the grant says, and nowhere else");
    let answer = client.fetch(post("http://api.test/pair", "{}")).await.unwrap();
    assert_eq!(text(&answer), r#"{"again":"[redacted]=","auth":{"badge":"[captured]"}}"#);
    let length = answer.headers.iter().find(|(name, _)| name == "content-length").unwrap();
    assert_eq!(length.1, answer.body.len().to_string().into_bytes());
    let again = client.fetch(with_badge(get("http://api.test/"))).await.unwrap();
    assert!(!text(&again).contains("b4dge") && client.counts().scrubbed == 2, "{}", text(&again));
}

#[tokio::test]
async fn an_answer_that_hides_what_arrives_is_not_given_to_the_guest() {
    let said = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).leak();
    for (body, shown) in [
        ("auth[badge]=b4dge-value", "[redacted]"),
        (r#"callback({"auth":{"badge":"b4dge-value"}})"#, "[redacted]"),
        ("\u{feff}{\"auth\":{\"badge\":\"b4dge-value\"}}", "[redacted]"),
        (r#"{"auth":{"badge":"b4dge-value"},"auth":null}"#, r#"{"auth":null}"#),
        // As JavaScript cuts a text.
        (
            r#"{"label":"\ud83d","auth":{"badge":"b4dge-value"}}"#,
            "{\"auth\":{\"badge\":\"[captured]\"},\"label\":\"\u{fffd}\"}",
        ),
        (r#"{"label":"\ud83d"}"#, r#"{"label":"\ud83d"}"#),
        ("", ""),
    ] {
        let answer = paired(said(body)).fetch(post("http://api.test/pair", "")).await.unwrap();
        assert_eq!((text(&answer), answer.status), (shown, 200), "{body}");
    }
    let body = r#"{"auth":{"badge":"b4dge-value"}}"#;
    for spelled in ["GET /pair", "POST /Pair", "POST /pair/", "POST //pair", "PUT /p%61ir;x=y?callback=z"] {
        let (method, path) = spelled.split_once(' ').unwrap();
        let answer = paired(said(body)).fetch(Request::new(method, &format!("http://api.test{path}"))).await;
        assert!(!text(&answer.unwrap()).contains("b4dge"), "{spelled}");
    }
    let headers = vec![("range".into(), "bytes=0-9".into())];
    let part = paired(said(body)).fetch(Request { headers, ..post("http://api.test/pair", "") }).await;
    assert!(matches!(part, Err(FetchError::Denied { sent: Sent::No, .. })), "{part:?}");
}

#[tokio::test]
async fn what_arrives_with_a_redirect_does_not_travel_in_it() {
    let hop = "HTTP/1.1 303 x\r\nx-badge: b4dge-value\r\nlocation: /welcome?badge=b4dge-value\r\n\
               b4dge-value: 1\r\ncontent-length: 0\r\n\r\n";
    let request = Request { redirects: 1, ..post("http://api.test/pair", "") };
    let answer = paired(hop).fetch(request).await.unwrap();
    let seen = format!("{} {:?}", answer.url, answer.headers);
    assert!(!seen.contains("b4dge") && seen.contains("[redacted]"), "{seen}");
    let elsewhere = hop.replace("/welcome", "http://other.test/welcome");
    let request = Request { redirects: 1, ..post("http://api.test/pair", "") };
    let refused = paired(elsewhere.leak()).fetch(request).await.unwrap_err();
    assert!(
        matches!(refused, FetchError::Denied { .. }) && !refused.to_string().contains("b4dge"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_secret_arrives_in_a_header_too_on_the_way_of_a_redirect_even() {
    let answer =
        "HTTP/1.1 200 OK\r\nx-badge: b4dge-value\r\nx-said: b4dge-value\r\ncontent-length: 0\r\n\r\n";
    let answer = paired(answer).fetch(post("http://api.test/pair", "")).await.unwrap();
    let expected = [("x-badge", "[captured]"), ("x-said", "[redacted]"), ("content-length", "0")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    assert_eq!(answer.headers, expected);

    let hop = "HTTP/1.1 307 x\r\nlocation: /end\r\nx-badge: b4dge-value\r\ncontent-length: 0\r\n\r\n";
    let client = paired(hop);
    let request = Request { redirects: 1, ..post("http://api.test/pair", "") };
    assert_eq!(client.fetch(request).await.unwrap().status, 307);
    assert!(client.fetch(with_badge(get("http://api.test/"))).await.is_ok(), "it has arrived");
}

#[tokio::test]
async fn what_cannot_be_searched_is_not_given_to_a_guest_with_secrets() {
    for encoded in
        ["content-encoding: gzip", "content-encoding: identity, br", "transfer-encoding: gzip, chunked"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\n{encoded}\r\nconnection: close\r\n\r\n0\r\n\r\n");
        let error = paired(answer.leak()).fetch(get("http://api.test/")).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken { sent: Sent::Maybe, .. }), "{encoded}: {error:?}");
    }
    let plain = "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\nok";
    assert_eq!(text(&paired(plain).fetch(get("http://api.test/")).await.unwrap()), "ok");
}

#[tokio::test]
async fn nobody_can_ask_for_a_secret_in_pieces_or_compressed() {
    let client = paired("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let ranged = |request| Request { headers: vec![("Range".into(), "bytes=0-3".into())], ..request };
    assert!(client.fetch(ranged(get("http://api.test/"))).await.is_ok(), "without fills one may");
    let refused = client.fetch(ranged(with_badge(get("http://api.test/")))).await.unwrap_err();
    assert!(matches!(refused, FetchError::Invalid(Invalid::RangeWithFills)), "{refused:?}");
    let headers = vec![("Accept-Encoding".into(), "gzip".into())];
    let refused = client.fetch(Request { headers, ..get("http://api.test/") }).await.unwrap_err();
    assert!(matches!(refused, FetchError::Invalid(Invalid::ForbiddenHeader(_))), "{refused:?}");
}
