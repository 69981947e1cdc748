//! The parent's side: a child for each job, with limits, whose end is always awaited.
use ports::log_budget::printable;
use rustix::process::Signal;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What one child may take, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From its start to its answer, on the wall. It runs at a lower priority than we do, so allow for a busy machine.
    pub time: Duration,
    /// Of its heap, the stacks of its threads and all else that it writes to in memory.
    pub memory_bytes: u64,
    pub at_once: usize,
}

/// Why there is no answer. Its text is one printable line.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("it took longer than {0:?}")]
    Time(Duration),
    #[error("it needed more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// The child's own verdict: the component is at fault.
    #[error("{0}")]
    Refused(String),
    #[error("its answer has more than {0} bytes")]
    Output(usize),
    /// Most likely the component is at fault here too, with something that nobody has foreseen.
    #[error("the process that worked on it broke ({end}){}{said}", if said.is_empty() { "" } else { ": " })]
    Crashed { end: ExitStatus, said: String },
    #[error("cannot start a process for it")]
    Start(#[source] io::Error),
}

/// The status with which a child says that its answer is a refusal, and why. Not what a panic (101), a shell or an
/// `ExitCode::FAILURE` ends with.
pub(crate) const REFUSED: u8 = 65;

/// Threads that one compilation may use; more hardly make one component ready sooner, and each costs memory.
pub(crate) const THREADS: usize = 8;

/// Of a refusal or of what a child says before it crashes.
const TEXT_BYTES: usize = 1 << 10;

/// Nobody says more on stderr and is well.
const MOST_SAID_BYTES: usize = 1 << 20;

/// How children are run.
#[derive(Debug)]
pub struct Workers {
    program: PathBuf,
    arguments: Vec<OsString>,
    bounds: Bounds,
    places: Arc<Semaphore>,
}

impl Workers {
    /// `program arguments…` must come to [`serve`](crate::serve) with the arguments that follow.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, bounds: Bounds) -> Self {
        let places = Arc::new(Semaphore::new(bounds.at_once.clamp(1, Semaphore::MAX_PERMITS)));
        Self { program, arguments, bounds, places }
    }

    /// The same children, with less memory. They share their places.
    pub fn with_memory(&self, most_bytes: u64) -> Self {
        let memory_bytes = self.bounds.memory_bytes.min(most_bytes);
        Self {
            program: self.program.clone(),
            arguments: self.arguments.clone(),
            bounds: Bounds { memory_bytes, ..self.bounds },
            places: self.places.clone(),
        }
    }

    /// Has a child do a job: it reads `input` and answers with at most `most_output` bytes. Waits first for a place, which
    /// does not count as the job's time. Dropping the future kills the child.
    ///
    /// # Errors
    /// [`WorkerError`].
    pub async fn run<A: AsRef<OsStr>>(
        &self,
        job: &[A],
        input: &[u8],
        most_output: usize,
    ) -> Result<Vec<u8>, WorkerError> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let mut child = self.command(job).spawn().map_err(WorkerError::Start)?;
        let mut said = Vec::new();
        let talked = timeout(self.bounds.time, talk(&mut child, input, most_output, &mut said)).await;
        if !matches!(talked, Ok(Ok(_))) {
            // Killed and awaited, so that the place is free when the memory is.
            let _ = child.kill().await;
        }
        let said = String::from_utf8_lossy(&said);
        match talked {
            Ok(Ok((end, answer))) => self.judge(end, answer, &said),
            Ok(Err(error)) => Err(error),
            // Out of memory, a child may also get stuck while it says so.
            Err(_) if lacks_memory(&said) => Err(WorkerError::Memory(self.bounds.memory_bytes)),
            Err(_) => Err(WorkerError::Time(self.bounds.time)),
        }
    }

    /// It inherits nothing but three pipes: no environment, which may hold secrets, and no folder that it would keep busy.
    fn command<A: AsRef<OsStr>>(&self, job: &[A]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(self.bounds.time.as_millis().to_string());
        command.arg(self.bounds.memory_bytes.to_string()).args(job);
        // `ps` shows our own name where the program is `/proc/self/exe`.
        command.arg0(env::args_os().next().unwrap_or_else(|| self.program.clone().into()));
        command.env_clear().env("RAYON_NUM_THREADS", threads().to_string()).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C in a terminal is for us: a child that it killed would look like a component that broke it.
        command.process_group(0).kill_on_drop(true);
        command
    }

    fn judge(&self, end: ExitStatus, answer: Vec<u8>, said: &str) -> Result<Vec<u8>, WorkerError> {
        if end.success() {
            return Ok(answer);
        }
        if end.code() == Some(REFUSED.into()) {
            let why = &answer[..answer.len().min(2 * TEXT_BYTES)];
            return Err(WorkerError::Refused(printable(&String::from_utf8_lossy(why), TEXT_BYTES)));
        }
        if end.signal() == Some(Signal::XCPU.as_raw()) {
            return Err(WorkerError::Time(self.bounds.time));
        }
        match lacks_memory(said) {
            true => Err(WorkerError::Memory(self.bounds.memory_bytes)),
            false => Err(WorkerError::Crashed { end, said: in_one_line(said) }),
        }
    }
}

