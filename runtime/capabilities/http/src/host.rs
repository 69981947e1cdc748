//! Guest → host.
use crate::driver::{FetchError, Request, Response, Sent};
use crate::{Http, wit};
use contract::{Has, Late, Pass, View};
use ports::limit::Limit;
use ports::secret::Vault;
use std::error::Error;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Accessor;

const MOST_FILLS: usize = 8;

impl wit::Host for View<'_, Http> {}

impl<T: Send> wit::HostWithStore<T> for Has<Http> {
    async fn fetch(
        accessor: &Accessor<T, Self>,
        request: wit::Request,
    ) -> Result<Result<wit::Response, wit::Error>> {
        let pass = Pass::of(accessor, "fetch")?;
        let (client, bodies, vault) = accessor.with(|mut access| {
            let seat = access.get().seat;
            (seat.client.clone(), seat.bodies.clone(), seat.vault.clone())
        });
        let bytes = request.body.as_ref().map_or(1, |body| body.len().max(1));
        let Ok(_place) = bodies.try_acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX)) else {
            pass.hit(Limit::Requests);
            let why = "over 16 MiB of request bodies under way".to_owned();
            return Ok(Err(wit::Error::Quota((why, wit::Sent::No))));
        };
        let request = match checked(request) {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match pass.wait(client.fetch(request)).await {
            Ok(Ok(response)) => Ok(response.into()),
            Ok(Err(error)) => {
                if matches!(error, FetchError::Quota { .. }) {
                    pass.hit(Limit::Requests);
                }
                Err(lowered(error, &vault))
            }
            Err(Late) => Err(wit::Error::Timeout(wit::Sent::Maybe)),
        })
    }
}

fn checked(raw: wit::Request) -> Result<Request, wit::Error> {
    if raw.fills.len() > MOST_FILLS {
        return Err(wit::Error::Invalid(format!(
            "fills: {} of them; {MOST_FILLS} are possible",
            raw.fills.len()
        )));
    }
    let fills = raw.fills.into_iter().map(contract::fill).collect::<Result<_, _>>();
    Ok(Request {
        headers: raw.headers,
        body: raw.body,
        fills: fills.map_err(|error| wit::Error::Invalid(format!("fills: {error}")))?,
        timeout: raw.timeout_ms.map_or(Request::DEFAULT_TIMEOUT, |ms| Duration::from_millis(ms.into())),
        max_response_bytes: raw
            .max_response_bytes
            .map_or(Request::DEFAULT_RESPONSE_BYTES, |bytes| bytes as usize),
        redirects: raw.redirects,
        ..Request::new(&raw.method, &raw.url)
    })
}

impl From<Response> for wit::Response {
    fn from(response: Response) -> Self {
        let Response { status, headers, body, url } = response;
        Self { status, headers, body, url }
    }
}

/// What the guest hears of it. A far end's certificate and its redirects name whatever they like.
fn lowered(error: FetchError, vault: &Vault) -> wit::Error {
    let said = vault.redact(&said(&error)).into_owned();
    match error {
        // Behind a redirect: an earlier hop was answered, and the guest must look before it repeats.
        FetchError::Denied { sent: Sent::Maybe, .. } | FetchError::Unreachable { sent: Sent::Maybe, .. } => {
            wit::Error::Broken((said, wit::Sent::Maybe))
        }
        FetchError::Denied { why, .. } => wit::Error::Denied(vault.redact(&why).into_owned()),
        FetchError::Invalid(_) => wit::Error::Invalid(said),
        FetchError::TooLarge { sent, .. } => wit::Error::TooLarge((said, sent.into())),
        FetchError::Quota { sent, .. } => wit::Error::Quota((said, sent.into())),
        FetchError::Timeout { sent } => wit::Error::Timeout(sent.into()),
        FetchError::Broken { sent, .. } => wit::Error::Broken((said, sent.into())),
        FetchError::Unreachable { .. } | FetchError::Closed => wit::Error::Unreachable(said),
    }
}

impl From<Sent> for wit::Sent {
    fn from(sent: Sent) -> Self {
        match sent {
            Sent::No => Self::No,
            Sent::Maybe => Self::Maybe,
        }
    }
}

/// With its causes: `could not reach https://…: connection refused`.
fn said(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
