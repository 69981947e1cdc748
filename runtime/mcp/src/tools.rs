//! What is served: a set of tools that may change while it is served.
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::watch;

/// Who has the tools. A panic in it is an answer to one call, and said in the log.
pub trait Toolset: Send + Sync + 'static {
    /// What is offered now; cheap.
    fn tools(&self) -> Vec<Tool>;

    /// Runs one tool. The arguments were held against its schema. Dropped when the client cancels, its session ends, or
    /// it takes too long.
    ///
    /// # Errors
    /// See [`CallError`].
    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, CallError>>;

    /// Its value changes whenever [`tools`](Self::tools) would answer something else; changed after that, not before.
    fn changes(&self) -> watch::Receiver<u64>;
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// For the model.
    pub description: String,
    /// A JSON Schema, an object.
    pub arguments: Arc<Map<String, Value>>,
}

/// Why a call has no result. All but [`Unknown`](Self::Unknown) reach the model as a result that is an error; the text
/// is for it to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No tool of that name: an error of the protocol, which names what there is.
    #[error("there is no such tool")]
    Unknown,
    #[error("the arguments are not valid: {0}")]
    Invalid(String),
    #[error("the tool failed: {0}")]
    Failed(String),
    #[error("the tool is busy: {0}")]
    Busy(String),
    #[error("the tool is not available: {0}")]
    Unavailable(String),
}
