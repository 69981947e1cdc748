//! What is in no error and no log line, and what is logged once.
use super::support::{ask, backend, options};
use backend_openai::Options;
use platforms::openai::{Api, Reply, Stream};
use std::io;
use std::sync::{Arc, Mutex};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn count(&self, level: &str) -> usize {
        self.text().lines().filter(|line| line.contains(level)).count()
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
async fn neither_key_nor_message_nor_answer_is_in_an_error_or_a_log_line() {
    let (log, _guard) = log();
    let api = Api::start().await.unwrap();
    let options = Options { system: Some("private system prompt".into()), ..options(&api) };
    assert!(!format!("{options:?}").contains(api.key()));
    let backend = backend(options);
    let echoed = format!("wrong key {}, and {}{}", api.key(), "x".repeat(280), api.key());
    let garbage = "data: {\"choices\":[{\"index\":\"private answer\"}]}\n\n";
    api.will(Reply::status(401).error(&echoed, "invalid_request_error", None));
    api.will(Stream::of(["private answer"]).then_error(&echoed, "server_error", None));
    api.will(Stream::of(["private answer"]).then_raw(garbage));
    api.will(Stream::of(["private answer"]).cut_short());
    api.will(Stream::of(["private answer"]).finishing("length"));
    for _ in 0..5 {
        let said = format!("{:?}", ask(&backend, "private question").await.1);
        assert!(!said.contains("private") && !said.contains("sk-"), "{said}");
    }
    let text = log.text();
    assert!(text.contains("wrong key [redacted]"), "the rest of the reason is there:\n{text}");
    assert!(!text.contains("private") && !text.contains("sk-"), "{text}");
}

#[tokio::test]
async fn a_mistake_of_the_operator_is_an_error_in_the_log_once_a_streak() {
    let (log, _guard) = log();
    let api = Api::start().await.unwrap();
    let backend = backend(options(&api));
    api.will_times(3, Reply::status(401));
    api.will(Reply::status(503));
    api.will(Reply::status(401));
    for _ in 0..5 {
        assert!(ask(&backend, "hello").await.1.is_err());
    }
    assert_eq!(log.count("ERROR"), 1, "{}", log.text());
    api.will(Reply::status(404));
    assert!(ask(&backend, "hello").await.1.is_err());
    assert_eq!(log.count("ERROR"), 2, "another mistake:\n{}", log.text());
    assert_eq!(ask(&backend, "hello").await.1, Ok(()));
    assert_eq!(log.count("INFO"), 1, "mended:\n{}", log.text());
    api.will(Reply::status(404));
    assert!(ask(&backend, "hello").await.1.is_err());
    assert_eq!(log.count("ERROR"), 3, "the next streak:\n{}", log.text());
}
