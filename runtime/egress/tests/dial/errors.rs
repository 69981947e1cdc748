//! What an operator reads.
use crate::support::*;

#[tokio::test]
async fn they_read_well() {
    let closed = dial(&answering(&[&["10.0.0.5"]]), "http://name.test/", &[]).await;
    assert_eq!(
        said(closed),
        "name.test is at 10.0.0.5, in a range that is closed unless the operator grants it (private)"
    );
    let nothing = dial(&answering(&[&[]]), "http://name.test/", &[]).await;
    assert_eq!(said(nothing), "no address found for name.test: the name has no address");
    let nobody = dial(&answering(&[&["127.0.0.1"]]), "http://name.test:1/", &["127.0.0.1/32"]).await;
    let text = said(nobody);
    assert!(text.starts_with("connection to name.test failed: 127.0.0.1:1: Connection refused"), "{text}");
}
