//! What the proxy is asked for, and what it never hears of.
use super::far_end::{Answer, Forward};
use crate::support::*;
use egress::{Dialer, Names, Roots, Way};
use std::net::SocketAddr;

async fn tunnelling() -> Forward {
    let port = far_end("127.0.0.1").await;
    Forward::new(move |_| Answer::Tunnel("HTTP/1.1 200 OK\r\n\r\n", SocketAddr::from(([127, 0, 0, 1], port))))
        .await
}

#[tokio::test]
async fn by_default_the_proxy_hears_the_judged_address_and_not_the_name() {
    let proxy = tunnelling().await;
    for (answer, target) in [
        ("93.184.216.34", "93.184.216.34:80"),
        ("2600::1", "[2600::1]:80"),
        ("::ffff:93.184.216.34", "93.184.216.34:80"),
    ] {
        let way = proxy.way(Names::default(), None);
        let stream = dial_by(&answering(&[&[answer]]), "http://name.test/", way).await;
        assert_eq!(heard(stream).await, "hello");
        let head = proxy.heard.heads().pop().unwrap();
        assert!(head.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{head}");
        assert!(!head.contains("name.test"), "{head}");
    }
}

#[tokio::test]
async fn a_name_with_one_private_address_is_refused_before_the_proxy_hears_anything() {
    let proxy = tunnelling().await;
    for answer in [&["93.184.216.34", "10.0.0.5"], &["10.0.0.5", "93.184.216.34"]] {
        let way = proxy.way(Names::Here, None);
        let result = dial_by(&answering(&[answer]), "http://name.test/", way).await;
        assert_eq!(refused(result), ("10.0.0.5".into(), "private"));
    }
    assert!(proxy.heard.heads().is_empty());
}

#[tokio::test]
async fn a_rebound_name_is_looked_up_once_and_asked_for_at_the_judged_address() {
    let proxy = tunnelling().await;
    let answers = Answers::new(&[&["93.184.216.34"], &["127.0.0.1"]]);
    let dialer = Dialer::with_resolver(Roots::public(), answers.clone());
    let stream = dial_by(&dialer, "http://name.test/", proxy.way(Names::Here, None)).await;
    assert_eq!(heard(stream).await, "hello");
    assert_eq!((answers.left(), proxy.heard.targets()), (1, vec!["93.184.216.34:80".to_owned()]));
    let result = dial_by(&dialer, "http://name.test/", proxy.way(Names::Here, None)).await;
    assert_eq!(refused(result), ("127.0.0.1".into(), "loopback"));
    assert_eq!((answers.left(), proxy.heard.targets().len()), (0, 1));
}

#[tokio::test]
async fn where_the_proxy_resolves_it_hears_the_name_and_we_ask_nobody() {
    let proxy = tunnelling().await;
    let stream = dial_by(&answering(&[]), "ws://name.test:8080/", proxy.way(Names::There, None)).await;
    assert_eq!(heard(stream).await, "hello");
    assert_eq!(proxy.heard.targets(), ["name.test:8080"]);
}

#[tokio::test]
async fn a_private_literal_is_refused_whoever_resolves() {
    let proxy = tunnelling().await;
    for names in [Names::Here, Names::There] {
        for host in [
            "127.0.0.1",
            "10.0.0.5",
            "0x7f.1",
            "2130706433",
            "169.254.169.254",
            "[::1]",
            "[::ffff:10.0.0.5]",
            "[fd00:ec2::254]",
            "127。0。0。1",
        ] {
            let way = proxy.way(names, None);
            refused(dial_by(&answering(&[]), &format!("http://{host}:{}/", proxy.port), way).await);
        }
    }
    assert!(proxy.heard.heads().is_empty());
}

#[tokio::test]
async fn a_granted_literal_is_asked_for_as_the_address_it_is() {
    let proxy = tunnelling().await;
    for names in [Names::Here, Names::There] {
        for (host, target) in
            [("10.0.0.5", "10.0.0.5:80"), ("[::ffff:10.0.0.5]", "10.0.0.5:80"), ("[::1]", "[::1]:80")]
        {
            let way = Way { proxy: proxy.way(names, None).proxy, ..granted(&["10.0.0.0/8", "::1/128"]) };
            assert_eq!(heard(dial_by(&answering(&[]), &format!("http://{host}/"), way).await).await, "hello");
            assert_eq!(proxy.heard.targets().last().unwrap(), target);
        }
    }
}

#[tokio::test]
async fn an_address_that_the_proxy_cannot_reach_gives_way_to_the_next() {
    let port = far_end("127.0.0.1").await;
    let proxy = Forward::new(move |head| match head.contains("CONNECT [2600::1]") {
        true => Answer::Say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
        false => Answer::Tunnel("HTTP/1.1 200 OK\r\n\r\n", SocketAddr::from(([127, 0, 0, 1], port))),
    })
    .await;
    let dialer = answering(&[&["2600::1", "93.184.216.34"]]);
    let stream = dial_by(&dialer, "http://name.test/", proxy.way(Names::Here, None)).await;
    assert_eq!(heard(stream).await, "hello");
    assert_eq!(proxy.heard.targets(), ["[2600::1]:80", "93.184.216.34:80"]);
}
