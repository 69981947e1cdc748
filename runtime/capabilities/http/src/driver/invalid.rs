//! What is wrong with a request as a guest wrote it, and the limits that say so.
use ports::reach::UrlError;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What to write differently. Names are cut at 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("a method is 1 to {MAX_METHOD_CHARS} upper-case letters")]
    Method,
    #[error("the method {0} is not for connectors")]
    ForbiddenMethod(String),
    #[error("the URL cannot be written into a request")]
    Unwritable,
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("the scheme {0:?} is neither http nor https")]
    Scheme(String),
    #[error("the URL is over its limit once the secrets are filled in")]
    FilledUrl,
    #[error("the header {0:?} is set by the host")]
    ForbiddenHeader(String),
    #[error("{0:?} is not a header name")]
    HeaderName(String),
    #[error("the value of header {0:?} has a character that is not allowed there")]
    HeaderValue(String),
    #[error("{count} headers are over the limit of {MAX_HEADERS}")]
    HeaderCount { count: usize },
    #[error("{bytes} header bytes are over the limit of {MAX_HEADER_BYTES}")]
    HeaderBytes { bytes: usize },
    #[error("{count} fills are over the limit of {MAX_FILLS}")]
    FillCount { count: usize },
    #[error(
        "a request with fills cannot ask for a range: the secret would not be found in a part of the answer"
    )]
    RangeWithFills,
    #[error("{at} is filled twice")]
    FilledTwice { at: String },
    #[error("the time-out is not between 100 ms and 120 s")]
    Timeout,
    #[error("{0} redirects are over the limit of {MAX_REDIRECTS}")]
    Redirects(u8),
    #[error("max-response-bytes is not between 1 and {max}")]
    ResponseBytes { max: usize },
    #[error("{at} cannot be filled: the body is not JSON")]
    NotJson { at: String },
    #[error("{at} points at nothing in the body")]
    NoSuchPointer { at: String },
    #[error("the JSON body names a key of one object twice; with fills that is refused")]
    DuplicateKey,
    #[error("the secret {secret:?} has a character that is not allowed in {at}")]
    FilledHeader { secret: String, at: String },
}

pub(super) const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(120);
/// Browsers follow 20; an API that needs more than a few is misconfigured or plays with us.
pub(super) const MAX_REDIRECTS: u8 = 5;
/// Common servers refuse more than 100 header lines or 8 to 64 KiB of them.
pub(super) const MAX_HEADERS: usize = 64;
pub(super) const MAX_HEADER_BYTES: usize = 32 << 10;
/// Known methods have at most 17 letters (UPDATEREDIRECTREF), those in use 9.
pub(super) const MAX_METHOD_CHARS: usize = 20;
pub(super) const MAX_FILLS: usize = 16;
pub(super) const MAX_NAMED_CHARS: usize = 64;
