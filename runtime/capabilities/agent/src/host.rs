//! Guest → host.
use crate::desk::{Accepted, Arrival, Refused};
use crate::{Agent, Seat, wit};
use contract::{Has, Late, Pass, View};
use ports::agent::{DatedTurn, Message};
use ports::journal::{Error, Past, Turn};
use ports::limit::Limit;
use std::ops::RangeInclusive;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Accessor;

/// The limits that `agent.wit` promises.
const NAME_BYTES: usize = 256;
const TEXT_BYTES: usize = 256 << 10;
const CONTEXT_BYTES: usize = 4 << 10;
const META_PAIRS: usize = 16;
const META_BYTES: usize = 1 << 10;
const DEADLINE_MS: RangeInclusive<u32> = 1_000..=86_400_000;
const DEFAULT_DEADLINE_MS: u32 = 600_000;
const HISTORY_TURNS: RangeInclusive<u32> = 1..=100;

impl wit::Host for View<'_, Agent> {}

impl<T: Send> wit::HostWithStore<T> for Has<Agent> {
    /// Takes its place in its first poll: the order of the calls is the order of the messages.
    async fn dispatch(
        accessor: &Accessor<T, Self>,
        inbound: wit::Inbound,
    ) -> Result<Result<wit::Accepted, wit::Error>> {
        let pass = Pass::of(accessor, "dispatch")?;
        let taken = accessor.with(|mut access| {
            let View { seat, .. } = access.get();
            let arrival = checked(seat, inbound)?;
            Ok(seat.desk.accept(arrival))
        });
        let accepted = match taken {
            Ok(accepted) => accepted,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match pass.wait(accepted).await {
            Ok(Ok(Accepted::New(ticket))) => Ok(wit::Accepted::New(ticket)),
            Ok(Ok(Accepted::Duplicate(ticket))) => Ok(wit::Accepted::Duplicate(ticket)),
            Ok(Err(refused)) => {
                match refused {
                    Refused::Full => pass.hit(Limit::Dispatches),
                    Refused::Often => pass.hit(Limit::DispatchRate),
                    Refused::Journal(_) => {}
                }
                Err(refused.into())
            }
            Err(Late) => Err(wit::Error::Timeout),
        })
    }

    async fn abort(accessor: &Accessor<T, Self>, ticket: wit::Ticket) -> Result<Result<(), wit::Error>> {
        let _pass = Pass::of(accessor, "abort")?;
        let known = accessor.with(|mut access| access.get().seat.desk.abort(&ticket));
        Ok(if known { Ok(()) } else { Err(wit::Error::UnknownTicket) })
    }

    async fn history(
        accessor: &Accessor<T, Self>,
        conversation: String,
        limit: u32,
    ) -> Result<Result<Vec<wit::Turn>, wit::Error>> {
        let pass = Pass::of(accessor, "history")?;
        if !HISTORY_TURNS.contains(&limit) {
            return Ok(Err(wit::Error::Invalid(format!("limit is {limit}; 1 to 100 are possible"))));
        }
        let turns = accessor.with(|mut access| {
            let View { seat, .. } = access.get();
            remembered(seat, conversation, limit as usize)
        });
        Ok(match pass.wait(turns).await {
            Ok(Ok(turns)) => Ok(turns),
            Ok(Err(why)) => Err(wit::Error::Unavailable(why)),
            Err(Late) => Err(wit::Error::Timeout),
        })
    }
}

/// By the agent where it remembers by itself, else by what was answered here.
fn remembered(
    seat: &Seat,
    conversation: String,
    limit: usize,
) -> impl Future<Output = Result<Vec<wit::Turn>, String>> + Send + use<> {
    let (backend, id, journal) = (seat.desk.inner.backend.clone(), seat.id.clone(), seat.journal.clone());
    async move {
        let Some(asking) = backend.history(&id, &conversation, limit) else {
            let turns = journal.turns(&id, &conversation, limit).await.map_err(|error| error.to_string())?;
            return Ok(turns.into_iter().map(wit::Turn::from).collect());
        };
        Ok(asking.await?.into_iter().map(wit::Turn::from).collect())
    }
}

impl From<Turn> for wit::Turn {
    fn from(Turn { from_agent, text, at_ms, .. }: Turn) -> Self {
        Self { from_agent, text, at_ms }
    }
}

impl From<DatedTurn> for wit::Turn {
    fn from(DatedTurn { turn, at_ms }: DatedTurn) -> Self {
        Self { from_agent: turn.from_agent, text: turn.text, at_ms }
    }
}

impl From<Refused> for wit::Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full | Refused::Often => Self::Quota,
            Refused::Journal(error @ (Error::Full | Error::Unavailable(_) | Error::Closed)) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

fn checked(seat: &Seat, inbound: wit::Inbound) -> Result<Arrival, wit::Error> {
    if !seat.has_handler {
        return Err(wit::Error::NoHandler);
    }
    if inbound.sender.trust == wit::Trust::Owner && !seat.owner {
        return Err(wit::Error::Denied(
            "trust `owner` is not granted: set `owner = true` in the grants".into(),
        ));
    }
    let patience = check(&inbound)?;
    let message = Message {
        instance: seat.id.clone(),
        ticket: String::new(),
        conversation: inbound.conversation,
        sender_id: inbound.sender.id,
        sender_label: inbound.sender.label,
        sender_is_owner: inbound.sender.trust == wit::Trust::Owner,
        to: inbound.to,
        in_group: inbound.chat == wit::Chat::Group,
        sent_at_ms: inbound.sent_at_ms,
        meta: inbound.meta,
        text: inbound.text,
    };
    Ok(Arrival {
        key: inbound.key,
        message,
        context: inbound.context,
        progress: inbound.progress,
        patience,
        past: Past::default(),
    })
}

fn check(inbound: &wit::Inbound) -> Result<Duration, wit::Error> {
    let names = [
        ("key", &inbound.key),
        ("conversation", &inbound.conversation),
        ("sender.id", &inbound.sender.id),
        ("sender.label", &inbound.sender.label),
        ("to", &inbound.to),
    ];
    for (field, text) in names {
        at_most(field, text.len(), NAME_BYTES)?;
    }
    if inbound.key.is_empty() || inbound.conversation.is_empty() {
        return Err(wit::Error::Invalid("key and conversation must not be empty".into()));
    }
    at_most("text", inbound.text.len(), TEXT_BYTES)?;
    at_most("context", inbound.context.len(), CONTEXT_BYTES)?;
    if inbound.meta.len() > META_PAIRS {
        return Err(wit::Error::Invalid(format!(
            "meta has {} pairs; {META_PAIRS} are possible",
            inbound.meta.len()
        )));
    }
    for (key, value) in &inbound.meta {
        at_most("meta", key.len() + value.len(), META_BYTES)?;
    }
    let deadline = inbound.deadline_ms.unwrap_or(DEFAULT_DEADLINE_MS);
    match DEADLINE_MS.contains(&deadline) {
        true => Ok(Duration::from_millis(deadline.into())),
        false => {
            Err(wit::Error::Invalid(format!("deadline-ms is {deadline}; 1000 to 86400000 are possible")))
        }
    }
}

fn at_most(field: &str, bytes: usize, most: usize) -> Result<(), wit::Error> {
    match bytes <= most {
        true => Ok(()),
        false => Err(wit::Error::Invalid(format!("{field} has {bytes} bytes; {most} are possible"))),
    }
}
