//! A value that one handler tells another.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct Shared<T> {
    told: Option<T>,
    is_over: bool,
    waker: Option<Waker>,
}

/// Dropped without a word, it tells that there is nothing to come.
pub(crate) struct Teller<T>(Rc<RefCell<Shared<T>>>);

/// Waits for what is told; None if nothing will be.
pub(crate) struct Hearer<T>(Rc<RefCell<Shared<T>>>);

pub(crate) fn pair<T>() -> (Teller<T>, Hearer<T>) {
    let shared = Rc::new(RefCell::new(Shared { told: None, is_over: false, waker: None }));
    (Teller(shared.clone()), Hearer(shared))
}

impl<T> Teller<T> {
    pub(crate) fn tell(self, value: T) {
        self.0.borrow_mut().told = Some(value);
    }
}

impl<T> Drop for Teller<T> {
    fn drop(&mut self) {
        let waker = {
            let mut shared = self.0.borrow_mut();
            shared.is_over = true;
            shared.waker.take()
        };
        // NB: not under the borrow: who is woken may look at once.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Hearer<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut shared = self.0.borrow_mut();
        if shared.is_over {
            return Poll::Ready(shared.told.take());
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<T>(hearer: &mut Hearer<T>) -> Poll<Option<T>> {
        Pin::new(hearer).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_is_told_is_heard_once_it_is_told() {
        let (teller, mut hearer) = pair();
        assert_eq!(poll(&mut hearer), Poll::Pending);
        teller.tell(5);
        assert_eq!(poll(&mut hearer), Poll::Ready(Some(5)));
    }

    #[test]
    fn a_teller_that_goes_is_nothing_to_wait_for() {
        let (teller, mut hearer) = pair::<u8>();
        drop(teller);
        assert_eq!(poll(&mut hearer), Poll::Ready(None));
    }
}
