//! Which secrets there are; nothing else.
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "secrets-room",
        imports: { default: store | trappable },
    });
}
use bindings::connector::runtime::secrets as wit;
use contract::{Admission, Capability, Handled, Has, Pass, Stamp, View};
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use std::convert::Infallible;
use std::sync::Arc;
use wasmtime::component::{Access, Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Secrets;

impl Capability for Secrets {
    const NAME: &'static str = "secrets";
    type Seat = Arc<Vault>;
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
    fn admit(&self, admission: &Admission, _: &(), _: Mailbox<Infallible>) -> Arc<Vault> {
        admission.vault.clone()
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}

impl wit::Host for View<'_, Secrets> {}

impl<T: Send> wit::HostWithStore<T> for Has<Secrets> {
    fn exists(mut access: Access<'_, T, Self>, name: String) -> Result<bool> {
        let _pass = Pass::enter(&mut access, "exists")?;
        Ok(access.get().seat.exists(&name))
    }
}
