//! The life of a socket: dial, converse, tell, wait, again.
use super::Context;
use super::backoff::Attempts;
use super::connect::{CONNECT_WITHIN, End, connect};
use super::event::{CloseReason, What};
use super::gauge::State;
use super::plan::Plan;
use super::pump::Pump;
use super::socket::Shared;
use super::tell::Teller;
use ports::mailbox::Closed;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

pub(super) struct Driver {
    pub(super) context: Context,
    pub(super) shared: Arc<Shared>,
    pub(super) teller: Teller,
    pub(super) attempts: Attempts,
    connections: u64,
    dials: u64,
}

impl Driver {
    pub(super) fn new(context: Context, shared: Arc<Shared>) -> Self {
        let teller = Teller { mailbox: context.mailbox.clone(), name: context.name.clone(), told: 0 };
        Self { context, shared, teller, attempts: Attempts::default(), connections: 0, dials: 0 }
    }

    /// Until the socket is dropped (the task is aborted; what is open says goodbye in its drop) or the instance has
    /// ended.
    pub(super) async fn run(mut self) {
        while self.once().await.is_ok() {}
        tracing::debug!("the instance has ended");
    }

    async fn once(&mut self) -> Result<(), Closed> {
        self.context.dials.take().await;
        let plan = self.shared.plan();
        let mut secrets = self.context.vault.changes();
        let versions = self.versions(&plan);
        let dialled = Instant::now();
        let end = self.connection(&plan).await?;
        // Whoever forces a dial waits at least this long since the last one.
        let soonest = dialled + plan.backoff.first;
        let now = Instant::now();
        let at = match end {
            End { again: false, .. } => None,
            End { reason: CloseReason::Asked, .. } => Some(soonest.max(now)),
            _ => Some(now + self.attempts.next(&plan.backoff)),
        };
        self.log(&end);
        match at {
            None => self.context.gauge.enter(State::Stopped),
            Some(at) => self.context.gauge.wait(at - now),
        }
        let will_reconnect_ms = at.map(|at| u64::try_from((at - now).as_millis()).unwrap_or(u64::MAX));
        if let Some(letter) = self.teller.tell(What::Closed { reason: end.reason, will_reconnect_ms }) {
            self.teller.finish(letter).await?;
        }
        match at {
            // Who was refused with the old value may get in with the new one.
            None => tokio::select! {
                () = self.shared.park(&plan) => {}
                () = self.rotated(&plan, &versions, &mut secrets) => self.shared.unpark(),
            },
            Some(at) => tokio::select! {
                () = sleep_until(at) => return Ok(()),
                () = self.shared.wish.notified() => {}
            },
        }
        sleep_until(soonest).await;
        Ok(())
    }

    /// Of the secrets with which it logs in.
    fn versions(&self, plan: &Plan) -> Vec<u64> {
        let first = plan.first_frame.iter().flat_map(|first| &first.fills);
        plan.fills.iter().chain(first).map(|fill| self.context.vault.version(&fill.secret)).collect()
    }

    /// Until one of them is another than it was.
    async fn rotated(&self, plan: &Plan, versions: &[u64], changes: &mut watch::Receiver<u64>) {
        while self.versions(plan) == versions {
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// From the dial to the end. An event that still waits for the mailbox is posted, or its time is up.
    async fn connection(&mut self, plan: &Arc<Plan>) -> Result<End, Closed> {
        self.context.gauge.enter(State::Connecting);
        self.dials += 1;
        if self.dials > 1 {
            self.context.gauge.reconnects.fetch_add(1, Relaxed);
        }
        // Boxed: it is large (the handshake), short, and would make every idle task as large.
        let attempt = Box::pin(timeout(CONNECT_WITHIN, connect(plan, &self.context)));
        // Who asks for what is being done already need not wait for it again.
        let outdated = async {
            loop {
                self.shared.wish.notified().await;
                if !Arc::ptr_eq(plan, &self.shared.plan()) {
                    return;
                }
            }
        };
        let opened = tokio::select! {
            opened = attempt => opened.unwrap_or_else(|_| {
                let why = format!("not connected and upgraded within {} s", CONNECT_WITHIN.as_secs());
                Err(End::again(CloseReason::Unreachable(why)))
            }),
            () = outdated => Err(End::again(CloseReason::Asked)),
        };
        let (wire, subprotocol) = match opened {
            Ok(opened) => opened,
            Err(end) => return Ok(end),
        };
        self.connections += 1;
        tracing::info!(connection = self.connections, origin = plan.url.origin(), "open");
        let opened = What::Opened { connection: self.connections, subprotocol };
        Pump::new(self, plan, wire).run(opened).await.map(End::again)
    }

    fn log(&self, end: &End) {
        let End { reason, again } = end;
        self.context.gauge.failed(reason.to_string());
        // The first of a row of failures is news; the gauge shows the others.
        match (reason, self.attempts.row()) {
            (CloseReason::Asked, _) => tracing::debug!(%reason, again, "closed"),
            (_, 2..) if *again => tracing::debug!(%reason, again, "closed"),
            (CloseReason::Slow | CloseReason::Denied(_), _) => {
                tracing::warn!(%reason, again, blame = "guest", "closed");
            }
            _ => tracing::warn!(%reason, again, blame = "platform", "closed"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.set_outbox(None);
        self.context.gauge.enter(State::Stopped);
        if std::thread::panicking() {
            tracing::error!(socket = %self.context.name, blame = "host", "the socket's task panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::unstarted;

    /// 18,000 of them are to fit into 4 GiB together with their guests and buffers.
    #[test]
    fn the_task_of_a_socket_stays_small() {
        let bytes = std::mem::size_of_val(&unstarted().run());
        assert!(bytes < 3 << 10, "{bytes}");
    }
}
