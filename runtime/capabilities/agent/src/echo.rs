//! The embedded backend: says again what it was told, in two paragraphs. For trying out connectors and for tests.
use futures::FutureExt;
use futures::future::BoxFuture;
use ports::agent::{Backend, Failed, Question, Say};

#[derive(Debug, Default)]
pub struct Echo;

impl Backend for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn answer<'a>(
        &'a self,
        question: Question<'a>,
        say: &'a mut dyn Say,
    ) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            let answer = format!("{}, you said:\n\n{}", question.message.sender_label, question.message.text);
            // After an interruption only the rest is said.
            say.append(answer.strip_prefix(question.said).unwrap_or_default()).await?;
            Ok(())
        }
        .boxed()
    }
}
