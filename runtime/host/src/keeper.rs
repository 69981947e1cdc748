//! Secrets that arrive, on their way into the key ring: the latest value of each, tried until it is kept.
use ports::identity::InstanceId;
use ports::keys::{KeyError, KeyRing};
use ports::secret::{Secret, Vault};
use primitives::{Digest, hash};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use zeroize::Zeroizing;

/// Between two tries; the disk that failed is the journal's too.
const AGAIN: Duration = Duration::from_secs(5);

/// Of one instance.
pub struct Keeper {
    id: InstanceId,
    ring: Arc<dyn KeyRing>,
    pending: Arc<Pending>,
}

/// Names whose values are to be written. A name is there once, however often it arrives.
#[derive(Default)]
struct Pending {
    names: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl Keeper {
    pub fn new(id: InstanceId, ring: Arc<dyn KeyRing>) -> Self {
        Self { id, ring, pending: Arc::default() }
    }

    /// For [`Vault::keeping`].
    pub fn listener(&self) -> impl Fn(&str) + Send + Sync + use<> {
        let pending = self.pending.clone();
        move |name| {
            pending.lock().insert(name.to_owned());
            pending.wake.notify_one();
        }
    }

    /// Gives the vault what arrived in earlier processes: unless the operator has provided another value since.
    pub async fn restore(&self, vault: &Vault) {
        let kept = match self.ring.arrived(&self.id).await {
            Ok(kept) => kept,
            Err(error) => {
                return error!(connector = %self.id, %error, "secrets that arrived cannot be read: they are absent");
            }
        };
        for (name, text) in kept {
            let Some((provided, value)) = text.expose().split_once(':').filter(|(_, it)| !it.is_empty())
            else {
                continue;
            };
            let value = Secret::new(value.to_owned());
            match digest(vault.provided(&name)) == provided {
                true => drop(vault.restore(&name, value)),
                false => vault.remember(&name, value),
            }
        }
    }

    /// Until `closing`, and then once more: when nothing can arrive any more.
    pub async fn run(self, vault: Arc<Vault>, closing: CancellationToken) {
        loop {
            let is_last = closing.is_cancelled();
            let failed = self.write(&vault).await;
            match failed {
                _ if is_last => return,
                true => tokio::select! {
                    () = sleep(AGAIN) => {}
                    () = closing.cancelled() => {}
                },
                false => tokio::select! {
                    () = self.pending.wake.notified() => {}
                    () = closing.cancelled() => {}
                },
            }
        }
    }

    /// Whether one could not be written.
    async fn write(&self, vault: &Vault) -> bool {
        let names = std::mem::take(&mut *self.pending.lock());
        let mut failed = false;
        for name in names {
            match self.keep(vault, &name).await {
                Ok(()) => info!(connector = %self.id, secret = name, "what arrived of a secret is kept"),
                Err(error) => {
                    warn!(connector = %self.id, secret = name, %error, "a secret arrived and is in memory only; trying again");
                    self.pending.lock().insert(name);
                    failed = true;
                }
            }
        }
        failed
    }

    /// With what tells which value of the operator's it replaced: a later one comes first. Empty where the operator's is the
    /// present one.
    async fn keep(&self, vault: &Vault, name: &str) -> Result<(), KeyError> {
        let value = vault.arrived(name);
        let value = value.as_ref().map(Secret::expose).unwrap_or_default();
        let text = Secret::new(format!("{}:{value}", digest(vault.provided(name))));
        self.ring.keep(&self.id, name, text).await
    }
}

impl Pending {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Empty where there is none.
fn digest(value: Option<Secret>) -> String {
    let Some(value) = value else { return String::new() };
    let bytes = Zeroizing::new(hash(Digest::Sha256, value.expose().as_bytes()));
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
