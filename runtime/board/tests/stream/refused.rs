//! What is not answered.
use crate::{TOKEN, body, house};
use board::{Board, Limits, Stream};
use hyper::Method;
use ports::secret::Secret;
use std::io::ErrorKind;

const HERE: (&str, &str) = ("host", "localhost");

#[tokio::test]
async fn what_is_not_for_here_is_refused() {
    let house = house(Limits::default()).await;
    house.seat("t/occum/a").set("k", "\"published\"").unwrap();
    let token = format!("Bearer {TOKEN}");
    let right = ("authorization", token.as_str());
    let get = Method::GET;
    for (method, path, headers, status, header) in [
        (get.clone(), "/events", vec![HERE], 401, ("www-authenticate", "Bearer")),
        (
            get.clone(),
            "/state",
            vec![HERE, ("authorization", "Bearer wrong")],
            401,
            ("www-authenticate", "Bearer"),
        ),
        (get.clone(), &format!("/state?token={TOKEN}"), vec![HERE], 401, ("www-authenticate", "Bearer")),
        (Method::HEAD, "/state", vec![HERE], 401, ("www-authenticate", "Bearer")),
        (get.clone(), "/events", vec![("host", "evil.example"), right], 403, ("", "")),
        (get.clone(), "/events", vec![HERE, right, ("origin", "https://evil.example")], 403, ("", "")),
        (get.clone(), "/events", vec![HERE, right, ("origin", "null")], 403, ("", "")),
        (get.clone(), &format!("/state?token={TOKEN}"), vec![HERE, right], 400, ("", "")),
        (get.clone(), "/state?instance=t", vec![HERE, right], 400, ("", "")),
        (get.clone(), "/metrics", vec![HERE, right], 404, ("", "")),
        (Method::POST, "/events", vec![HERE, right], 405, ("allow", "GET, HEAD")),
        (Method::DELETE, "/state", vec![HERE], 405, ("allow", "GET, HEAD")),
        (Method::OPTIONS, "/state", vec![HERE], 405, ("allow", "GET, HEAD")),
    ] {
        let answer = house.ask(method.clone(), path, &headers).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path} {headers:?}");
        if !header.0.is_empty() {
            assert_eq!(answer.headers()[header.0], header.1, "{method} {path}");
        }
        assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")), "{path}");
        let text = String::from_utf8(body(answer).await.to_vec()).unwrap();
        assert!(!text.contains("published") && !text.contains(TOKEN), "{text}");
    }
    let answer = house.get("/events?colour=red").await;
    assert_eq!(body(answer).await, "there is no \"colour\" in the query, only tenant, instance and key\n");
}

#[tokio::test]
async fn nonsense_is_hung_up_on() {
    let house = house(Limits::default()).await;
    let many = format!("GET /state HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: x\r\n".repeat(100));
    let long = format!("GET /state HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(9000));
    for (request, status) in [
        ("nonsense\r\n\r\n", " 400 "),
        ("GET /state HTTP/1.1\r\n\r\n", " 403 "),
        ("GET http://evil.example/state HTTP/1.1\r\nHost: localhost\r\n\r\n", " 403 "),
        (&many, " 431 "),
        (&long, " 431 "),
    ] {
        let answer = house.raw(request).await;
        assert!(answer.lines().next().is_some_and(|line| line.contains(status)), "{request:?}: {answer}");
    }
}

#[tokio::test]
async fn a_head_is_answered_without_a_body() {
    let house = house(Limits::default()).await;
    for (path, kind) in [("/events", "text/event-stream"), ("/state", "application/json")] {
        let head =
            format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
        let answer = house.raw(&head).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 200 ok\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(answer.contains(&format!("content-type: {kind}\r\n")), "{answer}");
    }
}

#[tokio::test]
async fn a_page_of_this_machine_may_send_the_token() {
    let house = house(Limits::default()).await;
    let origin = ("origin", "http://localhost:3000");
    let asks = ("access-control-request-method", "GET");
    let answer = house.ask(Method::OPTIONS, "/events", &[HERE, origin, asks]).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-headers"]),
        (204, &"authorization".parse().unwrap())
    );
    let token = format!("Bearer {TOKEN}");
    let answer = house.ask(Method::GET, "/state", &[HERE, origin, ("authorization", &token)]).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (200, &origin.1.parse().unwrap())
    );
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn an_address_that_others_can_reach_and_a_token_that_cannot_be_sent_are_refused() {
    for (address, token) in [
        ("0.0.0.0:0", TOKEN),
        ("[::]:0", TOKEN),
        ("10.0.0.1:0", TOKEN),
        ("[::ffff:127.0.0.1]:0", TOKEN),
        ("127.0.0.1:0", ""),
        ("127.0.0.1:0", "a b"),
        ("127.0.0.1:0", "a\n"),
        ("127.0.0.1:0", "é"),
    ] {
        let listening = Stream::listen(
            address.parse().unwrap(),
            Secret::new(token.into()),
            Board::new(),
            Limits::default(),
        );
        assert_eq!(listening.await.err().unwrap().kind(), ErrorKind::InvalidInput, "{address} {token:?}");
    }
}
