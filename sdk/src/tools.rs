//! Tools that the connector offers to the agent, and commands that it offers to people. Both are listed in its
//! [`Descriptor`](crate::Descriptor); the host calls nothing else.

use crate::Event;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Receives the calls of tools and commands. Limit: the handler's time.
#[expect(async_fn_in_trait, reason = "a guest has one thread: no future of it has to be Send")]
pub trait Handler: crate::Connector {
    /// Answers at most 256 KiB of JSON. Never repeated by the host: when the instance dies in it, the caller is told.
    async fn call(&self, event: Event, name: String, arguments: Arguments) -> Result<Value, Error> {
        let _ = (event, arguments);
        Err(Error::Failed(format!("no tool {name}")))
    }

    /// `arguments` is the text behind the command's name. The answer is text for people.
    async fn command(&self, event: Event, name: String, arguments: String) -> Result<String, Error> {
        let _ = (event, arguments);
        Err(Error::Failed(format!("no command {name}")))
    }
}

/// The arguments of a tool: JSON text of an object. Whether it fits the tool's schema is for the connector to check;
/// [`parse`](Self::parse) checks it against a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments(pub String);

impl Arguments {
    /// # Errors
    /// `Invalid`, naming what is wrong.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.0).map_err(|error| Error::Invalid(error.to_string()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The arguments are wrong: which and how.
    #[error("invalid {0}")]
    Invalid(String),
    /// The tool could not do its work: why, for the model to read.
    #[error("{0}")]
    Failed(String),
}
