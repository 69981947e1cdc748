//! Lines for the operator.
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit", world: "log-room",
        imports: { default: store | trappable },
    });
}
use bindings::connector::runtime::log as wit;
use contract::{Admission, Capability, Handled, Has, Pass, Stamp, View};
use ports::limit::Limit;
use ports::log_budget::{LogBudget, Verdict, printable};
use ports::mailbox::Mailbox;
use ports::secret::Vault;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use wasmtime::component::{Access, Accessor, Instance, InstancePre, Linker};
use wasmtime::{AsContextMut, Result};

pub struct Log;

pub struct Seat {
    budget: Arc<LogBudget>,
    vault: Arc<Vault>,
}

/// Limits that `log.wit` promises.
const MESSAGE_BYTES: usize = 4 << 10;
const FIELDS: usize = 16;
const KEY_BYTES: usize = 64;
const VALUE_BYTES: usize = 1 << 10;

impl Capability for Log {
    const NAME: &'static str = "log";
    type Seat = Seat;
    type Event = Infallible;
    type Indices = ();
    type Handlers = ();

    fn link<T: Send + 'static>(linker: &mut Linker<T>, view: fn(&mut T) -> View<'_, Self>) -> Result<()> {
        wit::add_to_linker::<T, Has<Self>>(linker, view)
    }
    fn indices<T>(_: &InstancePre<T>) -> Result<()> {
        Ok(())
    }
    fn handlers(_: &(), _: impl AsContextMut, _: &Instance) -> Result<()> {
        Ok(())
    }
    fn admit(&self, admission: &Admission, _: &(), _: Mailbox<Infallible>) -> Seat {
        Seat { budget: admission.log_budget.clone(), vault: admission.vault.clone() }
    }
    fn deliver<'a, T: Send>(_: &'a (), _: &'a Accessor<T>, event: Infallible, _: Stamp) -> Handled<'a> {
        match event {}
    }
}

impl wit::Host for View<'_, Log> {}

impl<T: Send> wit::HostWithStore<T> for Has<Log> {
    fn write(
        mut access: Access<'_, T, Self>,
        level: wit::Level,
        message: String,
        fields: Vec<(String, String)>,
    ) -> Result<()> {
        let pass = Pass::enter(&mut access, "write")?;
        let event = pass.call.as_ref().map(|call| call.order);
        let View { seat, caller } = access.get();
        let connector = &caller.id;
        if !is_written(level) {
            return Ok(());
        }
        match seat.budget.take() {
            Verdict::Drop { first } => {
                pass.hit(Limit::LogLines);
                if first {
                    tracing::warn!(%connector, "log is over its limit: dropping lines");
                }
            }
            Verdict::Write { dropped } => {
                if dropped > 0 {
                    tracing::warn!(%connector, dropped, "log lines were dropped");
                }
                let line = line(&seat.vault, &message, &fields);
                if level == wit::Level::Error {
                    caller.logged_error(&line);
                }
                match level {
                    wit::Level::Trace => tracing::trace!(%connector, event, "{line}"),
                    wit::Level::Debug => tracing::debug!(%connector, event, "{line}"),
                    wit::Level::Info => tracing::info!(%connector, event, "{line}"),
                    wit::Level::Warn => tracing::warn!(%connector, event, "{line}"),
                    wit::Level::Error => tracing::error!(%connector, event, "{line}"),
                }
            }
        }
        Ok(())
    }
}

/// What nobody will see is neither searched for secrets nor counted.
fn is_written(level: wit::Level) -> bool {
    let level = match level {
        wit::Level::Trace => LevelFilter::TRACE,
        wit::Level::Debug => LevelFilter::DEBUG,
        wit::Level::Info => LevelFilter::INFO,
        wit::Level::Warn => LevelFilter::WARN,
        wit::Level::Error => LevelFilter::ERROR,
    };
    level <= LevelFilter::current()
}

/// One line that forges nothing: secrets out, control characters escaped, everything cut.
fn line(vault: &Vault, message: &str, fields: &[(String, String)]) -> String {
    // Cut twice: what is far beyond the end need not be searched for secrets.
    let clean = |text: &str, most: usize| {
        let enough = text.floor_char_boundary(most.saturating_mul(4));
        printable(&vault.redact(&text[..enough]), most)
    };
    let mut line = clean(message, MESSAGE_BYTES);
    for (key, value) in fields.iter().take(FIELDS) {
        let _ = write!(line, " {}={:?}", clean(key, KEY_BYTES), clean(value, VALUE_BYTES));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::secret::{Entry, Secret};
    use std::collections::BTreeMap;

    #[test]
    fn a_line_forges_nothing_and_holds_no_secret() {
        let entry = Entry { value: Some(Secret::new("canary-value".into())), ..Entry::default() };
        let vault = Vault::new(BTreeMap::from([("token".into(), entry)]));
        let fields = [("id".into(), "1\n2".into()), ("canary-value".into(), "x".repeat(5000))];
        let line = line(&vault, "got canary-value\nERROR forged", &fields);
        assert!(line.starts_with("got [redacted]\\nERROR forged id="), "{line}");
        assert!(!line.contains('\n') && !line.contains("canary"), "{line}");
        assert!(line.len() < 1200);
    }
}
