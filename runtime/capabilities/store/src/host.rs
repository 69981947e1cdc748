//! Guest → host.
use crate::{Seat, Store, wit};
use contract::{Has, Late, Pass, View};
use futures::future::BoxFuture;
use ports::limit::Limit;
use ports::store::{Change, Commit, Error, Read};
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Result;
use wasmtime::component::Accessor;

/// The limits that `store.wit` promises.
const KEY_BYTES: RangeInclusive<usize> = 1..=512;
const VALUE_BYTES: usize = 256 << 10;
const CHANGES: usize = 64;
const COMMIT_BYTES: usize = 1 << 20;
const LISTED: RangeInclusive<u32> = 1..=1_000;

impl wit::Host for View<'_, Store> {}

impl<T: Send> wit::HostWithStore<T> for Has<Store> {
    async fn get(
        accessor: &Accessor<T, Self>,
        key: String,
    ) -> Result<Result<Option<wit::Entry>, wit::Error>> {
        let entry = read(accessor, "get", |seat| {
            key_fits(&key)?;
            Ok(seat.port.get(&seat.id, &key))
        });
        Ok(entry
            .await?
            .map(|entry| entry.map(|entry| wit::Entry { value: entry.value, version: entry.version })))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<u64, wit::Error>> {
        commit(accessor, "set", vec![Change::Set { key, value }]).await
    }

    async fn delete(accessor: &Accessor<T, Self>, key: String) -> Result<Result<(), wit::Error>> {
        Ok(commit(accessor, "delete", vec![Change::Delete { key }]).await?.map(drop))
    }

    async fn list(
        accessor: &Accessor<T, Self>,
        prefix: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<Result<Vec<String>, wit::Error>> {
        let listed = read(accessor, "list", |seat| {
            if !LISTED.contains(&limit) {
                return Err(wit::Error::Invalid(format!("limit is {limit}; 1 to 1000 are possible")));
            }
            Ok(seat.port.list(&seat.id, &prefix, after.as_deref(), limit as usize))
        });
        listed.await
    }

    async fn compare_and_swap(
        accessor: &Accessor<T, Self>,
        key: String,
        expected: Option<u64>,
        value: Vec<u8>,
    ) -> Result<Result<u64, wit::Error>> {
        let expect = Change::Expect { key: key.clone(), version: expected };
        commit(accessor, "compare-and-swap", vec![expect, Change::Set { key, value }]).await
    }

    async fn commit(
        accessor: &Accessor<T, Self>,
        changes: Vec<wit::Change>,
    ) -> Result<Result<u64, wit::Error>> {
        commit(accessor, "commit", changes.into_iter().map(Change::from).collect()).await
    }
}

async fn read<T: Send, R: Send + 'static>(
    accessor: &Accessor<T, Has<Store>>,
    operation: &'static str,
    ask: impl FnOnce(&Seat) -> Result<Read<R>, wit::Error>,
) -> Result<Result<R, wit::Error>> {
    let pass = Pass::of(accessor, operation)?;
    let asked: Result<(Place, Read<R>), wit::Error> = accessor.with(|mut access| {
        let View { seat, .. } = access.get();
        seat.counts.reads.fetch_add(1, Relaxed);
        Ok((Place::take(seat, 0)?, ask(seat)?))
    });
    Ok(match asked {
        Ok((place, asked)) => wait(&pass, place, asked).await,
        Err(error) => Err(error),
    })
}

/// In its first poll it takes its place in the order of commits.
async fn commit<T: Send>(
    accessor: &Accessor<T, Has<Store>>,
    operation: &'static str,
    changes: Vec<Change>,
) -> Result<Result<u64, wit::Error>> {
    let pass = Pass::of(accessor, operation)?;
    let (committing, counts) = accessor.with(|mut access| {
        let View { seat, .. } = access.get();
        let committing: Result<(Place, Commit), wit::Error> = fits(&changes).and_then(|bytes| {
            Ok((Place::take(seat, bytes)?, seat.port.commit(&seat.id, changes, seat.quota)))
        });
        (committing, seat.counts.clone())
    });
    let answer = match committing {
        Ok((place, committing)) => wait(&pass, place, committing).await,
        Err(error) => Err(error),
    };
    let count = if answer.is_ok() { &counts.commits } else { &counts.refused };
    count.fetch_add(1, Relaxed);
    Ok(answer)
}

/// Held until the journal has answered, whoever has gone away meanwhile.
struct Place {
    _call: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Place {
    fn take(seat: &Seat, bytes: usize) -> Result<Self, wit::Error> {
        let full = |what: &str| wit::Error::Quota(format!("calls under way: {what} are possible"));
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Ok(Self {
            _call: seat.calls.clone().try_acquire_owned().map_err(|_| full("64"))?,
            _bytes: seat.bytes.clone().try_acquire_many_owned(bytes).map_err(|_| full("4 MiB"))?,
        })
    }
}

async fn wait<R: Send + 'static>(
    pass: &Pass,
    place: Place,
    mut asked: BoxFuture<'static, Result<R, Error>>,
) -> Result<R, wit::Error> {
    match pass.wait(&mut asked).await {
        Ok(answer) => {
            if let Err(Error::Quota { what, .. }) = &answer {
                pass.hit(if *what == "keys" { Limit::StoreKeys } else { Limit::StoreBytes });
            }
            answer.map_err(wit::Error::from)
        }
        Err(Late) => {
            tokio::spawn(async move {
                let _ = asked.await;
                drop(place);
            });
            Err(wit::Error::Timeout)
        }
    }
}

/// The bytes of all, if they are within the limits.
fn fits(changes: &[Change]) -> Result<usize, wit::Error> {
    if changes.len() > CHANGES {
        let many = changes.len();
        return Err(wit::Error::Invalid(format!("{many} changes; {CHANGES} are possible")));
    }
    let mut bytes = 0;
    for change in changes {
        let (key, value) = match change {
            Change::Set { key, value } => (key, value.len()),
            Change::Delete { key } | Change::Expect { key, .. } => (key, 0),
        };
        key_fits(key)?;
        if value > VALUE_BYTES {
            return Err(wit::Error::Invalid(format!("a value of {value} bytes; {VALUE_BYTES} are possible")));
        }
        bytes += key.len() + value;
    }
    match bytes <= COMMIT_BYTES {
        true => Ok(bytes),
        false => Err(wit::Error::Invalid(format!("{bytes} bytes together; {COMMIT_BYTES} are possible"))),
    }
}

fn key_fits(key: &str) -> Result<(), wit::Error> {
    match KEY_BYTES.contains(&key.len()) {
        true => Ok(()),
        false => Err(wit::Error::Invalid(format!("a key of {} bytes; 1 to 512 are possible", key.len()))),
    }
}

impl From<wit::Change> for Change {
    fn from(change: wit::Change) -> Self {
        match change {
            wit::Change::Set((key, value)) => Self::Set { key, value },
            wit::Change::Delete(key) => Self::Delete { key },
            wit::Change::Expect((key, version)) => Self::Expect { key, version },
        }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict { key } => Self::Conflict(key),
            Error::Quota { .. } => Self::Quota(error.to_string()),
            Error::Full | Error::Unavailable(_) | Error::Closed => Self::Unavailable(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &str, bytes: usize) -> Change {
        Change::Set { key: key.into(), value: vec![0; bytes] }
    }

    #[test]
    fn the_limits_of_the_contract_hold() {
        assert!(fits(&[set("k", VALUE_BYTES), set(&"k".repeat(512), 0)]).is_ok());
        let wrong = [
            vec![set("", 1)],
            vec![set(&"k".repeat(513), 1)],
            vec![set("k", VALUE_BYTES + 1)],
            vec![set("k", VALUE_BYTES); 5],
            vec![set("k", 1); CHANGES + 1],
            vec![Change::Delete { key: String::new() }],
        ];
        for changes in wrong {
            assert!(matches!(fits(&changes), Err(wit::Error::Invalid(_))));
        }
    }
}
