//! The register of rooms: one line each, in the host.
use crate::{Admission, Caller, Gauge, Handled, Reviver, SetAside, Stamp};
use ports::mailbox::Post;
use wasmtime::component::{Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

/// The rooms a host was built with; written by [`capabilities!`](crate::capabilities).
pub trait CapabilitySet: Sized + Send + Sync + 'static {
    type Seats: Send + 'static;
    type Event: Clone + Send + 'static;
    type Indices: Send + Sync + 'static;
    type Handlers: Send + Sync + 'static;

    fn link<T: HoldsSeats<Self> + Send + 'static>(linker: &mut Linker<T>) -> Result<()>;
    fn indices<T>(pre: &InstancePre<T>) -> Result<Self::Indices>;
    fn handlers(
        indices: &Self::Indices,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> Result<Self::Handlers>;
    fn admit(&self, admission: &Admission, indices: &Self::Indices, post: &Post<Self::Event>) -> Self::Seats;
    fn begin(seats: &mut Self::Seats);
    fn commit(seats: &mut Self::Seats);
    fn gauges(seats: &Self::Seats) -> Vec<(&'static str, Gauge)>;
    fn revivers(seats: &Self::Seats) -> Vec<(&'static str, Reviver)>;
    fn set_aside(event: &Self::Event) -> Option<SetAside>;
    /// Whose event it is.
    fn room(event: &Self::Event) -> &'static str;
    fn deliver<'a, T: Send>(
        handlers: &'a Self::Handlers,
        accessor: &'a Accessor<T>,
        event: Self::Event,
        stamp: Stamp,
    ) -> Handled<'a>;
}

/// The store's data, as the rooms see it.
pub trait HoldsSeats<S: CapabilitySet> {
    fn split(&mut self) -> (&mut S::Seats, &Caller);
}

/// Lists the rooms of a host: `capabilities!(House { timers: Timers, … })` makes a struct with one field per room
/// and the types that the engine needs, in a module `rooms`.
#[macro_export]
macro_rules! capabilities {
    ($set:ident { $($name:ident : $room:ty),+ $(,)? }) => {
        pub struct $set { $(pub $name: $room),+ }

        pub mod rooms {
            #![allow(non_camel_case_types)]
            use $crate::Capability;
            pub struct Seats { $(pub $name: <$room as Capability>::Seat),+ }
            pub struct Indices { $(pub $name: <$room as Capability>::Indices),+ }
            pub struct Handlers { $(pub $name: <$room as Capability>::Handlers),+ }
            #[derive(Clone)]
            pub enum Event { $($name(<$room as Capability>::Event)),+ }
        }

        impl $crate::CapabilitySet for $set {
            type Seats = rooms::Seats;
            type Event = rooms::Event;
            type Indices = rooms::Indices;
            type Handlers = rooms::Handlers;

            fn link<T: $crate::HoldsSeats<Self> + Send + 'static>(
                linker: &mut wasmtime::component::Linker<T>,
            ) -> wasmtime::Result<()> {
                $(<$room as $crate::Capability>::link::<T>(linker, |data| {
                    let (seats, caller) = data.split();
                    $crate::View { seat: &mut seats.$name, caller }
                })?;)+
                Ok(())
            }
            fn indices<T>(pre: &wasmtime::component::InstancePre<T>) -> wasmtime::Result<rooms::Indices> {
                Ok(rooms::Indices { $($name: <$room as $crate::Capability>::indices(pre)?),+ })
            }
            fn handlers(
                indices: &rooms::Indices,
                mut store: impl wasmtime::AsContextMut,
                instance: &wasmtime::component::Instance,
            ) -> wasmtime::Result<rooms::Handlers> {
                Ok(rooms::Handlers {
                    $($name: <$room as $crate::Capability>::handlers(&indices.$name, &mut store, instance)?),+
                })
            }
            fn admit(
                &self,
                admission: &$crate::Admission,
                indices: &rooms::Indices,
                post: &$crate::ports::mailbox::Post<rooms::Event>,
            ) -> rooms::Seats {
                use $crate::Capability;
                rooms::Seats {
                    $($name: self.$name.admit(
                        admission,
                        &indices.$name,
                        post.room(rooms::Event::$name, <$room as $crate::Capability>::capacity(admission)),
                    )),+
                }
            }
            fn begin(seats: &mut rooms::Seats) {
                $(<$room as $crate::Capability>::begin(&mut seats.$name);)+
            }
            fn commit(seats: &mut rooms::Seats) {
                $(<$room as $crate::Capability>::commit(&mut seats.$name);)+
            }
            fn gauges(seats: &rooms::Seats) -> Vec<(&'static str, $crate::Gauge)> {
                let all = [$((
                    <$room as $crate::Capability>::NAME,
                    <$room as $crate::Capability>::gauge(&seats.$name),
                )),+];
                all.into_iter().filter_map(|(name, gauge)| Some((name, gauge?))).collect()
            }
            fn revivers(seats: &rooms::Seats) -> Vec<(&'static str, $crate::Reviver)> {
                let all = [$((
                    <$room as $crate::Capability>::NAME,
                    <$room as $crate::Capability>::reviver(&seats.$name),
                )),+];
                all.into_iter().filter_map(|(name, reviver)| Some((name, reviver?))).collect()
            }
            fn set_aside(event: &rooms::Event) -> Option<$crate::SetAside> {
                match event {
                    $(rooms::Event::$name(event) => <$room as $crate::Capability>::set_aside(event)),+
                }
            }
            fn room(event: &rooms::Event) -> &'static str {
                match event {
                    $(rooms::Event::$name(_) => <$room as $crate::Capability>::NAME),+
                }
            }
            fn deliver<'a, T: Send>(
                handlers: &'a rooms::Handlers,
                accessor: &'a wasmtime::component::Accessor<T>,
                event: rooms::Event,
                stamp: $crate::Stamp,
            ) -> $crate::Handled<'a> {
                match event {
                    $(rooms::Event::$name(event) =>
                        <$room as $crate::Capability>::deliver(&handlers.$name, accessor, event, stamp)),+
                }
            }
        }
    };
}
