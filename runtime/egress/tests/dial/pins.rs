//! The operator's own addresses for names.
use crate::support::*;
use egress::{Dialer, Pins, Roots};
use std::sync::Arc;

fn pinning(pinned: &[(&str, &[&str])], answers: Arc<Answers>) -> Dialer {
    let pinned = pinned.iter().map(|(name, at)| ((*name).to_owned(), addresses(at))).collect();
    Dialer::with_resolver(Roots::public(), Arc::new(Pins::new(pinned, answers)))
}

#[tokio::test]
async fn a_pinned_name_is_dialled_where_the_operator_says_and_nobody_is_asked() {
    let port = far_end("127.0.0.2").await;
    let dialer = pinning(
        &[("Name.test", &["127.0.0.2"]), ("bücher.test", &["127.0.0.3", "127.0.0.2"])],
        Answers::new(&[]),
    );
    for host in ["name.test", "NAME.test", "bücher.test", "xn--bcher-kva.test"] {
        let stream = dial(&dialer, &format!("http://{host}:{port}/"), LOOPBACK).await;
        assert_eq!(heard(stream).await, "hello", "{host}");
    }
}

#[tokio::test]
async fn every_other_name_is_asked_of_the_inner_resolver() {
    let port = far_end("127.0.0.1").await;
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.1"]]);
    let dialer = pinning(&[("name.test", &["127.0.0.2"])], answers.clone());
    for host in ["other.test", "sub.name.test"] {
        let stream = dial(&dialer, &format!("http://{host}:{port}/"), LOOPBACK).await;
        assert_eq!(heard(stream).await, "hello", "{host}");
    }
    assert_eq!(answers.left(), 0);
}

#[tokio::test]
async fn a_name_pinned_at_a_closed_address_is_refused_unless_granted() {
    let port = far_end("127.0.0.2").await;
    let url = format!("http://name.test:{port}/");
    let dialer = pinning(&[("name.test", &["127.0.0.2"])], Answers::new(&[]));
    assert_eq!(refused(dial(&dialer, &url, &[]).await), ("127.0.0.2".into(), "loopback"));
    assert_eq!(refused(dial(&dialer, &url, &["127.0.0.1/32"]).await).1, "loopback");
    assert_eq!(heard(dial(&dialer, &url, &["127.0.0.2/32"]).await).await, "hello");
    let mixed = pinning(&[("name.test", &["93.184.216.34", "10.0.0.5"])], Answers::new(&[]));
    assert_eq!(refused(dial(&mixed, &url, LOOPBACK).await), ("10.0.0.5".into(), "private"));
}

#[tokio::test]
async fn a_name_pinned_nowhere_cannot_be_reached() {
    let dialer = pinning(&[("name.test", &[])], Answers::new(&[&["127.0.0.1"]]));
    let text = said(dial(&dialer, "http://name.test/", LOOPBACK).await);
    assert_eq!(text, "no address found for name.test: the name has no address");
}
