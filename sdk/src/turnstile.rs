//! Lets handlers in by their order: each runs up to its first await before the next is entered.
//!
//! wasmtime begins calls in an order of its own. Without this, a message that came later could be dispatched first.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
pub(crate) struct Turnstile {
    /// The order of the handler that may enter.
    next: Cell<u64>,
    /// Those above `next`: who waits, and (none) who left without ever entering.
    early: RefCell<BTreeMap<u64, Option<Waker>>>,
}

impl Turnstile {
    /// The handler's future, held back until its turn. Dropping it before that passes the turn on.
    pub(crate) fn admit<F: Future>(
        self: &Rc<Self>,
        order: u64,
        handler: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let mut turn = Some(Turn { turnstile: self.clone(), order });
        async move {
            let mut handler = pin!(handler);
            poll_fn(move |context| {
                if let Some(waiting) = &turn
                    && !waiting.has_come(context)
                {
                    return Poll::Pending;
                }
                let answer = handler.as_mut().poll(context);
                turn = None; // NB: after the poll: the next may enter now, not before.
                answer
            })
            .await
        }
    }

    fn leave(&self, order: u64) {
        match order.cmp(&self.next.get()) {
            Ordering::Less => return,
            Ordering::Equal => self.next.set(order + 1),
            Ordering::Greater => {
                self.early.borrow_mut().insert(order, None);
                return;
            }
        }
        let waiting = loop {
            match self.early.borrow_mut().remove(&self.next.get()) {
                Some(None) => self.next.set(self.next.get() + 1),
                Some(waiting) => break waiting,
                None => break None,
            }
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

/// A place in the order; gives it up when dropped.
struct Turn {
    turnstile: Rc<Turnstile>,
    order: u64,
}

impl Turn {
    fn has_come(&self, context: &mut Context<'_>) -> bool {
        if self.order <= self.turnstile.next.get() {
            return true;
        }
        if cfg!(target_family = "wasm") {
            // One task of a component can't wake another without a stream between them (feature `wakeups`). Those
            // before us have been called already, so giving way once or twice is enough, and cheaper.
            context.waker().wake_by_ref();
        } else {
            self.turnstile.early.borrow_mut().insert(self.order, Some(context.waker().clone()));
        }
        false
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turnstile.leave(self.order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::pin::Pin;
    use std::sync::{Arc, atomic};

    type Boxed = Pin<Box<dyn Future<Output = ()>>>;

    struct Bench {
        turnstile: Rc<Turnstile>,
        entered: Rc<RefCell<Vec<u64>>>,
    }

    impl Bench {
        fn new() -> Self {
            Self { turnstile: Rc::default(), entered: Rc::default() }
        }

        /// Notes that it was entered, waits once, and ends (or not).
        fn handler(&self, order: u64, ends: bool) -> Boxed {
            let entered = self.entered.clone();
            Box::pin(self.turnstile.admit(order, async move {
                entered.borrow_mut().push(order);
                if !ends {
                    pending::<()>().await;
                }
            }))
        }
    }

    fn poll(future: &mut Boxed) -> bool {
        future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_later_handler_is_not_entered_before_the_earlier_has_waited() {
        let bench = Bench::new();
        let (mut first, mut second) = (bench.handler(0, false), bench.handler(1, true));
        assert!(!poll(&mut second));
        assert!(bench.entered.borrow().is_empty());
        assert!(!poll(&mut first));
        assert!(poll(&mut second));
        assert_eq!(*bench.entered.borrow(), [0, 1]);
    }

    #[test]
    fn a_handler_that_ends_at_once_lets_the_next_in() {
        let bench = Bench::new();
        assert!(poll(&mut bench.handler(0, true)));
        assert!(poll(&mut bench.handler(1, true)));
        assert_eq!(*bench.entered.borrow(), [0, 1]);
    }

    #[test]
    fn a_handler_dropped_before_its_first_poll_does_not_jam_the_others() {
        let bench = Bench::new();
        let (first, second) = (bench.handler(0, true), bench.handler(1, true));
        let mut third = bench.handler(2, true);
        drop(second); // out of turn
        assert!(!poll(&mut third));
        drop(first);
        assert!(poll(&mut third));
    }

    #[test]
    fn a_handler_dropped_while_it_waits_for_its_turn_does_not_jam_the_others() {
        let bench = Bench::new();
        let (mut second, mut third) = (bench.handler(1, true), bench.handler(2, true));
        assert!(!poll(&mut second));
        drop(second);
        assert!(!poll(&mut third));
        assert!(poll(&mut bench.handler(0, true)));
        assert!(poll(&mut third));
    }

    #[test]
    fn who_waits_is_woken_when_the_turn_comes() {
        struct Count(atomic::AtomicUsize);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, atomic::Ordering::Relaxed);
            }
        }
        let bench = Bench::new();
        let count = Arc::new(Count(0.into()));
        let waker = Waker::from(count.clone());
        let mut second = bench.handler(1, true);
        assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert!(poll(&mut bench.handler(0, true)));
        assert_eq!(count.0.load(atomic::Ordering::Relaxed), 1);
        assert!(poll(&mut second));
    }
}
