//! A tiny executor: polls what was woken until nothing moves any more.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

#[derive(Default)]
pub(super) struct Tasks {
    tasks: RefCell<Vec<Task>>,
    running: Cell<bool>,
}

struct Task {
    woken: Arc<Woken>,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Tasks {
    pub(super) fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Outcome<T> {
        let outcome = Outcome(Rc::default());
        let slot = outcome.0.clone();
        let future = Box::pin(async move {
            let value = future.await;
            *slot.borrow_mut() = Some(value);
        });
        self.tasks.borrow_mut().push(Task { woken: Arc::new(Woken(true.into())), future });
        outcome
    }

    /// Polls all that can go on, and what they wake, until all wait.
    pub(super) fn run(&self) {
        assert!(!self.running.replace(true), "run inside run");
        loop {
            let mut tasks = std::mem::take(&mut *self.tasks.borrow_mut());
            let mut moved = false;
            tasks.retain_mut(|task| {
                if !task.woken.0.swap(false, Ordering::Relaxed) {
                    return true;
                }
                moved = true;
                let waker = Waker::from(task.woken.clone());
                task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
            });
            self.tasks.borrow_mut().splice(0..0, tasks);
            if !moved {
                break;
            }
        }
        self.running.set(false);
    }

    pub(super) fn clear(&self) {
        self.tasks.borrow_mut().clear();
    }
}

/// What a handler will have answered.
#[derive(Debug)]
pub struct Outcome<T>(Rc<RefCell<Option<T>>>);

impl<T> Outcome<T> {
    /// The answer, if there is one by now. Takes it.
    pub fn poll(&self) -> Option<T> {
        self.0.borrow_mut().take()
    }

    /// # Panics
    /// When the handler has not answered yet, or the answer was taken.
    #[track_caller]
    pub fn answer(&self) -> T {
        self.poll().expect("the handler has not answered yet: let time pass, or program what it waits for")
    }
}
