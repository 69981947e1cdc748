//! What the connector asked for: one socket, checked before anything is dialled.
use super::backoff::Backoff;
use super::error::PlanError;
use super::fill;
use http::{HeaderName, HeaderValue};
use ports::json_test::JsonTest;
use ports::reach::CheckedUrl;
use ports::secret::{At, Fill};
use std::time::Duration;

/// No `Debug`: headers and first frame are the connector's own business.
#[derive(Clone, PartialEq)]
pub struct Plan {
    pub url: CheckedUrl,
    pub headers: Vec<(String, String)>,
    /// Headers and query keys of the upgrade. A filled header replaces one of the same name.
    pub fills: Vec<Fill>,
    pub subprotocols: Vec<String>,
    pub first_frame: Option<FirstFrame>,
    pub ping: Option<Ping>,
    /// The frame that proves that the platform accepted us; until it comes, the back-off is not reset. `None`: an
    /// open connection is enough.
    pub ready: Option<JsonTest>,
    pub backoff: Backoff,
    /// Longest message either way.
    pub max_message_bytes: usize,
}

/// Sent by the host directly after the upgrade: the login.
#[derive(Clone, PartialEq)]
pub struct FirstFrame {
    pub text: String,
    pub fills: Vec<Fill>,
}

/// The platform's own ping. A frame for which `answer` holds never wakes the guest.
#[derive(Clone, PartialEq)]
pub struct Ping {
    pub every: Duration,
    pub text: String,
    pub answer: JsonTest,
    /// From the ping to its answer; past it the connection counts as dead.
    pub within: Duration,
}

pub const DEFAULT_MESSAGE_BYTES: usize = 1 << 20;
/// The largest that an operator can want: one message is whole in memory, several times while it is parsed.
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// Common servers refuse more than 8 KiB of headers.
pub(super) const MAX_HEADER_BYTES: usize = 8 << 10;
pub(super) const MAX_HEADERS: usize = 32;
pub(super) const MAX_SUBPROTOCOLS: usize = 16;
/// Those registered have at most 40.
const MAX_SUBPROTOCOL_BYTES: usize = 256;
/// Also the longest frame in which an answer to a ping is looked for: each is parsed once more.
pub(super) const MAX_PING_BYTES: usize = 4 << 10;
/// A platform that is back is found again within the hour.
pub(super) const MAX_BACKOFF: Duration = Duration::from_secs(3600);

/// The host writes these, or they end at the next hop, or they would change where the request ends.
const HOST_HEADERS: [&str; 15] = [
    "host",
    "connection",
    "upgrade",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "content-length",
    "expect",
    "http2-settings",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];
const HOST_PREFIXES: [&str; 2] = ["sec-websocket-", "proxy-"];

impl Plan {
    /// # Errors
    /// [`PlanError`], the first that is found.
    pub fn check(&self) -> Result<(), PlanError> {
        if !self.url.is_websocket() {
            return Err(PlanError::Scheme { scheme: self.url.scheme().into() });
        }
        self.url.as_str().parse::<http::Uri>().map_err(|_| PlanError::Url)?;
        if !(1..=MAX_MESSAGE_BYTES).contains(&self.max_message_bytes) {
            return Err(PlanError::MessageLimit);
        }
        if self.backoff.first.is_zero()
            || self.backoff.first > self.backoff.most
            || self.backoff.most > MAX_BACKOFF
        {
            return Err(PlanError::Backoff);
        }
        self.check_headers()?;
        self.fills.iter().try_for_each(check_upgrade_fill)?;
        self.check_subprotocols()?;
        self.first_frame.iter().try_for_each(|first| first.check(self.max_message_bytes))?;
        self.ping.iter().try_for_each(|ping| ping.check(self.max_message_bytes))?;
        self.ready.iter().try_for_each(|ready| check_pointer(&ready.pointer))
    }

    fn check_headers(&self) -> Result<(), PlanError> {
        let bytes: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        if self.headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
            return Err(PlanError::TooManyHeaders);
        }
        for (name, value) in &self.headers {
            check_header_name(name)?;
            HeaderValue::from_str(value).map_err(|_| PlanError::HeaderValue(name.clone()))?;
        }
        Ok(())
    }

    fn check_subprotocols(&self) -> Result<(), PlanError> {
        if self.subprotocols.len() > MAX_SUBPROTOCOLS {
            return Err(PlanError::TooManySubprotocols);
        }
        for (at, name) in self.subprotocols.iter().enumerate() {
            // RFC 6455 4.1: a token of RFC 7230, which is what a header name is too; none twice.
            let token =
                HeaderName::from_bytes(name.as_bytes()).is_ok() && name.len() <= MAX_SUBPROTOCOL_BYTES;
            if !token || self.subprotocols[..at].contains(name) {
                return Err(PlanError::Subprotocol(name.clone()));
            }
        }
        Ok(())
    }
}

impl FirstFrame {
    fn check(&self, limit: usize) -> Result<(), PlanError> {
        if self.text.len() > limit {
            return Err(PlanError::FirstFrame { bytes: self.text.len(), limit });
        }
        for fill in &self.fills {
            let At::Json(pointer) = &fill.at else {
                return Err(PlanError::FillPlace { at: fill.at.to_string(), of: "a frame" });
            };
            check_pointer(pointer)?;
            if !fill::points_at_something(&self.text, pointer) {
                return Err(PlanError::FillPointer { at: fill.at.to_string() });
            }
        }
        Ok(())
    }
}

impl Ping {
    fn check(&self, limit: usize) -> Result<(), PlanError> {
        let text = (1..=MAX_PING_BYTES.min(limit)).contains(&self.text.len());
        if !text || self.every.is_zero() || self.within.is_zero() {
            return Err(PlanError::Ping);
        }
        check_pointer(&self.answer.pointer)
    }
}

fn check_header_name(name: &str) -> Result<(), PlanError> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| PlanError::HeaderName(name.into()))?;
    let lower = parsed.as_str();
    match HOST_HEADERS.contains(&lower) || HOST_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        true => Err(PlanError::HostHeader(name.into())),
        false => Ok(()),
    }
}

fn check_upgrade_fill(fill: &Fill) -> Result<(), PlanError> {
    match &fill.at {
        At::Header(name) => check_header_name(name),
        At::Query(key) if !key.is_empty() => Ok(()),
        at => Err(PlanError::FillPlace { at: at.to_string(), of: "the upgrade" }),
    }
}

fn check_pointer(pointer: &str) -> Result<(), PlanError> {
    match pointer.is_empty() || pointer.starts_with('/') {
        true => Ok(()),
        false => Err(PlanError::Pointer(pointer.into())),
    }
}
