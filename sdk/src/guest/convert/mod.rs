//! Between the bindings' types and the author's, a file per room. Moves only; nothing is copied.

mod agent;
mod crypto;
mod http;
mod lifecycle;
mod others;
mod store;
mod types;
mod websocket;

pub(super) fn all<A, B: From<A>>(list: Vec<A>) -> Vec<B> {
    list.into_iter().map(B::from).collect()
}
