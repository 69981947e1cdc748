//! Why an instance died, told apart so that a supervisor can blame, count and say so.
use contract::OverLimit;
use ports::limit::Limit;
use ports::log_budget::printable;
use wasmtime::component::ResourceTableError;
use wasmtime::{Error, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    #[error("kept the CPU longer than its budget without waiting")]
    Cpu,
    #[error("wanted more memory than its limit")]
    Memory,
    #[error("wanted more table elements than its limit")]
    Table,
    #[error("held more handles than its limit")]
    Handles,
    #[error("has more parts (core instances, memories or tables) than its limit")]
    Parts,
    #[error("had more host calls at once than its limit")]
    HostCalls,
    #[error("called an import that it was not given")]
    NotGiven,
    #[error("passed more bytes in one host call than its limit")]
    HostcallBytes,
    #[error("ran out of stack")]
    Stack,
    /// A Rust panic, an abort or a failed assertion: all are `unreachable`.
    #[error("panicked")]
    Panic,
    #[error("called exit with status {0}")]
    Exit(i32),
    #[error("took longer than its time")]
    Deadline,
    #[error("a call that blocks held the whole instance")]
    Blocked,
    #[error("took no more events")]
    Deaf,
    #[error("start found the configuration wrong: {0}")]
    Configuration(String),
    #[error("start found something not ready: {0}")]
    Unavailable(String),
    /// Nothing that the connector did.
    #[error("the machine has nothing left for it: {0}")]
    Machine(String),
    #[error("trapped: {0}")]
    Trap(Trap),
    #[error("broke its contract with the runtime: {0}")]
    Contract(String),
}

impl Failure {
    pub fn of(error: &Error) -> Self {
        if let Some(limit) = error.downcast_ref::<OverLimit>() {
            return match limit {
                OverLimit::Memory => Self::Memory,
                OverLimit::Table => Self::Table,
                OverLimit::HostCalls => Self::HostCalls,
            };
        }
        if let Some(ResourceTableError::Full) = error.downcast_ref() {
            return Self::Handles;
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            return Self::Exit(*status);
        }
        // What the operating system refuses is not the guest's fault.
        if let Some(why) = refused_by_the_system(error) {
            return Self::Machine(why);
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Self::Cpu,
            Some(Trap::StackOverflow) => Self::Stack,
            Some(Trap::UnreachableCodeReached) => Self::Panic,
            Some(trap) => Self::Trap(*trap),
            None => Self::by_its_words(error.root_cause().to_string()),
        }
    }

    /// wasmtime 48 has no public type for these; a test must fail when an upgrade changes the words.
    fn by_its_words(cause: String) -> Self {
        match &cause {
            cause if cause.contains("fuel allocated for hostcalls") => Self::HostcallBytes,
            cause if cause.contains("handle limit exceeded") => Self::Handles,
            cause if cause.starts_with("unknown import") => Self::NotGiven,
            cause if cause.starts_with("resource limit exceeded") => Self::Parts,
            // Of the engine, for the instance: a million globals are such a thing.
            cause if cause.starts_with("out of memory") => Self::Memory,
            _ => Self::Contract(cause),
        }
    }
}

impl Failure {
    /// One word for counters and for programs.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Handles => "handles",
            Self::Parts => "parts",
            Self::HostCalls => "host-calls",
            Self::NotGiven => "not-given",
            Self::HostcallBytes => "host-call-bytes",
            Self::Stack => "stack",
            Self::Panic => "panic",
            Self::Exit(_) => "exit",
            Self::Deadline => "deadline",
            Self::Blocked => "blocked",
            Self::Deaf => "deaf",
            Self::Configuration(_) => "configuration",
            Self::Unavailable(_) => "unavailable",
            Self::Machine(_) => "machine",
            Self::Trap(_) => "trap",
            Self::Contract(_) => "contract",
        }
    }

    /// The limit that it came up against, where its own words do not need the door to tell.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Self::Cpu => Some(Limit::Cpu),
            Self::Deaf | Self::Blocked => Some(Limit::Handler),
            Self::Memory => Some(Limit::Memory),
            Self::Table => Some(Limit::Table),
            Self::Handles => Some(Limit::Handles),
            Self::HostCalls => Some(Limit::HostCalls),
            Self::HostcallBytes => Some(Limit::HostCallBytes),
            _ => None,
        }
    }

    /// Whether the connector is to blame: only then it is set aside for failing too often.
    pub fn is_the_guests(&self) -> bool {
        !matches!(self, Self::Unavailable(_) | Self::Machine(_))
    }
}

/// Whatever it is wrapped in: a memory, a file in memory, a stack.
pub(crate) fn refused_by_the_system(error: &Error) -> Option<String> {
    if let Some(errno) = error.downcast_ref::<rustix::io::Errno>() {
        return Some(errno.to_string());
    }
    error.chain().find_map(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(ToString::to_string);
        io.or_else(|| cause.downcast_ref::<rustix::io::Errno>().map(ToString::to_string))
    })
}

/// The end of an instance, with where in its code.
#[derive(Debug)]
pub struct Died {
    pub failure: Failure,
    /// Innermost first.
    pub trace: Vec<String>,
}

const MOST_FRAMES: usize = 16;
const FRAME_BYTES: usize = 160;

impl From<Failure> for Died {
    fn from(failure: Failure) -> Self {
        Self { failure, trace: Vec::new() }
    }
}

impl From<Error> for Died {
    fn from(error: Error) -> Self {
        let trace = error.downcast_ref::<WasmBacktrace>().map(trace).unwrap_or_default();
        Self { failure: Failure::of(&error), trace }
    }
}

/// By the names in the component, where it has them: they are the connector's own words.
fn trace(backtrace: &WasmBacktrace) -> Vec<String> {
    let frame = |frame: &wasmtime::FrameInfo| {
        let at = frame.module_offset().map(|offset| format!(" at {offset:#x}")).unwrap_or_default();
        match frame.func_name() {
            Some(name) => printable(&format!("{}{at}", demangled(name)), FRAME_BYTES),
            None => format!("function {}{at}", frame.func_index()),
        }
    };
    backtrace.frames().iter().take(MOST_FRAMES).map(frame).collect()
}

/// `_ZN7trapper4trap17h0123456789abcdefE` is `trapper::trap`.
fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
