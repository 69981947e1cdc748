//! How often an instance may dial, whatever it names its sockets: a platform counts who hammers it, and locks accounts
//! out.
use ports::limit::{Hits, Limit};
use ports::rate::Rate;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Whether there is a dial left.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Of all sockets of an instance together.
#[derive(Clone)]
pub struct Dials {
    rate: Arc<Rate>,
    hits: Arc<Hits>,
}

impl Default for Dials {
    /// More than anybody needs: for those who dial by themselves.
    fn default() -> Self {
        Self::new(6000, Arc::default())
    }
}

impl Dials {
    pub fn new(per_minute: u32, hits: Arc<Hits>) -> Self {
        Self { rate: Arc::new(Rate::per_minute(per_minute)), hits }
    }

    /// Waits until there is one.
    pub(super) async fn take(&self) {
        if self.rate.take() {
            return;
        }
        self.hits.hit(Limit::Dials);
        while !self.rate.take() {
            sleep(LOOK_AGAIN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn past_a_minutes_worth_a_dial_waits_and_is_counted() {
        let hits = Arc::new(Hits::default());
        let dials = Dials::new(120, hits.clone());
        for _ in 0..120 {
            dials.clone().take().now_or_never().expect("there is one");
        }
        assert!(dials.take().now_or_never().is_none());
        assert_eq!(hits.of(Limit::Dials), 1);
        // Two come in each second.
        tokio::time::timeout(Duration::from_secs(10), dials.take()).await.unwrap();
    }
}
