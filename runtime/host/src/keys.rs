//! The key ring of the state directory, opened under the operator's key.
use crate::state_dir::StateDir;
use anyhow::anyhow;
use config::KeyringSettings;
use keyring::{OperatorKey, Ring};
use ports::clock::epoch_ms;
use ports::secret::Secret;
use std::sync::Arc;

/// # Errors
/// A key that is none: with its place in the file.
pub fn keys(settings: &KeyringSettings) -> anyhow::Result<(Option<OperatorKey>, Vec<OperatorKey>)> {
    let parse = |(place, value): &(String, Secret)| {
        OperatorKey::parse(value).map_err(|error| anyhow!("{place}: {error}"))
    };
    let former = settings.former.iter().map(parse).collect::<Result<_, _>>()?;
    Ok((settings.key.as_ref().map(parse).transpose()?, former))
}

/// Where the operator configures no key, the state directory has one of its own: whoever can read that folder whole can
/// read the keys.
pub fn open(settings: &KeyringSettings, state: &StateDir) -> anyhow::Result<Ring> {
    let (key, former) = keys(settings)?;
    let key = match key {
        Some(key) => key,
        None => OperatorKey::of_file(&state.operator_key())?,
    };
    Ok(Ring::open(&state.keyring(), key, former, Arc::new(epoch_ms))?)
}
