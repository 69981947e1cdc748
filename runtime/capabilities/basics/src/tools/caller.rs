//! The host's side: call a tool or command of an instance by its names.
use contract::Offers;
use ports::clock::first_number;
use ports::identity::InstanceId;
use ports::mailbox::Mailbox;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// One call, on its way to the guest.
#[derive(Clone)]
pub struct Request {
    pub kind: Kind,
    pub name: String,
    pub arguments: Arc<str>,
    pub sequence: u64,
    answer: Arc<Mutex<Option<Answer>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tool,
    Command,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("no instance {0} is running")]
    UnknownInstance(String),
    #[error("{instance} has no {what} {name:?}; it has {offered}")]
    UnknownName { instance: String, what: &'static str, name: String, offered: String },
    #[error("the arguments are not a JSON object")]
    NotAnObject,
    #[error("the arguments are wrong: {0}")]
    Invalid(String),
    #[error("the connector could not do it: {0}")]
    Failed(String),
    #[error("too many calls wait for this instance already")]
    Busy,
    #[error("the instance died in the call; it may have taken effect")]
    Died,
    #[error("no answer within {0} s; it may still take effect")]
    Timeout(u64),
    #[error("the answer of {0} bytes is over the limit of {MAX_ANSWER_BYTES}")]
    TooLarge(usize),
}

/// Longer than any handler may take by default, so that the guest's own time-out is told.
const PATIENCE: Duration = Duration::from_secs(60);

/// The limit that `tools.wit` promises.
const MAX_ANSWER_BYTES: usize = 256 << 10;

/// The way into one instance.
#[derive(Clone)]
pub struct Toolbox {
    mailbox: Mailbox<Request>,
    offers: Arc<Offers>,
    has_handler: bool,
    sequence: Arc<AtomicU64>,
}

/// Who can be called now.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<BTreeMap<InstanceId, Toolbox>>>);

/// While it lives, the instance can be called.
pub struct Listed {
    calls: Calls,
    id: InstanceId,
}

impl Calls {
    pub(super) fn list(&self, id: InstanceId, toolbox: Toolbox) -> Listed {
        self.lock().insert(id.clone(), toolbox);
        Listed { calls: self.clone(), id }
    }

    /// `name` with a leading slash is a command, otherwise a tool whose arguments are a JSON object. Waits for the
    /// answer, at most a minute.
    ///
    /// # Errors
    /// [`CallError`], whose text says what to do.
    pub async fn call(&self, id: &InstanceId, name: &str, arguments: &str) -> Result<String, CallError> {
        let toolbox = self.lock().get(id).cloned();
        let toolbox = toolbox.ok_or_else(|| CallError::UnknownInstance(id.to_string()))?;
        toolbox.call(id, name, arguments).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<InstanceId, Toolbox>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.id);
    }
}

impl Toolbox {
    pub(super) fn new(mailbox: Mailbox<Request>, offers: Arc<Offers>, has_handler: bool) -> Self {
        let sequence = Arc::new(AtomicU64::new(first_number()));
        Self { mailbox, offers, has_handler, sequence }
    }

    async fn call(&self, id: &InstanceId, name: &str, arguments: &str) -> Result<String, CallError> {
        let (kind, what, name, offered) = match name.strip_prefix('/') {
            Some(command) => (Kind::Command, "command", command, &self.offers.commands),
            None => (Kind::Tool, "tool", name, &self.offers.tools),
        };
        if !self.has_handler || !offered.iter().any(|offer| offer == name) {
            let offered = if offered.is_empty() { "none".into() } else { offered.join(", ") };
            return Err(CallError::UnknownName {
                instance: id.to_string(),
                what,
                name: name.into(),
                offered,
            });
        }
        if kind == Kind::Tool
            && !serde_json::from_str(arguments).is_ok_and(|json: serde_json::Value| json.is_object())
        {
            return Err(CallError::NotAnObject);
        }
        let (answer, answered) = oneshot::channel();
        let request = Request {
            kind,
            name: name.into(),
            arguments: arguments.into(),
            sequence: self.sequence.fetch_add(1, Relaxed),
            answer: Arc::new(Mutex::new(Some(Answer(answer)))),
        };
        self.mailbox.try_post(request, arguments.len()).map_err(|_| CallError::Busy)?;
        match timeout(PATIENCE, answered).await {
            Ok(Ok(Ok(text))) if text.len() > MAX_ANSWER_BYTES => Err(CallError::TooLarge(text.len())),
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(CallError::Died),
            Err(_) => Err(CallError::Timeout(PATIENCE.as_secs())),
        }
    }
}

/// The caller's end of a request; dropped unused, the caller learns that the instance died.
pub(super) struct Answer(oneshot::Sender<Result<String, CallError>>);

impl Answer {
    pub(super) fn give(self, result: Result<String, CallError>) {
        let _ = self.0.send(result);
    }
}

impl Request {
    pub(super) fn take_answer(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::mailbox::{Capacity, Queue, queue};

    fn calls() -> (Calls, Listed, Queue<Request>, InstanceId) {
        let (post, queue) = queue(Default::default());
        let mailbox = post.room(|request| request, Capacity { events: 2, bytes: 8192 });
        let offers = Offers { tools: vec!["send".into()], commands: vec!["state".into()] };
        let id = InstanceId::new("default", "occum", "main").unwrap();
        let calls = Calls::default();
        let listed = calls.list(id.clone(), Toolbox::new(mailbox, offers.into(), true));
        (calls, listed, queue, id)
    }

    #[tokio::test]
    async fn a_call_gets_the_guests_answer() {
        let (calls, _listed, mut queue, id) = calls();
        let guest = async {
            let letter = queue.next().await.unwrap();
            assert_eq!((letter.event.kind, &*letter.event.name), (Kind::Command, "state"));
            letter.event.take_answer().unwrap().give(Ok("fine".into()));
        };
        let (answer, ()) = tokio::join!(calls.call(&id, "/state", "now"), guest);
        assert_eq!(answer, Ok("fine".into()));
    }

    #[tokio::test]
    async fn a_death_in_the_call_is_told_and_the_call_not_repeated() {
        let (calls, _listed, mut queue, id) = calls();
        let guest = async {
            let letter = queue.next().await.unwrap();
            drop(letter.event.take_answer());
            assert!(letter.event.take_answer().is_none(), "a second delivery has nobody to answer");
        };
        let (answer, ()) = tokio::join!(calls.call(&id, "send", "{}"), guest);
        assert_eq!(answer, Err(CallError::Died));
    }

    #[tokio::test]
    async fn what_is_not_offered_is_not_called() {
        let (calls, listed, _queue, id) = calls();
        let unknown = calls.call(&id, "sned", "{}").await.unwrap_err();
        assert_eq!(unknown.to_string(), r#"default/occum/main has no tool "sned"; it has send"#);
        assert!(matches!(calls.call(&id, "/send", "").await, Err(CallError::UnknownName { .. })));
        assert_eq!(calls.call(&id, "send", "[1]").await, Err(CallError::NotAnObject));
        drop(listed);
        assert!(matches!(calls.call(&id, "send", "{}").await, Err(CallError::UnknownInstance(_))));
    }
}
