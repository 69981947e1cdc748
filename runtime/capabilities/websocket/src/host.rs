//! Guest → host.
use crate::config;
use crate::driver::{self, Context, Frame, SendError, Sender, Socket};
use crate::{Entry, Event, Seat, Websocket, wit};
use contract::{Has, Late, Pass, View};
use ports::limit::Limit;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::{Access, Accessor};

/// One name of the set.
pub struct Subscription {
    pub socket: Socket,
    /// Named by the latest `start`, or subscribed since.
    pub named: bool,
    /// Its events know by this that it lasts.
    _lasts: Arc<()>,
}

const NAME_BYTES: std::ops::RangeInclusive<usize> = 1..=64;

/// How long `send` waits for a place in the write queue.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

impl wit::Host for View<'_, Websocket> {}

impl<T: Send> wit::HostWithStore<T> for Has<Websocket> {
    fn subscribe(
        mut access: Access<'_, T, Self>,
        name: String,
        url: String,
        options: wit::Options,
    ) -> Result<Result<(), wit::Error>> {
        let pass = Pass::enter(&mut access, "subscribe")?;
        let _span = pass.span.enter();
        let subscribed = subscribe(access.get().seat, name, &url, options);
        if matches!(subscribed, Err(wit::Error::Quota)) {
            pass.hit(Limit::Sockets);
        }
        Ok(subscribed)
    }

    async fn send(
        accessor: &Accessor<T, Self>,
        name: String,
        frame: wit::Frame,
        fills: Vec<contract::types::Fill>,
    ) -> Result<Result<(), wit::Error>> {
        let pass = Pass::of(accessor, "send")?;
        let sender: Option<Sender> = accessor
            .with(|mut access| access.get().seat.sockets.get(name.as_str()).map(|it| it.socket.sender()));
        let Some(sender) = sender else { return Ok(Err(wit::Error::UnknownName)) };
        let fills = match config::fills(fills) {
            Ok(fills) => fills,
            Err(error) => return Ok(Err(error)),
        };
        // Held until the frame is out: what waits here is host memory, and the guest can have hundreds of calls waiting.
        let bytes = match &frame {
            wit::Frame::Text(text) => text.len(),
            wit::Frame::Binary(bytes) => bytes.len(),
        };
        let waiting = accessor.with(|mut access| access.get().seat.sending.clone());
        let Ok(_place) = waiting.try_acquire_many_owned(u32::try_from(bytes.max(1)).unwrap_or(u32::MAX))
        else {
            return Ok(Err(wit::Error::Quota));
        };
        let frame = match frame {
            wit::Frame::Text(text) => Frame::Text(text.into()),
            wit::Frame::Binary(bytes) => Frame::Binary(bytes.into()),
        };
        let sending = tokio::time::timeout(SEND_PATIENCE, sender.send(frame, &fills));
        Ok(match pass.wait(sending).await {
            Ok(Ok(sent)) => sent.map_err(wit::Error::from),
            Ok(Err(_)) | Err(Late) => Err(wit::Error::Timeout),
        })
    }

    fn reconnect(mut access: Access<'_, T, Self>, name: String) -> Result<Result<(), wit::Error>> {
        let _pass = Pass::enter(&mut access, "reconnect")?;
        let known = access.get().seat.sockets.get(name.as_str()).map(|it| it.socket.reconnect());
        Ok(known.ok_or(wit::Error::UnknownName))
    }

    fn close(mut access: Access<'_, T, Self>, name: String) -> Result<Result<(), wit::Error>> {
        let _pass = Pass::enter(&mut access, "close")?;
        let seat = access.get().seat;
        seat.listed.lock().unwrap_or_else(PoisonError::into_inner).remove(name.as_str());
        Ok(seat.sockets.remove(name.as_str()).map(drop).ok_or(wit::Error::UnknownName))
    }
}

fn subscribe(seat: &mut Seat, name: String, url: &str, options: wit::Options) -> Result<(), wit::Error> {
    if !seat.has_handler {
        return Err(wit::Error::NoHandler);
    }
    if !NAME_BYTES.contains(&name.len()) || name.contains(char::is_control) {
        return Err(config::invalid("name", "1 to 64 bytes without control characters are possible"));
    }
    let plan = config::plan(url, options)?;
    if !seat.admission.reach.allows(None, &plan.url) {
        return Err(wit::Error::Denied(format!(
            "{}: not in this instance's granted urls",
            plan.url.origin()
        )));
    }
    if let Some(subscription) = seat.sockets.get_mut(name.as_str()) {
        subscription.socket.plan(plan);
        subscription.named = true;
        return Ok(());
    }
    if seat.sockets.len() >= seat.admission.quotas.sockets {
        return Err(wit::Error::Quota);
    }
    let name: Arc<str> = name.into();
    let lasts = Arc::new(());
    let context = context(seat, &name, &lasts);
    let entry = Entry { gauge: context.gauge.clone(), lasts: Arc::downgrade(&lasts) };
    seat.listed.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), entry);
    seat.sockets
        .insert(name, Subscription { socket: Socket::open(plan, context), named: true, _lasts: lasts });
    Ok(())
}

fn context(seat: &Seat, name: &Arc<str>, lasts: &Arc<()>) -> Context {
    let subscription = Arc::downgrade(lasts);
    let numbers = seat.numbers.clone();
    let mailbox = seat.mailbox.via(move |event| Event {
        event: driver::Event { sequence: numbers.fetch_add(1, Relaxed), ..event },
        subscription: subscription.clone(),
    });
    Context {
        dial: seat.admission.dial.clone(),
        reach: seat.admission.reach.clone(),
        vault: seat.admission.vault.clone(),
        dials: seat.dials.clone(),
        mailbox,
        name: name.clone(),
        gauge: Arc::default(),
    }
}

impl From<SendError> for wit::Error {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotOpen | SendError::Closed => Self::NotOpen,
            SendError::TooLarge { .. } => Self::TooLarge,
            SendError::Denied(why) => Self::Denied(why.to_string()),
            bad @ (SendError::BadPointer { .. } | SendError::TwinKeys) => {
                Self::Invalid(format!("fills: {bad}"))
            }
        }
    }
}
