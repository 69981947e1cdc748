//! Why there is no answer, and whether the far end may have acted all the same.
use super::connector::ConnectError;
use super::invalid::Invalid;
use hyper_util::client::legacy;
use ports::dial::DialError;
use std::error::Error;
use std::fmt;

/// Whether the far end's application may have seen the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It provably has not: asking again cannot do it twice.
    No,
    /// Some of it may have been written, or an earlier hop of a redirect was answered.
    Maybe,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "not sent",
            Self::Maybe => "maybe sent",
        })
    }
}

/// No text in here comes from a path, a query, a header's value, a body or a secret.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No grant for it, or it would leave the grant: a closed address, a redirect, a secret's place.
    #[error("denied: {why}")]
    Denied { why: String, sent: Sent },
    /// The guest has to write it differently. Nothing was sent.
    #[error("invalid request: {0}")]
    Invalid(#[from] Invalid),
    /// Fewer at once will do.
    #[error("all {limit} {what} in use")]
    Quota { what: &'static str, limit: usize, sent: Sent },
    #[error("{what} over {limit}")]
    TooLarge { what: TooLarge, limit: usize, sent: Sent },
    #[error("no complete answer in time ({sent})")]
    Timeout { sent: Sent },
    /// No connection: name, address, refusal or TLS.
    #[error("could not reach {origin} ({sent})")]
    Unreachable {
        origin: String,
        sent: Sent,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// There was a connection and then no complete answer.
    #[error("connection to {origin} broke ({sent})")]
    Broken {
        origin: String,
        sent: Sent,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// [`super::Client::close`] was called. Nothing was sent.
    #[error("the instance is stopping")]
    Closed,
}

/// What was over its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLarge {
    RequestBody,
    ResponseHead,
    ResponseBody,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestBody => "request body bytes",
            Self::ResponseHead => "response head bytes or lines",
            Self::ResponseBody => "response body bytes",
        })
    }
}

impl FetchError {
    pub fn sent(&self) -> Sent {
        match self {
            Self::Invalid(_) | Self::Closed => Sent::No,
            Self::Denied { sent, .. }
            | Self::Quota { sent, .. }
            | Self::TooLarge { sent, .. }
            | Self::Timeout { sent }
            | Self::Unreachable { sent, .. }
            | Self::Broken { sent, .. } => *sent,
        }
    }

    /// One word, for a counter or a log field.
    pub fn class(&self) -> &'static str {
        CLASSES[self.index()]
    }

    /// Who has to change something: `guest`, `host` or `platform`.
    pub fn blame(&self) -> &'static str {
        match self {
            Self::TooLarge { what: TooLarge::RequestBody, .. } => "guest",
            Self::Denied { .. } | Self::Invalid(_) | Self::Quota { .. } => "guest",
            Self::Closed => "host",
            _ => "platform",
        }
    }

    pub(super) fn index(&self) -> usize {
        match self {
            Self::Denied { .. } => 0,
            Self::Invalid(_) => 1,
            Self::Quota { .. } => 2,
            Self::TooLarge { .. } => 3,
            Self::Timeout { .. } => 4,
            Self::Unreachable { .. } => 5,
            Self::Broken { .. } => 6,
            Self::Closed => 7,
        }
    }

    /// From what hyper says. `sent` is from our own account of the request: hyper's error kinds do not tell a head that
    /// was half written from one that was not.
    pub(super) fn of_exchange(error: legacy::Error, origin: String, sent: Sent, head_limit: usize) -> Self {
        match caused_by::<ConnectError>(&error) {
            // The address stays with the operator: a guest must not learn names of the inside by dialling them.
            Some(ConnectError::Dial(DialError::ClosedRange { host, address, range })) => {
                tracing::warn!(%host, %address, range, blame = "guest", "dial into a closed range");
                return Self::Denied { why: format!("{host} is in a range that is closed ({range})"), sent };
            }
            Some(ConnectError::Dial(DialError::Timeout { .. })) => return Self::Timeout { sent },
            // Where the operator's proxy is, and what it said, is for him.
            Some(ConnectError::Dial(proxy @ DialError::Proxy { .. })) => {
                tracing::warn!(%proxy, blame = "host", "no way out");
                return Self::Unreachable {
                    origin,
                    sent,
                    source: "the operator's proxy opens no connection".into(),
                };
            }
            Some(_) => return Self::Unreachable { origin, sent, source: Box::new(error) },
            None => {}
        }
        if caused_by::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse_too_large) {
            return Self::TooLarge { what: TooLarge::ResponseHead, limit: head_limit, sent };
        }
        match sent {
            Sent::No => Self::Unreachable { origin, sent, source: Box::new(error) },
            Sent::Maybe => Self::Broken { origin, sent, source: Box::new(error) },
        }
    }
}

/// No connection was made because every socket of the instance is in use, by others that close or connect.
pub(super) fn is_without_socket(error: &legacy::Error) -> bool {
    matches!(caused_by(error), Some(ConnectError::Sockets))
}

fn caused_by<T: Error + 'static>(error: &legacy::Error) -> Option<&T> {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref() {
            None => cause = error.source(),
            found => return found,
        }
    }
    None
}

/// By [`FetchError::index`].
pub(super) const CLASSES: [&str; 8] =
    ["denied", "invalid", "quota", "too-large", "timeout", "unreachable", "broken", "closed"];
