//! What a connector remembers between handlers.

use std::cell::RefCell;

/// State that handlers share.
///
/// The only access is a synchronous closure, so that no borrow can stand over an await, where another handler would
/// find it taken.
///
/// ```
/// let seen = sdk::State::new(0);
/// seen.with(|seen| *seen += 1);
/// assert_eq!(seen.with(|seen| *seen), 1);
/// ```
#[derive(Default)]
pub struct State<T>(RefCell<T>);

impl<T> State<T> {
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// # Panics
    /// When the closure uses the same state again.
    #[track_caller]
    pub fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        match self.0.try_borrow_mut() {
            Ok(mut value) => body(&mut value),
            Err(_) => panic!(
                "State::with was called inside State::with of the same state: take what you need out first"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "State::with was called inside State::with"]
    fn using_a_state_inside_itself_says_so() {
        let state = State::new(1);
        state.with(|_| state.with(|_| ()));
    }
}
