//! Guest → host.
use super::{Timers, wit};
use contract::{Has, Late, Pass, View};
use ports::limit::Limit;
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wasmtime::Result;
use wasmtime::component::{Access, Accessor};

/// The ranges that `timers.wit` promises, in milliseconds.
const EVERY_MS: RangeInclusive<u32> = 100..=86_400_000;
const ONCE_MS: RangeInclusive<u32> = 10..=86_400_000;
const SLEEP_MS: RangeInclusive<u32> = 0..=30_000;
const NAME_BYTES: RangeInclusive<usize> = 1..=64;

impl wit::Host for View<'_, Timers> {}

impl<T: Send> wit::HostWithStore<T> for Has<Timers> {
    fn subscribe(
        mut access: Access<'_, T, Self>,
        name: String,
        every_ms: u32,
    ) -> Result<Result<(), wit::Error>> {
        let pass = Pass::enter(&mut access, "subscribe")?;
        let seat = access.get().seat;
        Ok(checked(seat.has_handler, &name, every_ms, EVERY_MS)
            .and_then(|()| seat.running.every(&name, millis(every_ms)).map_err(|_| full(&pass))))
    }

    fn once(mut access: Access<'_, T, Self>, name: String, delay_ms: u32) -> Result<Result<(), wit::Error>> {
        let pass = Pass::enter(&mut access, "once")?;
        let seat = access.get().seat;
        Ok(checked(seat.has_handler, &name, delay_ms, ONCE_MS)
            .and_then(|()| seat.running.once(&name, millis(delay_ms)).map_err(|_| full(&pass))))
    }

    fn cancel(mut access: Access<'_, T, Self>, name: String) -> Result<bool> {
        let _pass = Pass::enter(&mut access, "cancel")?;
        Ok(access.get().seat.running.cancel(&name))
    }

    async fn sleep(accessor: &Accessor<T, Self>, ms: u32) -> Result<Result<(), wit::Error>> {
        let pass = Pass::of(accessor, "sleep")?;
        if let Err(error) = in_range("ms", ms, SLEEP_MS) {
            return Ok(Err(error));
        }
        Ok(pass.wait(tokio::time::sleep(millis(ms))).await.map_err(|Late| wit::Error::Timeout))
    }

    fn now(mut access: Access<'_, T, Self>) -> Result<u64> {
        let _pass = Pass::enter(&mut access, "now")?;
        Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64))
    }

    fn monotonic(mut access: Access<'_, T, Self>) -> Result<u64> {
        let _pass = Pass::enter(&mut access, "monotonic")?;
        Ok(access.get().seat.started.elapsed().as_millis() as u64)
    }
}

fn full(pass: &Pass) -> wit::Error {
    pass.hit(Limit::Timers);
    wit::Error::Quota
}

fn millis(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

fn checked(has_handler: bool, name: &str, ms: u32, range: RangeInclusive<u32>) -> Result<(), wit::Error> {
    if !has_handler {
        return Err(wit::Error::NoHandler);
    }
    if !NAME_BYTES.contains(&name.len()) || name.contains(char::is_control) {
        return Err(wit::Error::OutOfRange("a name has 1 to 64 bytes and no control characters".into()));
    }
    in_range("the time", ms, range)
}

fn in_range(what: &str, ms: u32, range: RangeInclusive<u32>) -> Result<(), wit::Error> {
    match range.contains(&ms) {
        true => Ok(()),
        false => Err(wit::Error::OutOfRange(format!(
            "{what} is {ms} ms; {} to {} are possible",
            range.start(),
            range.end()
        ))),
    }
}