/// By what an allocator, a failed `mmap` and wasmtime say.
fn lacks_memory(said: &str) -> bool {
    ["memory allocation of", "Cannot allocate memory", "out of memory"]
        .iter()
        .any(|words| said.contains(words))
}

/// This very program, even when its file was replaced since it was started: a worker of another build would compile what
/// we cannot load.
///
/// # Errors
/// When the system does not say.
pub fn this_program() -> io::Result<PathBuf> {
    let ourselves = Path::new("/proc/self/exe");
    if ourselves.exists() { Ok(ourselves.into()) } else { env::current_exe() }
}

pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(THREADS)
}

/// All at once, so that no full pipe waits for another.
async fn talk(
    child: &mut Child,
    input: &[u8],
    most_output: usize,
    said: &mut Vec<u8>,
) -> Result<(ExitStatus, Vec<u8>), WorkerError> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut pipe) = stdin {
            // A child that ends without having read all of it says why in its own way.
            let _ = pipe.write_all(input).await;
        }
        Ok(())
    };
    let mut answer = Vec::new();
    let answered = read(stdout, most_output, most_output, &mut answer);
    let spoken = read(stderr, MOST_SAID_BYTES, 4 * TEXT_BYTES, said);
    let ended = async { child.wait().await.map_err(WorkerError::Start) };
    let (end, ..) = tokio::try_join!(ended, feed, answered, spoken)?;
    Ok((end, answer))
}

/// Of at most `most` bytes the last `kept` or some more.
async fn read(
    pipe: Option<impl AsyncRead + Unpin>,
    most: usize,
    kept: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), WorkerError> {
    let (mut pipe, mut count) = (pipe.expect("it was asked for"), 0);
    loop {
        bytes.reserve(TEXT_BYTES);
        // A pipe that breaks ends what is said; the status says the rest.
        let more = pipe.read_buf(bytes).await.unwrap_or(0);
        count += more;
        if count > most {
            return Err(WorkerError::Output(most));
        }
        if bytes.len() >= 2 * kept {
            bytes.drain(..bytes.len() - kept);
        }
        if more == 0 {
            return Ok(());
        }
    }
}

fn in_one_line(said: &str) -> String {
    let idle = |line: &&str| !line.is_empty() && !line.starts_with("note: run with `RUST_BACKTRACE");
    let lines: Vec<&str> = said.lines().map(str::trim).filter(idle).collect();
    printable(&lines.join("; "), TEXT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_read_is_the_end_and_bounded() {
        let text: Vec<u8> = (0..100_000_u32).map(|at| at as u8).collect();
        let part = async |most, kept| {
            let mut bytes = Vec::new();
            read(Some(&text[..]), most, kept, &mut bytes).await.map(|()| bytes)
        };
        assert_eq!(part(100_000, 100_000).await.unwrap(), text);
        let end = part(100_000, 7).await.unwrap();
        assert!((7..14).contains(&end.len()) && text.ends_with(&end));
        assert!(matches!(part(99_999, 7).await, Err(WorkerError::Output(99_999))));
        assert!(matches!(part(0, 0).await, Err(WorkerError::Output(0))));
    }

    #[test]
    fn how_a_child_ended_says_why() {
        let workers = Workers::new("none".into(), Vec::new(), BOUNDS);
        let judged = |raw, said| workers.judge(ExitStatus::from_raw(raw), b"answer".to_vec(), said);
        let (refused, abort, kill, cpu) = (i32::from(REFUSED) << 8, 6, 9, 24);
        assert_eq!(judged(0, "memory allocation of 1 bytes failed").unwrap(), b"answer");
        assert!(
            matches!(judged(refused, "out of memory"), Err(WorkerError::Refused(why)) if why == "answer")
        );
        assert!(matches!(judged(cpu, ""), Err(WorkerError::Time(_))));
        assert!(matches!(judged(abort, "memory allocation of 1 bytes failed"), Err(WorkerError::Memory(64))));
        assert!(matches!(
            judged(1 << 8, "Cannot allocate memory (os error 12)"),
            Err(WorkerError::Memory(_))
        ));
        // Whoever that was: the system out of memory, or a person.
        assert!(matches!(judged(kill, ""), Err(WorkerError::Crashed { end, .. }) if end.signal() == Some(9)));
    }

    const BOUNDS: Bounds = Bounds { time: Duration::from_secs(1), memory_bytes: 64, at_once: 0 };

    #[test]
    fn what_a_child_says_is_one_line() {
        let said = "\nthread 'main' panicked at a.rs:1:\nno\x1b[2J\nnote: run with `RUST_BACKTRACE=1` …\n";
        assert_eq!(in_one_line(said), "thread 'main' panicked at a.rs:1:; no\\u{1b}[2J");
    }
}
