//! One instance's HTTP, from its request to the whole answer.
use super::body::{self, Progress, Response};
use super::connector::Connector;
use super::counters::{Counters, Counts};
use super::disclose::Answer;
use super::error::{FetchError, Sent, is_without_socket};
use super::fill::fill;
use super::limits::Limits;
use super::pool::Pools;
use super::redirect;
use super::request::{Checked, Hop, Request};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use ports::dial::Dial;
use ports::reach::Reach;
use ports::secret::{REDACTED, Vault};
use std::sync::Arc;
use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, debug, field, info_span};

/// Costs next to nothing until the first request. Dropping it closes every connection.
pub struct Client {
    vault: Arc<Vault>,
    limits: Limits,
    reach: Arc<Reach>,
    counters: Arc<Counters>,
    pools: Pools,
    /// A seat for everyone in `fetch`, on the wire or waiting.
    callers: Semaphore,
    in_flight: Semaphore,
}

impl Client {
    /// The current span becomes the one of the connections' tasks.
    pub fn new(dial: Arc<dyn Dial>, reach: Arc<Reach>, vault: Arc<Vault>, limits: Limits) -> Self {
        let counters = Arc::<Counters>::default();
        let sockets = Arc::new(Semaphore::new(limits.connections));
        let connector = Connector { dial, sockets, counters: counters.clone() };
        Self {
            vault,
            limits,
            reach,
            counters,
            pools: Pools::new(connector, limits),
            callers: Semaphore::new(limits.in_flight + limits.waiting),
            in_flight: Semaphore::new(limits.in_flight),
        }
    }

