//! A guest's options, checked and turned into a plan. Ranges are those that `websocket.wit` promises.
use crate::driver::{Backoff, DEFAULT_MESSAGE_BYTES, FirstFrame, Ping, Plan};
use crate::wit;
use ports::reach::CheckedUrl;
use ports::secret::Fill;
use std::ops::RangeInclusive;
use std::time::Duration;

const MOST_FILLS: usize = 8;
const FIRST_FRAME_BYTES: usize = 64 << 10;
const PING_EVERY_MS: RangeInclusive<u32> = 1_000..=3_600_000;
const PING_WITHIN_MS: RangeInclusive<u32> = 100..=600_000;
const BACKOFF_FIRST_MS: RangeInclusive<u32> = 100..=600_000;
const BACKOFF_MOST_MS: RangeInclusive<u32> = 100..=3_600_000;
const DEFAULT_BACKOFF: wit::Backoff = wit::Backoff { first_ms: 1_000, most_ms: 60_000 };

pub fn plan(url: &str, options: wit::Options) -> Result<Plan, wit::Error> {
    let url = CheckedUrl::parse(url).map_err(|error| invalid("url", error))?;
    let backoff = options.backoff.unwrap_or(DEFAULT_BACKOFF);
    let plan = Plan {
        url,
        headers: options.headers,
        fills: fills(options.fills)?,
        subprotocols: options.subprotocols,
        first_frame: options.first_frame.map(first_frame).transpose()?,
        ping: options.ping.map(ping).transpose()?,
        ready: options.ready.map(contract::json_test).transpose().map_err(|error| invalid("ready", error))?,
        backoff: Backoff {
            first: millis("backoff.first-ms", backoff.first_ms, BACKOFF_FIRST_MS)?,
            most: millis("backoff.most-ms", backoff.most_ms, BACKOFF_MOST_MS)?,
        },
        max_message_bytes: options.max_message_bytes.map_or(DEFAULT_MESSAGE_BYTES, |bytes| bytes as usize),
    };
    plan.check().map_err(|error| invalid("options", error))?;
    Ok(plan)
}

pub fn fills(raw: Vec<contract::types::Fill>) -> Result<Vec<Fill>, wit::Error> {
    if raw.len() > MOST_FILLS {
        return Err(invalid("fills", format!("{} of them; {MOST_FILLS} are possible", raw.len())));
    }
    raw.into_iter().map(|fill| contract::fill(fill).map_err(|error| invalid("fills", error))).collect()
}

fn first_frame(raw: wit::FirstFrame) -> Result<FirstFrame, wit::Error> {
    if raw.text.len() > FIRST_FRAME_BYTES {
        return Err(invalid(
            "first-frame",
            format!("{} bytes; {FIRST_FRAME_BYTES} are possible", raw.text.len()),
        ));
    }
    Ok(FirstFrame { text: raw.text, fills: fills(raw.fills)? })
}

fn ping(raw: wit::Ping) -> Result<Ping, wit::Error> {
    Ok(Ping {
        every: millis("ping.every-ms", raw.every_ms, PING_EVERY_MS)?,
        text: raw.text,
        answer: contract::json_test(raw.answer).map_err(|error| invalid("ping.answer", error))?,
        within: millis("ping.within-ms", raw.within_ms, PING_WITHIN_MS)?,
    })
}

fn millis(what: &str, ms: u32, range: RangeInclusive<u32>) -> Result<Duration, wit::Error> {
    match range.contains(&ms) {
        true => Ok(Duration::from_millis(ms.into())),
        false => Err(invalid(what, format!("{ms}; {} to {} are possible", range.start(), range.end()))),
    }
}

pub fn invalid(what: &str, why: impl std::fmt::Display) -> wit::Error {
    wit::Error::Invalid(format!("{what}: {why}"))
}
