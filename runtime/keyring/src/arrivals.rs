//! The secrets that arrived for one instance. They are not kept in memory: whoever asks does that.
use crate::desk::Desk;
use crate::fault::Fault;
use crate::file_name::{What, is_name};
use crate::record::Record;
use ports::secret::{MAX_SECRET_BYTES, Secret};
use std::collections::BTreeMap;
use std::mem;
use zeroize::Zeroizing;

/// Names of secrets that arrived, per instance. The operator names them; a connector asks for one or two.
pub const MOST_ARRIVED: usize = 64;

impl Desk {
    pub fn arrived(&self) -> Result<BTreeMap<String, Secret>, Fault> {
        let mut arrived = BTreeMap::new();
        for name in self.disk.names(&self.owner, What::Secret)? {
            // One that cannot be opened is no reason to be without the others.
            match self.read(What::Secret, &name).and_then(|record| record.map(secret).transpose()) {
                Ok(Some(value)) => drop(arrived.insert(name, value)),
                Ok(None) => {}
                Err(fault) => {
                    tracing::warn!(owner = %self.owner, name, %fault, "a secret that arrived is left out")
                }
            }
        }
        Ok(arrived)
    }

    /// NB: also over one that cannot be opened: it would be replaced all the same.
    pub fn keep(&mut self, name: &str, value: &Secret, now_ms: u64) -> Result<(), Fault> {
        if !is_name(name) || !(1..=MAX_SECRET_BYTES).contains(&value.expose().len()) {
            return Err(Fault::Unfit);
        }
        let names = self.disk.names(&self.owner, What::Secret)?;
        if names.len() >= MOST_ARRIVED && !names.iter().any(|known| known == name) {
            return Err(Fault::Crowded);
        }
        let bytes = Zeroizing::new(value.expose().as_bytes().to_vec());
        self.write(What::Secret, name, &Record { kind: None, made_ms: now_ms, bytes })
    }
}

fn secret(mut record: Record) -> Result<Secret, Fault> {
    // Only text is ever sealed as a secret.
    let text = String::from_utf8(mem::take(&mut *record.bytes)).map_err(|_| Fault::Unfit)?;
    Ok(Secret::new(text))
}
