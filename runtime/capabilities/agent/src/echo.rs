//! The embedded backend: says again what it was told, in two paragraphs. For trying out connectors and for tests.
use crate::backend::{Backend, Failed, Message, Say};
use futures::FutureExt;
use futures::future::BoxFuture;

#[derive(Debug, Default)]
pub struct Echo;

impl Backend for Echo {
    fn answer<'a>(&'a self, message: &'a Message, say: &'a mut Say) -> BoxFuture<'a, Result<(), Failed>> {
        async move {
            say.append(&format!("{}, you said:\n\n", message.sender_label)).await?;
            say.append(&message.text).await
        }
        .boxed()
    }
}
