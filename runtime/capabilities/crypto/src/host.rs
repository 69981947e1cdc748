//! Guest → host.
use crate::{Crypto, Seat, text, wit};
use contract::{Has, Late, Pass, View};
use ports::keys::{Answer, KeyError};
use ports::limit::Limit;
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;
use wasmtime::Result;
use wasmtime::component::{Access, Accessor};

const RANDOM_BYTES: RangeInclusive<u32> = 1..=65_536;

impl wit::Host for View<'_, Crypto> {}

impl<T: Send> wit::HostWithStore<T> for Has<Crypto> {
    fn random(mut access: Access<'_, T, Self>, bytes: u32) -> Result<Result<Vec<u8>, wit::Error>> {
        let _pass = Pass::enter(&mut access, "random")?;
        Ok(match RANDOM_BYTES.contains(&bytes) {
            true => Ok(primitives::random(bytes as usize)),
            false => Err(invalid(format!("bytes is {bytes}; 1 to 65536 are possible"))),
        })
    }

    fn hash(mut access: Access<'_, T, Self>, algorithm: wit::Digest, data: Vec<u8>) -> Result<Vec<u8>> {
        let _pass = Pass::enter(&mut access, "hash")?;
        Ok(primitives::hash(algorithm.into(), &data))
    }

    async fn ensure(
        accessor: &Accessor<T, Self>,
        name: String,
        kind: wit::Kind,
        class: wit::Class,
    ) -> Result<Result<wit::Key, wit::Error>> {
        let made = ask(accessor, "ensure", |seat| {
            Ok(seat.ring.ensure(&seat.id, &name, kind.into(), class.into(), seat.most))
        });
        Ok(made.await?.map(wit::Key::from))
    }

    async fn keys(accessor: &Accessor<T, Self>) -> Result<Result<Vec<wit::Key>, wit::Error>> {
        let keys = ask(accessor, "keys", |seat| Ok(seat.ring.keys(&seat.id))).await?;
        Ok(keys.map(|keys| keys.into_iter().map(wit::Key::from).collect()))
    }

    async fn forget(accessor: &Accessor<T, Self>, name: String) -> Result<Result<bool, wit::Error>> {
        ask(accessor, "forget", |seat| Ok(seat.ring.forget(&seat.id, &name))).await
    }

    async fn sign(
        accessor: &Accessor<T, Self>,
        key: String,
        parts: Vec<wit::Part>,
    ) -> Result<Result<Vec<u8>, wit::Error>> {
        let signed = ask(accessor, "sign", |seat| {
            let text = text::of(&parts, |secret| seat.vault.part(secret, &key))?;
            Ok(seat.ring.sign(&seat.id, &key, text))
        });
        signed.await
    }

    async fn verify_tag(
        accessor: &Accessor<T, Self>,
        key: String,
        parts: Vec<wit::Part>,
        tag: Vec<u8>,
    ) -> Result<Result<bool, wit::Error>> {
        let verified = ask(accessor, "verify-tag", |seat| {
            let text = text::of(&parts, |secret| seat.vault.part(secret, &key))?;
            Ok(seat.ring.verify(&seat.id, &key, text, tag))
        });
        verified.await
    }

    fn authenticate(
        mut access: Access<'_, T, Self>,
        secret: String,
        algorithm: wit::Digest,
        parts: Vec<wit::Part>,
    ) -> Result<Result<Vec<u8>, wit::Error>> {
        let _pass = Pass::enter(&mut access, "authenticate")?;
        let View { seat, .. } = access.get();
        let tag = text::public(&parts).and_then(|text| {
            let value = seat.vault.authenticator(&secret).map_err(text::denied)?;
            Ok(primitives::hmac(algorithm.into(), value.expose().as_bytes(), &text))
        });
        seat.count(&tag);
        Ok(tag)
    }

    fn verify(
        mut access: Access<'_, T, Self>,
        public: Vec<u8>,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<Result<bool, wit::Error>> {
        let _pass = Pass::enter(&mut access, "verify")?;
        let verified = primitives::ed25519_verify(&public, &message, &signature);
        Ok(verified.map_err(|wrong| invalid(wrong.to_string())))
    }
}

impl Seat {
    fn count<R>(&self, answer: &std::result::Result<R, wit::Error>) {
        let count = if answer.is_ok() { &self.counts.calls } else { &self.counts.refused };
        count.fetch_add(1, Relaxed);
    }
}

/// Asks the ring in its first poll, so that calls reach it in their order.
async fn ask<T: Send, R: Send + 'static>(
    accessor: &Accessor<T, Has<Crypto>>,
    operation: &'static str,
    ask: impl FnOnce(&Seat) -> std::result::Result<Answer<R>, wit::Error>,
) -> Result<std::result::Result<R, wit::Error>> {
    let pass = Pass::of(accessor, operation)?;
    let asked = accessor.with(|mut access| {
        let View { seat, .. } = access.get();
        let place = seat.calls.clone().try_acquire_owned();
        let place = place.map_err(|_| wit::Error::Unavailable("16 calls are under way".into()));
        let asked = place.and_then(|place| Ok((place, ask(seat)?)));
        (asked, seat.counts.clone())
    });
    let answer = match asked {
        (Ok((place, mut asked)), counts) => {
            let answer = pass.wait(&mut asked).await;
            match answer {
                Ok(answer) => (answer.map_err(wit::Error::from), counts),
                Err(Late) => {
                    // What was begun ends, and holds its place until then.
                    tokio::spawn(async move {
                        let _ = asked.await;
                        drop(place);
                    });
                    (Err(wit::Error::Unavailable("the handler is out of time".into())), counts)
                }
            }
        }
        (Err(refused), counts) => (Err(refused), counts),
    };
    let (answer, counts) = answer;
    let count = if answer.is_ok() { &counts.calls } else { &counts.refused };
    count.fetch_add(1, Relaxed);
    if matches!(answer, Err(wit::Error::Quota)) {
        pass.hit(Limit::Keys);
    }
    Ok(answer)
}

fn invalid(why: String) -> wit::Error {
    wit::Error::Invalid(why)
}

impl From<KeyError> for wit::Error {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unknown(_) => Self::UnknownKey,
            KeyError::Taken { .. } => Self::Taken,
            KeyError::Unfit { .. } | KeyError::BadName => Self::Invalid(error.to_string()),
            KeyError::Full { .. } => Self::Quota,
            // Which file it is concerns the operator.
            KeyError::Unavailable(why) => {
                tracing::warn!(why, "the key ring cannot be used");
                Self::Unavailable("the key ring cannot be used".into())
            }
        }
    }
}
