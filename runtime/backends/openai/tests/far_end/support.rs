//! Asking, and what was heard.
use backend_openai::{OpenAi, Options, Timeouts};
use egress::{Dialer, Roots, Way};
use futures::future::BoxFuture;
use platforms::openai::{Api, Reply, Stream};
use ports::agent::{Backend, Failed, Gone, Message, Question, Say, Turn};
use ports::identity::InstanceId;
use ports::secret::Secret;
use std::time::Duration;

/// Past this a test has failed. Never reached by one that passes.
const DEADLINE: Duration = Duration::from_secs(20);

/// What was said, piece by piece; after `most` pieces the connector is gone.
pub struct Heard {
    pub pieces: Vec<String>,
    pub most: usize,
}

impl Default for Heard {
    fn default() -> Self {
        Self { pieces: Vec::new(), most: usize::MAX }
    }
}

impl Heard {
    pub fn text(&self) -> String {
        self.pieces.concat()
    }
}

impl Say for Heard {
    fn append<'a>(&'a mut self, piece: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        Box::pin(async move {
            if self.pieces.len() == self.most {
                return Err(Gone);
            }
            self.pieces.push(piece.into());
            Ok(())
        })
    }

    fn replace<'a>(&'a mut self, whole: &'a str) -> BoxFuture<'a, Result<(), Gone>> {
        panic!("a completion only goes on; said was {whole:?}")
    }
}

pub fn options(api: &Api) -> Options {
    Options {
        api_key: Some(Secret::new(api.key().into())),
        // None of them passes in a test that works.
        timeouts: Timeouts { idle: Duration::from_secs(30), ..Timeouts::default() },
        ..Options::new(api.base_url(), api.model())
    }
}

pub fn backend(options: Options) -> OpenAi {
    let way = Way { private: vec!["127.0.0.0/8".parse().unwrap()], ..Way::default() };
    OpenAi::new(options, Dialer::new(Roots::public()).way(way)).unwrap()
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

pub fn turn(from_agent: bool, text: &str) -> Turn {
    Turn { from_agent, text: text.into() }
}

pub async fn ask(backend: &OpenAi, text: &str) -> (Heard, Result<(), Failed>) {
    ask_on(backend, text, "").await
}

/// After `said` was posted.
pub async fn ask_on(backend: &OpenAi, text: &str, said: &str) -> (Heard, Result<(), Failed>) {
    let (mut heard, message) = (Heard::default(), message(text));
    let question = Question { message: &message, memory: &[], said, repeated: false };
    let outcome = tokio::time::timeout(DEADLINE, backend.answer(question, &mut heard)).await;
    (heard, outcome.expect("an answer or a failure in time"))
}

/// One question to a server that answers it like this.
pub async fn met(stream: Stream) -> (Heard, Result<(), Failed>) {
    let api = Api::start().await.unwrap();
    api.will(stream);
    ask(&backend(options(&api)), "hello").await
}

pub async fn met_by(reply: Reply) -> Failed {
    let api = Api::start().await.unwrap();
    api.will(reply);
    ask(&backend(options(&api)), "hello").await.1.unwrap_err()
}

/// The reason and the wait of a failure that is to be tried again.
#[track_caller]
pub fn unavailable(outcome: Result<(), Failed>) -> (String, Option<Duration>) {
    match outcome {
        Err(Failed::Unavailable { why, retry_after }) => (why, retry_after),
        other => panic!("not unavailable but {other:?}"),
    }
}
