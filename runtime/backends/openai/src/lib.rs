//! An agent behind the Chat Completions API: OpenAI itself, and the many servers that speak the same.
//!
//! Use when a model should answer by itself, with the last turns of the conversation as its only memory. Not for an
//! agent with tools or a memory of its own.
//!
//! Each message is one streamed request over a connection of its own, so that dropping the answer ends it at the far
//! end too, and no idle connection can be found dead by a message. It is dialled through [`ports::dial::Dial`], like
//! everything else; no proxy is taken from the environment. Nothing is repeated in here: what a repeat may mend is
//! [`Failed::Unavailable`], and whoever asks again says how much of the answer was posted by then.
//!
//! Neither the key nor the text of a message gets into an error or a log line. What the far end gives as its reason may
//! get there: shortened, and with the key taken out.
mod chunk;
mod complaint;
mod events;
mod exchange;
mod hearing;
mod messages;
mod options;
mod refusal;
mod retry_after;
mod streak;

pub use options::{Invalid, Options, Timeouts};

use complaint::Complaint;
use exchange::{Body, Exchange};
use futures::future::BoxFuture;
use hearing::{Ended, Hearing};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use options::Checked;
use ports::agent::{Backend, Failed, Question, Say};
use ports::dial::Dial;
use refusal::Refusal;
use std::sync::Arc;
use std::time::SystemTime;
use streak::Streak;
use tracing::{Instrument, debug, debug_span};

/// One model of one server, for any number of messages at once.
pub struct OpenAi {
    options: Checked,
    exchange: Exchange,
    streak: Streak,
}

impl OpenAi {
    /// Nothing is dialled yet: a server that is down now may be up when a message comes.
    ///
    /// # Errors
    /// [`Invalid`], naming the option.
    pub fn new(options: Options, dial: Arc<dyn Dial>) -> Result<Self, Invalid> {
        let options = Checked::new(options)?;
        let exchange = Exchange::new(dial, options.url.clone(), options.timeouts);
        Ok(Self { options, exchange, streak: Streak::default() })
    }

    async fn ask(&self, question: Question<'_>, say: &mut dyn Say) -> Result<(), Failed> {
        let body = messages::request(&self.options, &question);
        let (head, mut body) = self.exchange.post(self.options.key.as_ref(), body).await?;
        if let Err(refusal) = self.admit(&head, &mut body).await {
            return Err(self.refused(refusal));
        }
        self.streak.mended();
        Hearing::new(question.said.len(), say).listen(&mut body).await.map_err(|ended| match ended {
            Ended::Failed(failed) => failed,
            Ended::Complained(complaint) => {
                self.refused(Refusal::in_stream(&complaint.cleaned(self.options.key.as_ref())))
            }
        })
    }

    /// Nothing if an event stream follows.
    async fn admit(&self, head: &http::response::Parts, body: &mut Body) -> Result<(), Refusal> {
        let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = kind.split(';').next().unwrap_or_default().trim();
        if head.status == StatusCode::OK && media_type.eq_ignore_ascii_case("text/event-stream") {
            return Ok(());
        }
        let complaint = Complaint::read(&body.short().await).cleaned(self.options.key.as_ref());
        let retry_after = retry_after::of(&head.headers, SystemTime::now());
        Err(Refusal::of_head(head.status, &complaint, retry_after))
    }

    fn refused(&self, Refusal { failed, mistake }: Refusal) -> Failed {
        if let Some(mistake) = mistake {
            self.streak.mistaken(mistake, &failed);
        }
        failed
    }
}

impl Backend for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>> {
        let message = question.message;
        let span = debug_span!("openai.answer", instance = %message.instance, ticket = message.ticket);
        let answering = async move {
            let outcome = self.ask(question, say).await;
            match &outcome {
                Ok(()) => debug!("answered"),
                Err(failed) => debug!(%failed, "not answered"),
            }
            outcome
        };
        Box::pin(answering.instrument(span))
    }

    fn memory_turns(&self) -> usize {
        self.options.memory_turns
    }
}
