//! Secrets that the platform hands out, and those that the operator changes.
use super::*;

#[tokio::test]
async fn a_secret_that_arrives_is_kept_and_the_guest_finds_a_mark() {
    let far = Far::loopback().await;
    let mut near = Near::open(plan(&far), &far);
    let mut peer = far.accept().await;
    near.opened().await;
    let other = r#"{"type": "other", "auth": {"badge": "b4dge-value"}}"#;
    peer.say(other).await;
    assert_eq!(near.text().await, other, "byte for byte");
    assert!(!near.vault.exists("badge"));
    peer.say(
        r#"{"type":"paired","auth":{"badge":"first"},"auth":{"badge":"b4dge-value"},"and":"b4dge-value"}"#,
    )
    .await;
    assert_eq!(near.text().await, r#"{"and":"[redacted]","auth":{"badge":"[captured]"},"type":"paired"}"#);
    assert!(near.vault.exists("badge"));
    peer.say(other).await;
    assert_eq!(near.text().await, other.replace("b4dge-value", "[redacted]"));
    peer.say("no json, b4dge-value").await;
    assert_eq!(near.text().await, "no json, [redacted]");
}

#[tokio::test]
async fn a_socket_that_was_refused_dials_again_when_a_secret_changes() {
    let far = Far::loopback().await;
    let plan = with(plan(&far), |plan| plan.fills = vec![fill(At::Query("key".into()))]);
    let mut near = Near::open(plan, &far);
    far.refuse(401).await;
    assert_eq!(near.closed().await, (CloseReason::Refused { status: 401 }, None));
    assert!(near.vault.rotate("token", Secret::new("n3w-value".into())));
    let peer = far.accept().await;
    assert_eq!(peer.request.uri().query(), Some("key=n3w-value"));
    assert_eq!(near.opened().await, 1);
    near.vault.rotate("token", Secret::new("n3wer-value".into()));
    near.say("still open").await.unwrap();
}
