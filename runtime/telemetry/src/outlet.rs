//! The way to standard error that nobody has to wait on: a thread of its own writes, from a queue with a bound.
//!
//! Not `tracing-appender`: its queue is bounded in lines and not in bytes, it does not count what could not be written,
//! and when its guard is dropped with a full queue it prints to standard output, which may be the same pipe that nobody
//! reads.
use crate::cut::{self, LINE_BYTES};
use crate::queue::{Entry, Queue};
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// Where another process set our standard error to not block, and it is full.
const FULL_PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A person reads.
    Plain,
    /// One object a line.
    Json,
}

/// Takes whole lines; never waits.
#[derive(Clone)]
pub struct Outlet {
    queue: Arc<Queue>,
    style: Style,
}

impl Outlet {
    pub fn open(out: impl Write + Send + 'static, style: Style) -> io::Result<Self> {
        let outlet = Self { queue: Arc::default(), style };
        let writer = outlet.clone();
        // It has no owner that waits for it: it may never come back from a write. It ends with the process.
        thread::Builder::new().name("log".into()).spawn(move || writer.run(out))?;
        Ok(outlet)
    }

    /// A line that does not come by way of `tracing`.
    pub fn say(&self, level: Level, text: &str, fields: &[(&str, &str)]) {
        self.queue.push(self.line(level, text, fields));
    }

    /// Lines that were not written.
    pub fn lost(&self) -> u64 {
        self.queue.lost()
    }

    /// Waits until all is written that was taken, at most so long.
    pub fn flush(&self, within: Duration) -> bool {
        self.queue.flush(within)
    }

    fn run(&self, mut out: impl Write) {
        loop {
            let entry = self.queue.next();
            let done = match &entry {
                Entry::Line(line) => write(&mut out, line),
                Entry::Lost(lines) => write(&mut out, &self.told(*lines)),
            };
            self.queue.settle(entry, done.is_err());
        }
    }

    fn told(&self, lost: u64) -> Vec<u8> {
        let text = "lines of the log were lost: standard error took no more";
        self.line(Level::WARN, text, &[("lines", &lost.to_string())])
    }

    fn line(&self, level: Level, text: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut time = String::new();
        let _ = SystemTime.format_time(&mut Writer::new(&mut time));
        let line = match self.style {
            Style::Plain => {
                let fields: String = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{time} {level:>5} {text}{fields}\n")
            }
            Style::Json => {
                let level = level.to_string();
                let known = [("timestamp", &*time), ("level", &*level), ("message", text)];
                let all =
                    known.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).into()));
                format!("{}\n", serde_json::Value::Object(all.collect()))
            }
        };
        self.bounded(line.as_bytes())
    }

    fn bounded(&self, line: &[u8]) -> Vec<u8> {
        if line.len() <= LINE_BYTES {
            return line.to_vec();
        }
        match self.style {
            Style::Plain => cut::plain(line),
            Style::Json => cut::json(line).unwrap_or_else(|| {
                self.line(Level::WARN, "a line was too long", &[("bytes", &line.len().to_string())])
            }),
        }
    }
}

