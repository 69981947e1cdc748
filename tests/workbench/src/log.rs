//! What a child says, line by line.
use anyhow::Context;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::Notify;

/// Pipes that are read into one log: standard output and standard error.
const PIPES: usize = 2;

pub(crate) struct Log {
    kept: Mutex<Kept>,
    more: Notify,
}

#[derive(Default)]
struct Kept {
    lines: Vec<String>,
    /// Pipes at their end: whoever could write there is gone.
    ended: usize,
    /// Where the lines go, too.
    file: Option<File>,
}

impl Log {
    /// Lines are added to this file as well.
    pub(crate) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| {
            let file = File::options().create(true).append(true).open(path);
            file.with_context(|| format!("cannot open {}", path.display()))
        };
        let kept = Kept { file: file.map(open).transpose()?, ..Kept::default() };
        Ok(Self { kept: Mutex::new(kept), more: Notify::new() })
    }

    pub(crate) async fn keep(self: Arc<Self>, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if std::env::var_os("SHOW_RUNTIME").is_some() {
                eprintln!("{line}");
            }
            self.lock().add(line);
            self.more.notify_waiters();
        }
        self.lock().ended += 1;
        self.more.notify_waiters();
    }

    pub(crate) async fn find(&self, part: &str) -> String {
        self.until(|kept| kept.line(part)).await
    }

    pub(crate) fn now(&self, part: &str) -> Option<String> {
        self.lock().line(part)
    }

    /// Until both pipes are at their end.
    pub(crate) async fn quiet(&self) {
        self.until(|kept| (kept.ended == PIPES).then_some(())).await;
    }

    pub(crate) fn all(&self) -> String {
        self.lock().lines.join("\n")
    }

    async fn until<T>(&self, look: impl Fn(&Kept) -> Option<T>) -> T {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            // NB: before looking, or a line between the look and the wait would be missed.
            more.as_mut().enable();
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            more.await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, line: String) {
        if let Some(file) = &mut self.file {
            // A test that cannot write its log fails by something else.
            let _ = writeln!(file, "{line}");
        }
        self.lines.push(line);
    }

    fn line(&self, part: &str) -> Option<String> {
        self.lines.iter().find(|line| line.contains(part)).cloned()
    }
}
