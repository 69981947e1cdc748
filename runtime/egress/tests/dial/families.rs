//! IPv4 and IPv6, and what is tried when one leads nowhere.
use crate::support::*;

#[tokio::test]
async fn an_ipv6_far_end_is_dialled_by_address_and_by_name() {
    let port = far_end("::1").await;
    let literal = dial(&system(), &format!("http://[::1]:{port}/"), &["::1/128"]).await;
    assert_eq!(heard(literal).await, "hello");
    let named = dial(&answering(&[&["::1"]]), &format!("http://name.test:{port}/"), &["::1/128"]).await;
    assert_eq!(heard(named).await, "hello");
}

#[tokio::test]
async fn a_dead_address_gives_way_to_the_next_of_either_family() {
    for (alive, answer) in [
        ("127.0.0.2", &["127.0.0.3", "127.0.0.2"] as &[&str]),
        ("127.0.0.1", &["::1", "127.0.0.1"]),
        ("::1", &["127.0.0.1", "::1"]),
        ("::1", &["127.0.0.3", "127.0.0.4", "127.0.0.5", "::1"]),
        ("127.0.0.1", &["::ffff:127.0.0.3", "::1", "::ffff:127.0.0.1"]),
    ] {
        let port = far_end(alive).await;
        let stream = dial(&answering(&[answer]), &format!("http://name.test:{port}/"), LOOPBACK).await;
        assert_eq!(heard(stream).await, "hello", "{answer:?}");
    }
}
