//! The device that we are to the gateway: its key never leaves the key ring, and the token that the gateway gives it is
//! kept there too.
use openclaw::connect::{Challenge, Device, Wish};
use openclaw::device::{Signing, text};
use ports::identity::InstanceId;
use ports::keys::{Class, KeyError, KeyRing, Kind};
use ports::reach::CheckedUrl;
use ports::secret::Secret;
use std::sync::Arc;
use zeroize::Zeroizing;

/// No connector's: there is no other instance of this tenant.
const OWNER: (&str, &str, &str) = ("runtime", "openclaw", "agent");
const KEY: &str = "device";
/// More than one for this owner are nobody's.
const MOST_KEYS: usize = 8;
/// Instead of a token that was forgotten: the ring takes nothing that is empty.
const FORGOTTEN: &str = " ";

pub(crate) struct Identity {
    ring: Arc<dyn KeyRing>,
    owner: InstanceId,
    /// Of the device token: one gateway's is never shown to another.
    token: String,
}

impl Identity {
    pub fn new(ring: Arc<dyn KeyRing>, url: &CheckedUrl) -> Self {
        let (tenant, connector, account) = OWNER;
        let owner = InstanceId::new(tenant, connector, account).expect("these are names");
        Self { ring, owner, token: format!("device-token {}", url.origin()) }
    }

    pub async fn public_key(&self) -> Result<[u8; 32], KeyError> {
        let key = self.ring.ensure(&self.owner, KEY, Kind::Ed25519, Class::Identity, MOST_KEYS).await?;
        let public = key.public.and_then(|public| <[u8; 32]>::try_from(public).ok());
        public.ok_or_else(|| KeyError::Unfit { name: KEY.into(), kind: Kind::Ed25519 })
    }

    /// The proof for this wish and challenge; `secret` is what the wish logs in with.
    pub async fn prove(
        &self,
        wish: &Wish,
        challenge: &Challenge,
        secret: Option<&Secret>,
    ) -> Result<Device, KeyError> {
        let public_key = self.public_key().await?;
        let secret = secret.map_or("", Secret::expose);
        let parts = Signing::new(&public_key, wish, challenge).parts();
        let signed = Zeroizing::new(text(&parts, secret).into_bytes());
        let signature = self.ring.sign(&self.owner, KEY, signed).await?;
        let signature = <[u8; 64]>::try_from(signature);
        let signature = signature.map_err(|_| KeyError::Unfit { name: KEY.into(), kind: Kind::Ed25519 })?;
        Ok(Device { public_key, signature })
    }

    /// What the gateway gave this device.
    pub async fn device_token(&self) -> Result<Option<Secret>, KeyError> {
        let mut arrived = self.ring.arrived(&self.owner).await?;
        Ok(arrived.remove(&self.token).filter(|token| token.expose() != FORGOTTEN))
    }

    /// Gone from the disk when this is answered.
    pub async fn forget_device_token(&self) -> Result<(), KeyError> {
        self.keep_device_token(Secret::new(FORGOTTEN.into())).await
    }

    /// On disk, encrypted, when this is answered.
    pub async fn keep_device_token(&self, token: Secret) -> Result<(), KeyError> {
        self.ring.keep(&self.owner, &self.token, token).await
    }
}
