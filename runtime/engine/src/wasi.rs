//! The little of WASI that the standard libraries of Rust, C and Python need to start. Environment and arguments are
//! empty, there are no terminals, input is at its end, output goes to the log line by line, clocks and random numbers
//! are real. Files, sockets and HTTP are not linked: a component that imports them is refused by name.
use bytes::Bytes;
use contract::Admission;
use ports::identity::InstanceId;
use ports::limit::{Hits, Limit};
use ports::log_budget::{LogBudget, Verdict, printable};
use ports::secret::Vault;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncWrite;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::{cli, clocks, random};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::{WasiCtx, WasiView, async_trait};
use wasmtime_wasi_io::bindings::wasi::io;

/// What may be imported beside our own rooms.
pub const LINKED: &[&str] = &[
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/wall-clock",
    "wasi:clocks/monotonic-clock",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

pub fn link<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    io::error::add_to_linker::<T, Io>(linker, |t| t.ctx().table)?;
    io::poll::add_to_linker::<T, Io>(linker, |t| t.ctx().table)?;
    io::streams::add_to_linker::<T, Io>(linker, |t| t.ctx().table)?;
    clocks::wall_clock::add_to_linker::<T, WasiClocks>(linker, T::clocks)?;
    clocks::monotonic_clock::add_to_linker::<T, WasiClocks>(linker, T::clocks)?;
    random::random::add_to_linker::<T, WasiRandom>(linker, |t| t.ctx().ctx.random())?;
    random::insecure::add_to_linker::<T, WasiRandom>(linker, |t| t.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<T, WasiRandom>(linker, |t| t.ctx().ctx.random())?;
    cli::exit::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::environment::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stdin::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stdout::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stderr::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(linker, T::cli)
}

/// Names the table for `wasi:io`.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

pub fn context(printer: &Printer) -> WasiCtx {
    // Bounded, because `get-random-bytes` allocates on the host.
    let error = printer.for_errors();
    WasiCtx::builder().stdout(printer.clone()).stderr(error).max_random_size(64 << 10).build()
}

/// Writes a guest's standard output into the log.
#[derive(Clone)]
pub struct Printer {
    target: Arc<Target>,
    keeps_last: bool,
}

struct Target {
    id: InstanceId,
    vault: Arc<Vault>,
    budget: Arc<LogBudget>,
    hits: Arc<Hits>,
    /// The end of what went to standard error.
    last: Mutex<VecDeque<Vec<u8>>>,
}

const LINE_BYTES: usize = 1024;

/// Lines of standard error that are kept: a panic has two or three.
const LAST_LINES: usize = 6;

impl Printer {
    pub fn new(admission: &Admission) -> Self {
        let Admission { id, vault, log_budget, hits, .. } = admission;
        let budget = log_budget.clone();
        let (id, vault, hits, last) = (id.clone(), vault.clone(), hits.clone(), Mutex::default());
        Self { target: Arc::new(Target { id, vault, budget, hits, last }), keeps_last: false }
    }

    fn for_errors(&self) -> Self {
        Self { target: self.target.clone(), keeps_last: true }
    }

    /// A new instance has said nothing yet.
    pub fn begin(&self) {
        self.last().clear();
    }

    /// What the instance wrote to its standard error last; secrets are out of it.
    pub fn said_last(&self) -> Option<String> {
        let text = Vec::from_iter(std::mem::take(&mut *self.last())).join(&b'\n');
        let clean = self.target.vault.redact_bytes(&text);
        let text = String::from_utf8_lossy(&clean);
        let said = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("note: run with"));
        let said = said.map(|line| printable(line, LINE_BYTES)).collect::<Vec<_>>().join("; ");
        (!said.is_empty()).then_some(said)
    }

    /// Words of the connector, fit to be shown: no secret, one line.
    pub fn clean(&self, text: &str, most: usize) -> String {
        printable(&self.target.vault.redact(text), most)
    }

    fn last(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.target.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self, line: &[u8]) {
        if self.keeps_last {
            let mut last = self.last();
            last.push_back(line.to_vec());
            if last.len() > LAST_LINES {
                last.pop_front();
            }
        }
        let connector = &self.target.id;
        match self.target.budget.take() {
            Verdict::Write { dropped } => {
                if dropped > 0 {
                    tracing::warn!(%connector, dropped, "lines of output were dropped");
                }
                let clean = self.target.vault.redact_bytes(line);
                tracing::info!(%connector, "{}", printable(&String::from_utf8_lossy(&clean), LINE_BYTES));
            }
            Verdict::Drop { first } => {
                self.target.hits.hit(Limit::LogLines);
                if first {
                    tracing::warn!(%connector, "output is over its limit: dropping lines");
                }
            }
        }
    }
}

impl IsTerminal for Printer {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printer {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink()) // WASI 0.3 is not linked
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Lines { printer: self.clone(), begun: Vec::new() })
    }
}

/// Collects bytes until the end of a line, or until there are too many for one.
struct Lines {
    printer: Printer,
    begun: Vec<u8>,
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") || self.begun.len() >= LINE_BYTES {
                self.printer.print(self.begun.trim_ascii_end());
                self.begun.clear();
            }
        }
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(4096)
    }
}

#[async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.begun.is_empty() {
            self.printer.print(&self.begun);
        }
    }
}
