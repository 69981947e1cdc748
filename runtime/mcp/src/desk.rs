//! One set of tools as it is called: looked up, checked, counted, timed, and its answer kept within bounds.
use crate::limits::Limits;
use crate::schema::cut;
use crate::shelf::{Entry, Shelf};
use crate::tools::{CallError, Toolset};
use futures::FutureExt;
use rmcp::model::{CallToolResult, ContentBlock, ErrorData};
use serde_json::{Map, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tracing::warn;

/// Of a text that says what went wrong.
const MOST_ERROR_BYTES: usize = 8 << 10;

pub(crate) struct Desk {
    name: String,
    toolset: Arc<dyn Toolset>,
    changes: watch::Receiver<u64>,
    shelf: Mutex<Arc<Shelf>>,
    calls: Semaphore,
    limits: Limits,
}

impl Desk {
    pub fn new(name: String, toolset: Arc<dyn Toolset>, limits: Limits) -> Self {
        let changes = toolset.changes();
        let calls = Semaphore::new(limits.calls.min(Semaphore::MAX_PERMITS));
        // Of another version, so that it is filled when it is asked for.
        let version = changes.borrow().wrapping_sub(1);
        let shelf = Mutex::new(Arc::new(Shelf::empty(version)));
        Self { name, toolset, changes, shelf, calls, limits }
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// What is offered now.
    ///
    /// # Errors
    /// The set of tools panicked.
    pub fn shelf(&self) -> Result<Arc<Shelf>, ErrorData> {
        // NB: before the tools. What changes in between is noticed next time.
        let version = *self.changes.borrow();
        let former = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if former.version == version {
            return Ok(former);
        }
        let Ok(tools) = catch_unwind(AssertUnwindSafe(|| self.toolset.tools())) else {
            warn!(endpoint = %self.name, "a set of tools panicked when asked what it offers");
            return Err(ErrorData::internal_error("the tools cannot be listed now; try again later", None));
        };
        let shelf = Arc::new(Shelf::new(version, tools, &former));
        *self.shelf.lock().unwrap_or_else(PoisonError::into_inner) = shelf.clone();
        Ok(shelf)
    }

    /// # Errors
    /// There is no such tool.
    pub async fn call(&self, name: &str, arguments: Map<String, Value>) -> Result<CallToolResult, ErrorData> {
        let shelf = self.shelf()?;
        let unknown = || ErrorData::invalid_params(format!("no tool of that name: {}", shelf.names()), None);
        let entry = shelf.find(name).ok_or_else(unknown)?;
        match self.run(&entry, arguments).await {
            Ok(value) => Ok(self.result(value)),
            Err(CallError::Unknown) => Err(unknown()),
            Err(error) => Ok(failed(error.to_string())),
        }
    }

    async fn run(&self, entry: &Entry, arguments: Map<String, Value>) -> Result<Value, CallError> {
        let Ok(_call) = self.calls.try_acquire() else {
            let why = format!("{} calls are running; try again when one has ended", self.limits.calls);
            return Err(CallError::Busy(why));
        };
        let mut arguments = Value::Object(arguments);
        entry.check(&self.name, &arguments).map_err(CallError::Invalid)?;
        let arguments = arguments.as_object_mut().map(std::mem::take).unwrap_or_default();
        let name = &entry.tool.name;
        let calling = async { self.toolset.call(name, arguments).await };
        let calling = AssertUnwindSafe(calling).catch_unwind();
        match timeout(self.limits.call_timeout, calling).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                warn!(endpoint = %self.name, tool = %name, "a tool panicked");
                Err(CallError::Failed("it broke off; what it has done is not known".into()))
            }
            Err(_) => {
                let after = self.limits.call_timeout;
                Err(CallError::Failed(format!("no answer within {after:?}; what it has done is not known")))
            }
        }
    }

    fn result(&self, value: Value) -> CallToolResult {
        let text = value.to_string();
        let most = self.limits.answer_bytes;
        if text.len() > most {
            let bytes = text.len();
            return failed(format!(
                "the answer has {bytes} bytes, at most {most} are passed on; ask for less"
            ));
        }
        let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
        result.structured_content = value.is_object().then_some(value);
        result
    }
}

fn failed(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(cut(text, MOST_ERROR_BYTES))])
}
