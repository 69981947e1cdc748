//! The other side of the comparison: the same connector as native Rust, without a sandbox, in a process of its own.
//!
//! One thread, because native code needs no more; the drivers, the dialer, the mailboxes and the grants are those of
//! the runtime, so that what differs is the way between them and the connector.
mod clock;
mod echo;
mod grants;
mod host;
mod imp;
mod keep;
mod lower;
mod occum;
mod pump;

use anyhow::Context;
use clap::ValueEnum;
use egress::{Dialer, Roots, Way};
use ports::dial::Dial;
use std::sync::Arc;
use tokio::task::LocalSet;

/// The environment variable with the platform's token.
pub const TOKEN: &str = "BENCH_TOKEN";

/// As large as in the runtime (`contract::Quotas`).
const MAILBOX: ports::mailbox::Capacity = ports::mailbox::Capacity { events: 64, bytes: 4 << 20 };

#[derive(Clone, Copy, ValueEnum)]
pub enum Connector {
    /// The connector occum, with an echo agent.
    Occum,
    /// What the test guest imp does with an order to echo.
    Imp,
}

impl Connector {
    pub fn name(self) -> &'static str {
        match self {
            Self::Occum => "occum",
            Self::Imp => "imp",
        }
    }
}

/// Runs it until it is killed.
pub fn run(connector: Connector, url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("no runtime")?;
    LocalSet::new().block_on(&runtime, async {
        match connector {
            Connector::Occum => occum::run(url).await,
            Connector::Imp => imp::run(url).await,
        }
    })
}

fn dialer() -> Arc<dyn Dial> {
    let loopback = "127.0.0.0/8".parse().expect("a range");
    Dialer::new(Roots::public()).way(Way { private: vec![loopback], ..Way::default() })
}
