//! Work that goes on after the handler that began it has answered.
//!
//! wit-bindgen's `spawn_local` would do it, but its feature would change every guest of this workspace. It is not
//! needed: what wakes a future may poll it on the spot, whoever's future it was.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

type Work = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static LEFT: RefCell<BTreeMap<u64, Work>> = const { RefCell::new(BTreeMap::new()) };
}

struct Id(u64);

impl Wake for Id {
    fn wake(self: Arc<Self>) {
        poll(self);
    }
}

/// Begins the work now, in the name of whoever calls.
pub fn leave(work: impl Future<Output = ()> + 'static) {
    let id = LEFT.with_borrow_mut(|left| {
        let id = left.last_key_value().map_or(0, |(id, _)| id + 1);
        left.insert(id, Box::pin(work));
        id
    });
    poll(Arc::new(Id(id)));
}

fn poll(id: Arc<Id>) {
    let number = id.0;
    let Some(mut work) = LEFT.with_borrow_mut(|left| left.remove(&number)) else { return };
    let waker = Waker::from(id);
    if work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        LEFT.with_borrow_mut(|left| left.insert(number, work));
    }
}
