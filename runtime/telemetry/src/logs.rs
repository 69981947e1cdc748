//! Logs: readable on a terminal, JSON otherwise. To standard error, so that output stays output; and the last lines to
//! memory, for who asks while the process runs.
use crate::follow::Follow;
use crate::keep::Keep;
use crate::outlet::{Outlet, Style};
use crate::rings::{BOUNDS, Line, Rings};
use crate::{filter, panics};
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::time::Duration;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

/// How long the end of the process may wait for who reads standard error.
const END: Duration = Duration::from_secs(1);

/// The log of this process, to be asked.
#[derive(Clone)]
pub struct Logs {
    outlet: Outlet,
    rings: Arc<Rings>,
}

/// Installs the log of this process. Once, before anything else; from then on a panic is a line of it too.
///
/// # Panics
/// When it is called twice, or no thread can be had.
pub fn init() -> Logs {
    let style = if stderr().is_terminal() { Style::Plain } else { Style::Json };
    let outlet = Outlet::open(stderr(), style).expect("a process that cannot have one thread cannot run");
    let (logs, lines) = open(outlet, style, filter::of_environment());
    lines.init();
    panics::report(logs.outlet.clone());
    logs
}

fn open(outlet: Outlet, style: Style, wanted: EnvFilter) -> (Logs, impl Subscriber + Send + Sync) {
    let logs = Logs { outlet: outlet.clone(), rings: Arc::new(Rings::new(BOUNDS)) };
    let lines = fmt::layer().with_writer(outlet).with_target(false);
    let lines = match style {
        Style::Plain => lines.with_ansi(true).boxed(),
        Style::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    let both = lines.and_then(Keep(logs.rings.clone()));
    (logs, registry().with(both.with_filter(filter::filter(wanted))))
}

impl Logs {
    /// The last lines of an instance (`tenant/connector/account`), or of all, in the order in which they were written. Of all
    /// at most 10,000.
    pub fn recent(&self, of: Option<&str>, most: usize) -> Vec<Arc<Line>> {
        self.rings.recent(of, most)
    }

    /// Lines from now on.
    pub fn follow(&self, of: Option<String>) -> Follow {
        Follow::new(self.rings.clone(), of, 0).1
    }

    /// The last lines and those from now on: none is between, none is twice.
    pub fn tail(&self, of: Option<String>, most: usize) -> (Vec<Arc<Line>>, Follow) {
        Follow::new(self.rings.clone(), of, most)
    }

    /// Lines that standard error did not take.
    pub fn lost(&self) -> u64 {
        self.outlet.lost()
    }

    /// Waits, with this thread, until standard error has all lines; `false`: not within that time.
    pub fn flush(&self, within: Duration) -> bool {
        self.outlet.flush(within)
    }

    /// For the end: followers end, and what waits is written, if that is possible in a second.
    pub fn close(&self) {
        self.rings.close();
        self.flush(END);
    }

    /// Closes when it is dropped, so that no way out of `main` forgets it.
    #[must_use = "it closes when it is dropped"]
    pub fn closing(&self) -> Closing {
        Closing(self.clone())
    }
}

/// See [`Logs::closing`].
pub struct Closing(Logs);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::io::{BufRead, BufReader, PipeReader, pipe};
    use std::time::Instant;
    use tracing::subscriber::with_default;
    use tracing::{debug, error, info, info_span, warn};

    fn opened(style: Style, wanted: &str) -> (Logs, impl Subscriber + Send + Sync + use<>, PipeReader) {
        let (reader, writer) = pipe().unwrap();
        let (logs, lines) = open(Outlet::open(writer, style).unwrap(), style, EnvFilter::new(wanted));
        (logs, lines, reader)
    }

    fn texts(logs: &Logs, of: Option<&str>) -> Vec<String> {
        logs.recent(of, 99).iter().map(|line| format!("{} {}", line.level, line.text)).collect()
    }

    #[test]
    fn a_line_belongs_to_its_own_instance_or_to_the_nearest_span_with_one() {
        let (logs, lines, _reader) = opened(Style::Json, "info");
        with_default(lines, || {
            let connector = "t/c/outer";
            info!(%connector, count = 7, "by itself");
            let _outer = info_span!("session", connector = %"t/c/outer").entered();
            warn!(text = "a\nb", "by its span");
            let _inner = info_span!("other", x = 1).entered();
            info!("by a span further out");
            error!(connector = "t/c/inner", "its own before its span's");
            let late = info_span!("late", connector = tracing::field::Empty);
            late.record("connector", "t/c/late");
            late.in_scope(|| info!("by a span that learned it"));
        });
        assert_eq!(
            texts(&logs, Some("t/c/outer")),
            ["INFO by itself count=7", "WARN by its span text=\"a\\nb\"", "INFO by a span further out"]
        );
        assert_eq!(texts(&logs, Some("t/c/inner")), ["ERROR its own before its span's"]);
        assert_eq!(texts(&logs, Some("t/c/late")), ["INFO by a span that learned it"]);
        assert_eq!(texts(&logs, None).len(), 5);
    }

    #[test]
    fn memory_has_what_standard_error_gets_and_nothing_else() {
        let (logs, lines, reader) = opened(Style::Json, "debug,wasmtime=trace");
        with_default(lines, || {
            info!(target: "wasmtime::runtime", "silent");
            tracing::trace!("too fine");
            debug!("fine");
            info!(connector = "t/c/a", reason = "\u{1b}[2J\nERROR forged", "{}\r\u{202e}", "odd");
            info!("{}", "x".repeat(10_000));
        });
        let kept = texts(&logs, None);
        assert_eq!(kept[0], "DEBUG fine");
        assert_eq!(kept[1], "INFO odd\\r\\u{202e} reason=\"\\u{1b}[2J\\nERROR forged\"");
        assert!(kept[2].len() <= 4096 + 5 && kept[2].ends_with("x…"));
        assert_eq!(kept.len(), 3);
        let read = BufReader::new(reader).lines().take(3);
        let read: Vec<Value> = read.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        assert_eq!((&read[0]["level"], &read[0]["message"]), (&"DEBUG".into(), &"fine".into()));
        assert_eq!((&read[1]["connector"], &read[1]["target"]), (&"t/c/a".into(), &Value::Null));
        assert_eq!(read[2]["message"].as_str().unwrap().len(), 10_000);
    }

    #[test]
    fn the_end_waits_no_longer_than_a_second_for_a_blocked_reader() {
        let (logs, lines, reader) = opened(Style::Plain, "info");
        with_default(lines, || (0..5000).for_each(|line| info!(line, "{}", "x".repeat(2000))));
        assert!(logs.lost() > 0);
        let began = Instant::now();
        drop(logs.closing());
        assert!(began.elapsed() >= END && began.elapsed() < 10 * END);
        drop(reader);
    }

    #[test]
    fn the_end_waits_for_a_reader_that_reads() {
        let (logs, lines, reader) = opened(Style::Plain, "info");
        with_default(lines, || (0..500).for_each(|line| info!(line, "{}", "x".repeat(1000))));
        let reading = std::thread::spawn(move || BufReader::new(reader).lines().take(500).count());
        drop(logs.closing());
        assert!(logs.flush(Duration::ZERO));
        assert_eq!((reading.join().unwrap(), logs.lost()), (500, 0));
    }

    #[tokio::test]
    async fn a_closed_log_ends_its_followers() {
        let (logs, lines, _reader) = opened(Style::Plain, "info");
        let mut follow = logs.follow(None);
        with_default(lines, || info!("last"));
        logs.close();
        assert!(follow.next().await.is_some());
        assert_eq!(follow.next().await, None);
        assert_eq!(logs.follow(None).next().await, None);
    }
}
