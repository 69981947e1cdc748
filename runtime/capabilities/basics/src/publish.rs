//! State that others may see. *Use when* people or programs watch what a connector knows. *Not for* messages, and not for
//! what must last: that belongs into the store.
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "publish-room",
        imports: { default: store | trappable },
    });
}
use bindings::connector::runtime::publish as wit;
use board::{Board, Error, Most};
use contract::{Admission, Capability, Gauge, Handled, Has, Pass, Stamp, View};
use ports::limit::Limit;
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use std::convert::Infallible;
use std::sync::Arc;
use wasmtime::component::{Access, Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

/// The room, and for the host the board that it writes on.
#[derive(Clone)]
pub struct Publish {
    pub board: Board,
}

pub struct Seat {
    place: Arc<board::Seat>,
    vault: Arc<Vault>,
}

impl Capability for Publish {
    const NAME: &'static str = "publish";
    type Seat = Seat;
    type Event = Infallible;
    type Indices = ();
    type Handlers = ();

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(_: &InstancePre<T>) -> Result<()> {
        Ok(())
    }
    fn handlers(_: &(), _: impl AsContextMut, _: &Instance) -> Result<()> {
        Ok(())
    }
    fn admit(&self, admission: &Admission, _: &(), _: Mailbox<Infallible>) -> Seat {
        let (keys, bytes) = admission.quotas.published;
        let place = self.board.seat(&admission.id, Most { keys, bytes });
        Seat { place: Arc::new(place), vault: admission.vault.clone() }
    }
    fn gauge(seat: &Seat) -> Option<Gauge> {
        let place = seat.place.clone();
        Some(Arc::new(move || place.gauge()))
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}

impl wit::Host for View<'_, Publish> {}

impl<T: Send> wit::HostWithStore<T> for Has<Publish> {
    fn set(
        mut access: Access<'_, T, Self>,
        key: String,
        json: String,
    ) -> Result<std::result::Result<(), wit::Error>> {
        let pass = Pass::enter(&mut access, "set")?;
        let View { seat, .. } = access.get();
        // Before it is redacted, which takes time and room.
        if key.len() > board::KEY_BYTES {
            return Ok(Err(wit::Error::Invalid(format!(
                "key: {} bytes; {} are possible",
                key.len(),
                board::KEY_BYTES
            ))));
        }
        if json.len() > board::VALUE_BYTES {
            let what = format!("json: {} bytes; {} are possible", json.len(), board::VALUE_BYTES);
            return Ok(Err(wit::Error::Invalid(what)));
        }
        let (key, json) = (seat.vault.redact(&key), seat.vault.redact(&json));
        Ok(seat.place.set(&key, &json).map(drop).map_err(|error| match error {
            Error::Keys { .. } => {
                pass.hit(Limit::PublishKeys);
                wit::Error::Quota
            }
            Error::Bytes { .. } => {
                pass.hit(Limit::PublishBytes);
                wit::Error::Quota
            }
            other => wit::Error::Invalid(other.to_string()),
        }))
    }

    fn remove(mut access: Access<'_, T, Self>, key: String) -> Result<bool> {
        Pass::enter(&mut access, "remove")?;
        let View { seat, .. } = access.get();
        Ok(key.len() <= board::KEY_BYTES && seat.place.remove(&seat.vault.redact(&key)))
    }

    fn keys(mut access: Access<'_, T, Self>) -> Result<Vec<String>> {
        Pass::enter(&mut access, "keys")?;
        Ok(access.get().seat.place.keys())
    }
}
