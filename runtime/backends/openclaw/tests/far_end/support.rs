//! Asking, and what was heard.
use backend_openclaw::{OpenClaw, Options, Timeouts};
use egress::{Dialer, Roots, Way};
use futures::future::BoxFuture;
use keyring::{OperatorKey, Ring};
use platforms::openclaw::scripted::{Gateway, Settings, Step};
use ports::agent::{Backend, Failed, Gone, Message, Question, Say};
use ports::clock::epoch_ms;
use ports::identity::InstanceId;
use ports::secret::Secret;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Past this a test has failed. Never reached by one that passes.
const DEADLINE: Duration = Duration::from_secs(40);

/// The session of [`message`].
pub const SESSION: &str = "agent:main:occum:main:general";
/// Its run.
pub const RUN: &str = "cr-ticket-1";

/// A gateway, a key ring in a folder, and the backend between them.
pub struct House {
    pub gateway: Gateway,
    pub backend: OpenClaw,
    pub folder: TempDir,
}

impl House {
    pub async fn new() -> Self {
        Self::with(Settings::default(), |options| options).await
    }

    pub async fn with(settings: Settings, change: impl FnOnce(Options) -> Options) -> Self {
        let gateway = Gateway::start_with(settings).await.unwrap();
        let folder = TempDir::new().unwrap();
        let backend = backend(change(options(&gateway.url(), gateway.token())), folder.path());
        Self { gateway, backend, folder }
    }

    /// One question to a gateway that answers it like this.
    pub async fn met(steps: impl IntoIterator<Item = Step>) -> (Heard, Result<(), Failed>) {
        let house = Self::new().await;
        house.gateway.next_run(steps);
        ask(&house.backend, &message("hello")).await
    }
}

/// Short where a test waits for the end of it, long where it must not come.
pub fn options(url: &str, token: &str) -> Options {
    let timeouts = Timeouts {
        connect: Duration::from_secs(20),
        request: Duration::from_secs(20),
        patience: Duration::from_secs(20),
        quiet: Duration::from_secs(30),
        resume: Duration::from_secs(30),
        approval: Duration::from_millis(50),
    };
    Options { token: Some(Secret::new(token.into())), timeouts, ..Options::new(url) }
}

pub fn backend(options: Options, folder: &Path) -> OpenClaw {
    let way = Way { private: vec!["127.0.0.0/8".parse().unwrap()], ..Way::default() };
    let key = OperatorKey::parse(&Secret::new("07".repeat(32))).unwrap();
    let ring = Ring::open(&folder.join("keys"), key, vec![], Arc::new(epoch_ms)).unwrap();
    OpenClaw::new(options, Dialer::new(Roots::public()).way(way), Arc::new(ring)).unwrap()
}

pub fn message(text: &str) -> Message {
    Message {
        instance: InstanceId::new("default", "occum", "main").unwrap(),
        ticket: "ticket-1".into(),
        conversation: "general".into(),
        sender_id: "42".into(),
        sender_label: "Ada".into(),
        sender_is_owner: false,
        to: "general".into(),
        in_group: false,
        sent_at_ms: 0,
        meta: vec![],
        text: text.into(),
    }
}

/// Another message of another conversation.
pub fn elsewhere(text: &str) -> Message {
    Message { ticket: "ticket-2".into(), conversation: "elsewhere".into(), ..message(text) }
}

type Taken = BoxFuture<'static, Result<(), Gone>>;
type Then = Box<dyn FnMut(&str) -> Taken + Send>;

/// What was said: the whole text each time that it changed. Before each of them `then` is done.
#[derive(Default)]
pub struct Heard {
    pub wholes: Vec<String>,
    pub then: Option<Then>,
}

impl Heard {
    /// Something happens at each piece, such as that the gateway may go on.
    pub fn then(mut does: impl FnMut(&str) + Send + 'static) -> Self {
        Self::then_slowly(move |text| {
            does(text);
            Box::pin(std::future::ready(Ok(())))
        })
    }

    pub fn then_slowly(does: impl FnMut(&str) -> Taken + Send + 'static) -> Self {
        Self { wholes: Vec::new(), then: Some(Box::new(does)) }
    }

    pub fn text(&self) -> &str {
        self.wholes.last().map_or("", String::as_str)
    }
}

impl Say for Heard {
    fn append<'a>(&'a mut self, piece: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        Box::pin(async move {
            let whole = format!("{}{piece}", self.text());
            self.replace(&whole).await
        })
    }

    fn replace<'a>(&'a mut self, whole: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        Box::pin(async move {
            if let Some(then) = &mut self.then {
                then(whole).await?;
            }
            if self.text() != whole {
                self.wholes.push(whole.to_owned());
            }
            Ok(())
        })
    }
}

pub async fn ask(backend: &OpenClaw, message: &Message) -> (Heard, Result<(), Failed>) {
    let mut heard = Heard::default();
    let outcome = ask_into(backend, message, false, &mut heard).await;
    (heard, outcome)
}

pub async fn ask_into(
    backend: &OpenClaw,
    message: &Message,
    repeated: bool,
    heard: &mut Heard,
) -> Result<(), Failed> {
    let question = Question { message, memory: &[], said: "", repeated };
    let outcome = timeout(DEADLINE, backend.answer(question, heard)).await;
    outcome.expect("an answer or a failure in time")
}

/// What the room does: asks again as long as the agent is not available. Also how often it was not.
pub async fn see_through(
    backend: &OpenClaw,
    message: &Message,
    heard: &mut Heard,
) -> (usize, Result<(), Failed>) {
    for attempt in 0.. {
        let outcome = ask_into(backend, message, attempt > 0, heard).await;
        let Err(Failed::Unavailable { retry_after, .. }) = outcome else { return (attempt, outcome) };
        heard.wholes.clear();
        sleep(retry_after.unwrap_or(Duration::from_millis(50))).await;
    }
    unreachable!("it is asked for ever")
}

/// The reason and the wait of a failure that is to be tried again.
#[track_caller]
pub fn unavailable(outcome: Result<(), Failed>) -> (String, Option<Duration>) {
    match outcome {
        Err(Failed::Unavailable { why, retry_after }) => (why, retry_after),
        other => panic!("not unavailable but {other:?}"),
    }
}

/// Waits until it stands so with the gateway; answers all that is said of it.
pub async fn stands(backend: &OpenClaw, state: &str) -> serde_json::Value {
    let waiting = async {
        loop {
            let now = backend.state();
            if now["state"] == state {
                return now;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("never {state}: {}", backend.state()))
}
