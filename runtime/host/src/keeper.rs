//! Secrets that arrive, on their way into the key ring: the latest value of each, tried until it is kept.
use ports::identity::InstanceId;
use ports::keys::{KeyError, KeyRing};
use ports::secret::{Secret, Vault};
use primitives::{Digest, hash};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Digests of the values that the operator provides for secrets that arrive, too.
    provided: BTreeMap<String, String>,
}

/// Names whose values are to be written. A name is there once, however often it arrives.
#[derive(Default)]
struct Pending {
    names: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl Keeper {
    /// `provided`: what the operator provides.
    pub fn new<'a>(
        id: InstanceId,
        ring: Arc<dyn KeyRing>,
        provided: impl Iterator<Item = (&'a String, &'a Secret)>,
    ) -> Self {
        let provided = provided.map(|(name, value)| (name.clone(), digest(value))).collect();
        Self { id, ring, pending: Arc::default(), provided }
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
            let Some((provided, value)) = text.expose().split_once(':') else { continue };
            if self.provided.get(&name).is_none_or(|now| now == provided) {
                vault.restore(&name, Secret::new(value.to_owned()));
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
            let Some(value) = vault.arrived(&name) else { continue };
            match self.keep(&name, &value).await {
                Ok(()) => info!(connector = %self.id, secret = name, "a secret arrived and is kept"),
                Err(error) => {
                    warn!(connector = %self.id, secret = name, %error, "a secret arrived and is in memory only; trying again");
                    self.pending.lock().insert(name);
                    failed = true;
                }
            }
        }
        failed
    }

    async fn keep(&self, name: &str, value: &Secret) -> Result<(), KeyError> {
        let provided = self.provided.get(name).map(String::as_str).unwrap_or_default();
        let text = Secret::new(format!("{provided}:{}", value.expose()));
        self.ring.keep(&self.id, name, text).await
    }
}

impl Pending {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(value: &Secret) -> String {
    let bytes = Zeroizing::new(hash(Digest::Sha256, value.expose().as_bytes()));
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
