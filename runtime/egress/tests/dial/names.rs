//! Row 21: names with several addresses, and names whose addresses change.
use crate::support::*;
use egress::{Dialer, Roots};

#[tokio::test]
async fn one_closed_address_among_open_ones_refuses_the_name() {
    for answer in [
        &["93.184.216.34", "10.0.0.5"],
        &["10.0.0.5", "93.184.216.34"],
        &["2600::1", "10.0.0.5"],
        &["127.0.0.1", "10.0.0.5"],
    ] {
        let result = dial(&answering(&[answer]), "http://name.test/", &["127.0.0.0/8"]).await;
        assert_eq!(refused(result), ("10.0.0.5".into(), "private"), "{answer:?}");
    }
}

#[tokio::test]
async fn one_closed_address_after_many_open_ones_refuses_the_name() {
    let mut crowd: Vec<String> = (1..200).map(|n| format!("93.184.216.{n}")).collect();
    crowd.push("169.254.169.254".into());
    let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
    let result = dial(&answering(&[&crowd]), "http://name.test/", &[]).await;
    assert_eq!(refused(result), ("169.254.169.254".into(), "cloud metadata"));
}

#[tokio::test]
async fn a_rebound_name_is_dialled_at_the_judged_address_and_refused_the_next_time() {
    let port = far_end("127.0.0.1").await;
    let url = format!("http://name.test:{port}/");
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let dialer = Dialer::with_resolver(Roots::public(), answers.clone());
    assert_eq!(heard(dial(&dialer, &url, &["127.0.0.1/32"]).await).await, "hello");
    assert_eq!(answers.left(), 1, "one lookup per dial");
    let result = dial(&dialer, &url, &["127.0.0.1/32"]).await;
    assert_eq!(refused(result), ("127.0.0.2".into(), "loopback"));
    assert!(said(dial(&dialer, &url, &[]).await).contains("once too often"));
}

#[tokio::test]
async fn a_literal_asks_nobody() {
    let port = far_end("127.0.0.1").await;
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(heard(dial(&answering(&[]), &url, &["127.0.0.1/32"]).await).await, "hello");
}
