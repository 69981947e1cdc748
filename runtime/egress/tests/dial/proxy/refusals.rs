//! What the proxy may answer instead.
use super::far_end::{Answer, Forward};
use crate::support::*;
use egress::Names;
use ports::dial::DialError;
use std::net::SocketAddr;

/// Why there was no tunnel, and the whole of what is said.
async fn why(answer: Answer) -> (String, String) {
    let proxy = Forward::new(move |_| answer.clone()).await;
    let dialer = answering(&[&["93.184.216.34"]]);
    match dial_by(&dialer, "http://name.test/", proxy.way(Names::Here, None)).await {
        Err(error @ DialError::Proxy { .. }) => {
            let DialError::Proxy { host, proxy: at, why } = &error else { unreachable!() };
            assert_eq!((host.as_str(), at), ("name.test", &format!("127.0.0.1:{}", proxy.port)));
            (why.clone(), format!("{error} {error:?}"))
        }
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn an_answer_is_told_by_its_number_and_never_by_its_text() {
    for (answer, expected) in [
        ("HTTP/1.1 403 EVIL\r\nX: EVIL\r\nContent-Length: 4\r\n\r\nEVIL", "it answered 403"),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000\r\n\r\nEVIL", "it answered 403"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\nEVIL", "it answered 502"),
        ("HTTP/1.1 301 EVIL\r\nLocation: http://EVIL.test/\r\n\r\n", "it answered 301"),
        ("HTTP/1.1 101 EVIL\r\nConnection: upgrade\r\nUpgrade: EVIL\r\n\r\n", "it answered 101"),
        (
            "HTTP/1.1 407 EVIL\r\nProxy-Authenticate: Basic realm=\"EVIL\"\r\n\r\n",
            "it answered 407: the operator's credentials for it are missing or wrong",
        ),
    ] {
        let (why, all) = why(Answer::Say(answer)).await;
        assert_eq!(why, expected);
        assert!(!all.contains("EVIL"), "{all}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_not_waited_for() {
    let endless: &'static str = "HTTP/1.1 200 OK\r\nX: ".to_owned().leak();
    let long: &'static str = format!("{endless}{}", "EVIL".repeat(5000)).leak();
    let many: &'static str = format!("HTTP/1.1 200 OK\r\n{}", "EVIL: x\r\n".repeat(500)).leak();
    for answer in [
        Answer::Say("SSH-2.0-EVIL\r\n"),
        Answer::Say("EVIL\r\n\r\n"),
        Answer::Say("\0\0\0\0\0\0\0\0"),
        Answer::Say("HTTP/1.1 20x OK\r\n\r\n"),
        Answer::Say("HTTP/2.0 200 OK\r\n\r\n"),
        Answer::Say("HTTP/1.1 200 OK\r\nEVIL\r\n\r\n"),
        Answer::Say(long),
        Answer::Say(many),
        Answer::Close(""),
        Answer::Close("HTTP/1.1 200 OK\r\n"),
    ] {
        let (why, all) = why(answer).await;
        assert!(why.starts_with("it did not answer in HTTP: "), "{why}");
        assert!(!all.contains("EVIL"), "{all}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_away_is_said_to_be() {
    let forward = Forward::new(|_| Answer::Say("")).await;
    let way = forward.way_by("http://127.0.0.1:1", Names::There, None);
    let text = said(dial_by(&answering(&[]), "https://name.test/", way).await);
    let begin = "proxy 127.0.0.1:1 opens no connection to name.test: connection failed: 127.0.0.1:1: Connection refused";
    assert!(text.starts_with(begin), "{text}");
    let way = forward.way_by("http://proxy.test:3128", Names::There, None);
    let text = said(dial_by(&answering(&[]), "https://name.test/", way).await);
    let begin = "proxy proxy.test:3128 opens no connection to name.test: no address found for it: ";
    assert!(text.starts_with(begin), "{text}");
}

#[tokio::test]
async fn credentials_are_sent_at_once_and_judged_by_the_proxy() {
    let port = far_end("127.0.0.1").await;
    // RFC 7617, section 2: the example.
    let proxy = Forward::new(move |head| {
        match head.to_lowercase().contains("\r\nproxy-authorization: basic qwxhzgrpbjpvcgvuihnlc2ftzq==\r\n")
        {
            true => Answer::Tunnel("HTTP/1.1 200 OK\r\n\r\n", SocketAddr::from(([127, 0, 0, 1], port))),
            false => Answer::Say("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n"),
        }
    })
    .await;
    for credentials in [None, Some(("Aladdin", "wrong"))] {
        let way = proxy.way(Names::There, credentials);
        let text = said(dial_by(&answering(&[]), "http://name.test/", way).await);
        assert!(
            text.ends_with("it answered 407: the operator's credentials for it are missing or wrong"),
            "{text}"
        );
        assert!(!text.contains("wrong\"") && !text.contains("Aladdin"), "{text}");
    }
    let way = proxy.way(Names::There, Some(("Aladdin", "open sesame")));
    assert_eq!(heard(dial_by(&answering(&[]), "http://name.test/", way).await).await, "hello");
    assert_eq!(proxy.heard.heads().len(), 3, "nothing is asked twice");
}

/// In the silence only the clock moves.
#[tokio::test]
async fn silence_and_a_slow_drip_run_into_the_deadline() {
    for answer in [
        Answer::Say(""),
        Answer::Say("HTTP/1.1 200 OK\r\n"),
        Answer::Drip("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        Answer::Drip("", "HTTP/1.1 100 Continue\r\n\r\n"),
        // A tunnel, and then a far end that does not speak TLS at all.
        Answer::Say("HTTP/1.1 200 OK\r\n\r\n"),
    ] {
        let proxy = Forward::new(move |_| answer.clone()).await;
        let way = proxy.way(Names::There, None);
        let dialling = tokio::spawn(async move { dial_by(&answering(&[]), "https://name.test/", way).await });
        while proxy.heard.heads().is_empty() {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        assert_eq!(said(dialling.await.unwrap()), "no connection to name.test within 10 s");
        tokio::time::resume();
    }
}