    /// Any status is an answer, a 500 too. Dropping the future closes its connection; whether something was sent is
    /// then unknown.
    ///
    /// # Errors
    /// [`FetchError`]; [`FetchError::sent`] says whether asking again could do it twice.
    pub async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        self.counters.request();
        let outcome = match Checked::new(request, &self.limits) {
            Ok(checked) => {
                let hop = &checked.hop;
                let span = info_span!(
                    "http.exchange",
                    method = %hop.method,
                    origin = hop.url.origin(),
                    request_bytes = hop.body.len(),
                    status = field::Empty,
                    response_bytes = field::Empty,
                );
                self.within_time(checked).instrument(span).await
            }
            Err(invalid) => Err(invalid),
        };
        if let Err(error) = &outcome {
            self.counters.failed(error);
        }
        outcome
    }

    /// No more in: who waits and who comes gets [`FetchError::Closed`], who is on the wire goes on.
    pub fn close(&self) {
        self.callers.close();
        self.in_flight.close();
    }

    pub fn counts(&self) -> Counts {
        self.counters.reading(self.pools.open_connections())
    }

    async fn within_time(&self, checked: Checked) -> Result<Response, FetchError> {
        let deadline = Instant::now() + checked.timeout;
        let progress = Progress::default();
        let outcome = match self.permit(&checked.hop, Sent::No) {
            Ok(()) => timeout_at(deadline, self.in_turn(checked, &progress))
                .await
                .unwrap_or_else(|_| Err(FetchError::Timeout { sent: progress.abandon() })),
            Err(denied) => Err(denied),
        };
        match &outcome {
            Ok(answer) => {
                self.counters.answered(answer.status);
                Span::current().record("status", answer.status).record("response_bytes", answer.body.len());
                debug!("answered");
            }
            Err(error) => {
                debug!(class = error.class(), sent = %error.sent(), blame = error.blame(), "failed")
            }
        }
        outcome
    }

    async fn in_turn(&self, checked: Checked, progress: &Progress) -> Result<Response, FetchError> {
        let Checked { mut hop, max_response_bytes, mut redirects, .. } = checked;
        let _caller = self.callers.try_acquire().map_err(|error| match error {
            TryAcquireError::NoPermits => {
                let limit = self.limits.in_flight + self.limits.waiting;
                FetchError::Quota { what: "requests", limit, sent: Sent::No }
            }
            TryAcquireError::Closed => FetchError::Closed,
        })?;
        let _turn = self.in_flight.acquire().await.map_err(|_| FetchError::Closed)?;
        loop {
            let answer = self.exchange(&hop, progress).await?;
            let sent = progress.sent();
            // NB: before the redirect is looked at: what arrives may be in its location.
            Answer::passing(answer.headers()).arrive(&hop, &self.vault);
            let denied = |why: &str| FetchError::Denied { why: why.into(), sent };
            let next = match redirects {
                0 => None,
                _ => {
                    redirect::follow(&hop, answer.status(), answer.headers(), &self.vault).map_err(denied)?
                }
            };
            let Some(next) = next else { return self.answer(answer, &hop, max_response_bytes).await };
            self.permit(&next, sent)?;
            debug!(status = answer.status().as_u16(), to = next.url.origin(), "redirected");
            (hop, redirects) = (next, redirects - 1);
        }
    }

    fn permit(&self, hop: &Hop, sent: Sent) -> Result<(), FetchError> {
        let method = Some(hop.method.as_str());
        // In parts a secret would not be found.
        if hop.headers.contains_key(header::RANGE) && self.vault.awaits(method, &hop.url) {
            let why = "a secret may arrive there: no range of the answer can be asked for".into();
            return Err(FetchError::Denied { why, sent });
        }
        match self.reach.allows(method, &hop.url) {
            true => Ok(()),
            false => Err(FetchError::Denied {
                why: format!("no grant for {} {} at this path", hop.method, hop.url.origin()),
                sent,
            }),
        }
    }

    async fn exchange(&self, hop: &Hop, progress: &Progress) -> Result<http::Response<Incoming>, FetchError> {
        let lowered = |error| {
            let head = self.limits.response_head_bytes;
            FetchError::of_exchange(error, hop.url.origin(), progress.sent(), head)
        };
        let answer = loop {
            let request = fill(hop, &self.vault, progress).map_err(|error| match progress.sent() {
                Sent::No => error,
                // Only behind a redirect: what the guest wrote was fine where it wrote it for.
                Sent::Maybe => FetchError::Denied { why: format!("redirect: {error}"), sent: Sent::Maybe },
            })?;
            match self.pools.current().request(request).await {
                // Nothing of this one was sent. Connections that close, and connects that lost a race, have the sockets.
                Err(error) if is_without_socket(&error) => self.pools.socket().await,
                answer => break answer.map_err(lowered)?,
            }
        };
        match answer.status() {
            // We asked for no other protocol; what follows on this connection is not HTTP.
            StatusCode::SWITCHING_PROTOCOLS => {
                let source = "the far end switched protocols unasked".into();
                Err(FetchError::Broken { origin: hop.url.origin(), sent: Sent::Maybe, source })
            }
            _ => Ok(answer),
        }
    }

    async fn answer(
        &self,
        answer: http::Response<Incoming>,
        hop: &Hop,
        limit: usize,
    ) -> Result<Response, FetchError> {
        let (head, incoming) = answer.into_parts();
        if !self.vault.is_empty() && is_encoded(&head.headers) {
            let source = "the answer is encoded in a way that was not asked for".into();
            return Err(FetchError::Broken { origin: hop.url.origin(), sent: Sent::Maybe, source });
        }
        let body = body::read(incoming, limit, &hop.url.origin()).await?;
        let mut answer = Answer::new(&head.headers, body);
        answer.arrive(hop, &self.vault);
        if answer.scrub(&self.vault) {
            self.counters.scrubbed();
            debug!(blame = "platform", "a secret came back and was taken out");
        }
        Ok(Response {
            status: head.status.as_u16(),
            headers: answer.headers,
            body: answer.body,
            url: match hop.url_is_secret || self.vault.is_in(hop.url.as_str()) {
                true => format!("{}/{REDACTED}", hop.url.origin()),
                false => hop.url.as_str().to_owned(),
            },
        })
    }
}

/// What can't be read can't be searched for secrets.
fn is_encoded(headers: &HeaderMap) -> bool {
    let is_other = |value: &HeaderValue, plain: &[&str]| {
        let named = value.to_str().map(|text| text.split(',').map(str::trim).all(|it| plain.contains(&it)));
        !named.unwrap_or(false)
    };
    headers.get_all(header::CONTENT_ENCODING).iter().any(|value| is_other(value, &["identity"]))
        || headers.get_all(header::TRANSFER_ENCODING).iter().any(|value| is_other(value, &["chunked"]))
}
