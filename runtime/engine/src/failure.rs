//! Why an instance died, told apart so that a supervisor can blame, count and say so.
use wasmtime::component::ResourceTableError;
use wasmtime::{Error, Trap};
use wasmtime_wasi::I32Exit;

/// Said by our own limiter; wasmtime passes it through the guest unchanged.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OverLimit {
    #[error("memory over its limit")]
    Memory,
    #[error("table over its limit")]
    Table,
}

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
    #[error("a handler took longer than its time")]
    Deadline,
    #[error("a call that blocks held the whole instance")]
    Blocked,
    #[error("start found the configuration wrong: {0}")]
    Configuration(String),
    #[error("start found something not ready: {0}")]
    Unavailable(String),
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
            };
        }
        if let Some(ResourceTableError::Full) = error.downcast_ref() {
            return Self::Handles;
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            return Self::Exit(*status);
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
            _ => Self::Contract(cause),
        }
    }
}