fn write(out: &mut impl Write, mut line: &[u8]) -> io::Result<()> {
    while !line.is_empty() {
        match out.write(line) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => line = &line[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(FULL_PAUSE),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    out.flush()
}

/// `tracing` writes each line in one piece.
pub struct Sheet<'a>(&'a Outlet);

impl Write for Sheet<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.queue.push(self.0.bounded(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Outlet {
    type Writer = Sheet<'a>;

    fn make_writer(&'a self) -> Sheet<'a> {
        Sheet(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::QUEUE_BYTES;
    use std::io::{BufRead, BufReader, PipeWriter, pipe};
    use std::time::Instant;

    const SOON: Duration = Duration::from_secs(20);

    fn say(outlet: &Outlet, text: &str) {
        outlet.make_writer().write_all(format!("{text}\n").as_bytes()).unwrap();
    }

    fn numbers(lines: &str) -> Vec<u64> {
        lines.lines().filter_map(|line| line.split('|').next()?.parse().ok()).collect()
    }

    #[test]
    fn a_pipe_that_nobody_reads_costs_lines_and_says_so_once() {
        let (reader, writer) = pipe().unwrap();
        let outlet = Outlet::open(writer, Style::Plain).unwrap();
        let began = Instant::now();
        let padding = "x".repeat(1000);
        for line in 0..20_000 {
            say(&outlet, &format!("{line}|{padding}"));
        }
        assert!(began.elapsed() < SOON / 4);
        let lost = outlet.lost();
        assert!(lost > 10_000, "{lost}");
        assert!(outlet.queue.bytes() <= QUEUE_BYTES);
        let asked = Instant::now();
        assert!(!outlet.flush(Duration::from_millis(200)));
        assert!(asked.elapsed() < SOON / 4);

        // Without any line that comes later.
        let all = BufReader::new(reader).lines().map(Result::unwrap);
        let read: Vec<String> = all.take((20_000 - lost) as usize + 1).collect();
        let said = read.iter().filter(|line| line.contains("were lost")).count();
        assert!(said == 1 && read.last().unwrap().ends_with(&format!("lines={lost}")), "{:?}", read.last());
        assert!(outlet.flush(SOON));
    }

    #[test]
    fn what_was_lost_is_said_between_what_was_before_and_after() {
        let (reader, writer) = pipe().unwrap();
        let outlet = Outlet::open(writer, Style::Plain).unwrap();
        let padding = "x".repeat(1000);
        (0..20_000).for_each(|line| say(&outlet, &format!("{line}|{padding}")));
        let lost = outlet.lost();
        let kept = 20_000 - lost;
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        let mut before = Vec::new();
        // Half of it is written, and no more: nobody reads.
        while outlet.queue.bytes() > QUEUE_BYTES / 2 {
            before.extend(lines.next());
        }
        say(&outlet, "20000|after");
        before.extend(lines.by_ref().take(kept as usize - before.len()));
        assert_eq!(numbers(&before.join("\n")), (0..kept).collect::<Vec<_>>());
        let said = lines.next().unwrap();
        assert!(said.contains("WARN lines of the log were lost"), "{said}");
        assert!(said.ends_with(&format!("lines={lost}")), "{said}");
        assert_eq!(lines.next().unwrap(), "20000|after");
        assert_eq!(outlet.lost(), lost);
    }

    #[test]
    fn a_slow_reader_is_told_seldom() {
        let (reader, writer) = pipe().unwrap();
        let outlet = Outlet::open(writer, Style::Plain).unwrap();
        let padding = "x".repeat(1000);
        let mut told = 0;
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        for line in 0..40_000 {
            say(&outlet, &format!("{line}|{padding}"));
            if line % 4 == 0 {
                told += usize::from(lines.next().unwrap().contains("were lost"));
            }
        }
        assert!(outlet.lost() > 10_000 && told < 10, "{told}");
    }

    #[test]
    fn a_closed_pipe_is_counted_and_holds_up_no_end() {
        let (reader, writer) = pipe().unwrap();
        let outlet = Outlet::open(writer, Style::Plain).unwrap();
        drop(reader);
        (0..10).for_each(|line| say(&outlet, &line.to_string()));
        assert!(outlet.flush(SOON));
        assert_eq!(outlet.lost(), 10);
    }

    #[test]
    fn a_pipe_that_says_it_is_full_is_asked_again() {
        struct Grumpy(PipeWriter, u32);
        impl Write for Grumpy {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                if self.1 % 2 == 1 { Err(ErrorKind::WouldBlock.into()) } else { self.0.write(&bytes[..1]) }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (reader, writer) = pipe().unwrap();
        let outlet = Outlet::open(Grumpy(writer, 0), Style::Plain).unwrap();
        say(&outlet, "whole");
        assert_eq!(BufReader::new(reader).lines().next().unwrap().unwrap(), "whole");
        assert_eq!(outlet.lost(), 0);
    }

    #[test]
    fn no_line_is_longer_than_its_bound() {
        for style in [Style::Plain, Style::Json] {
            let (reader, writer) = pipe().unwrap();
            let outlet = Outlet::open(writer, style).unwrap();
            for bytes in [100_000, 10_000_000] {
                let text = "x".repeat(bytes);
                match style {
                    Style::Plain => say(&outlet, &text),
                    Style::Json => say(&outlet, &format!("{{\"level\":\"INFO\",\"message\":\"{text}\"}}")),
                }
            }
            let lines = BufReader::new(reader).lines().take(2).map(Result::unwrap);
            for line in lines {
                assert!(line.len() < LINE_BYTES, "{}", line.len());
                let json = serde_json::from_str::<serde_json::Value>(&line).is_ok();
                assert_eq!(json, style == Style::Json, "{line}");
            }
        }
    }
}
