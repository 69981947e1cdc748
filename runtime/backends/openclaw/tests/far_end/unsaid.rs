//! What is in no error and no log line.
use super::raw::Raw;
use super::support::{House, ask, backend, message, options, stands, unavailable};
use backend_openclaw::{Options, Timeouts};
use platforms::openclaw::scripted::{Settings, Step};
use serde_json::json;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All of this thread, which is where a test's runtime runs.
fn log() -> (Log, DefaultGuard) {
    let log = Log::default();
    let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let guard = tracing::subscriber::set_default(all.with_writer(log.clone()).finish());
    (log, guard)
}

#[tokio::test]
async fn neither_token_nor_message_nor_answer_is_in_an_error_or_a_log_line() {
    let (log, _guard) = log();
    let settings = Settings { token: "s3cret-shared".into(), ..Settings::default() };
    let house =
        House::with(settings, |options| Options { system: Some("private system prompt".into()), ..options })
            .await;
    assert!(!format!("{:?}", options(&house.gateway.url(), "s3cret-shared")).contains("s3cret"));
    let mut said = String::new();
    for steps in [
        vec![Step::delta("private"), Step::last("private answer")],
        vec![Step::delta("private answer"), Step::Aborted],
        vec![Step::delta("private"), Step::error("no model")],
        vec![Step::RefuseUnavailable { retry_after_ms: 1 }],
        vec![Step::last(&"private".repeat(1 << 18))],
        vec![Step::delta("private"), Step::Cut(1006), Step::last("private answer")],
    ] {
        house.gateway.next_run(steps);
        let ticket = format!("ticket-{}", said.len());
        let asked = ports::agent::Message { ticket, ..message("private question") };
        said += &format!("{:?} {}\n", ask(&house.backend, &asked).await.1, {
            use ports::agent::Backend;
            house.backend.state()
        });
    }
    house.gateway.connected(2).await;
    let connects = house.gateway.record(|record| record.asked("connect"));
    let device = connects[1].params["auth"]["deviceToken"].as_str().expect("the device's own token");
    let text = log.text();
    assert!(text.contains("submitted") && text.contains("not answered"), "{text}");
    for secret in ["private", "s3cret", device] {
        assert!(!text.contains(secret) && !said.contains(secret), "{secret}\n{said}\n{text}");
    }
}

#[tokio::test]
async fn a_gateway_that_repeats_the_token_is_not_repeated() {
    let (log, _guard) = log();
    let (gateway, folder) = (Raw::start().await, TempDir::new().unwrap());
    let own = options(&gateway.url(), "s3cret-shared");
    let timeouts = Timeouts { patience: Duration::from_millis(200), ..own.timeouts };
    let backend = backend(Options { timeouts, ..own }, folder.path());
    let peer = gateway.peer().await;
    let words = "no such token: s3cret-shared";
    let error =
        json!({ "code": "INVALID_REQUEST", "message": words, "details": { "code": "AUTH_TOKEN_MISMATCH" } });
    peer.turn_away(error, 1008, words).await;
    let state = stands(&backend, "refused").await;
    let (why, _) = unavailable(ask(&backend, &message("hello")).await.1);
    assert!(why.contains("no such token: [redacted]"), "{why}");
    let text = log.text();
    assert!(!format!("{state} {why} {text}").contains("s3cret"), "{state}\n{why}\n{text}");
}
