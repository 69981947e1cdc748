//! What gets into the log, at its finest.
use super::raw::{Ask, Raw, begin, call, post};
use super::tools::{OTHER_TOKEN, TOKEN, fake, serve};
use mcp::Limits;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// One thread, so that all is kept.
#[tokio::test(flavor = "current_thread")]
async fn no_token_and_no_argument_gets_into_the_log() {
    let kept = Kept::default();
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(kept.clone())
        .finish();
    let guard = tracing::subscriber::set_default(log);
    let server = serve(&fake(), Limits::default()).await;
    let session = begin(&server).await;
    let got = post(&server, &session, call(2, "echo", json!({ "text": "hunter2" }))).await;
    assert_eq!(got.status, 200);
    post(&server, &session, call(3, "echo", json!({ "surprise": "hunter2" }))).await;
    post(&server, &session, call(4, "odd", json!({ "text": "hunter2" }))).await;
    post(&server, &session, call(5, "odd", json!({ "text": "hunter2" }))).await;
    post(&server, &session, call(6, "panic", json!({ "text": "hunter2" }))).await;
    post(&server, &session, "hunter2".into()).await;
    Ask { token: Some(OTHER_TOKEN), body: call(1, "echo", json!({ "text": "hunter2" })), ..Ask::default() }
        .of(&server)
        .await;
    let mut raw = Raw::to(&server).await;
    raw.say("hunter2\r\n\r\n").await;
    raw.rest().await;
    drop(guard);
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    for hidden in ["hunter2", TOKEN, OTHER_TOKEN, &session] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    // The library writes results, and what is wrong with arguments is one: it is silenced where the log is set up.
    assert!(!log.lines().any(|line| line.contains("surprise") && !line.contains("rmcp::")), "{log}");
    assert!(log.contains("a tool panicked"), "{log}");
    assert_eq!(log.matches("go unchecked").count(), 1, "{log}");
}
