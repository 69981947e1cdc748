//! Who an instance is. Stamped by the host into every key, path, log field, metric and grant.
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// `tenant/connector/account`, each 1 to 64 characters of `a-z 0-9 - _ .`, starting with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId {
    pub tenant: Arc<str>,
    pub connector: Arc<str>,
    pub account: Arc<str>,
}

/// The tenant of a host that names none.
pub const DEFAULT_TENANT: &str = "default";

const MAX_NAME_CHARS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} {name:?} is not a name: 1 to 64 characters of a-z, 0-9, '-', '_' and '.', starting with a letter or digit"
)]
pub struct BadName {
    pub what: &'static str,
    pub name: String,
}

impl InstanceId {
    pub fn new(tenant: &str, connector: &str, account: &str) -> Result<Self, BadName> {
        Ok(Self {
            tenant: checked("tenant", tenant)?,
            connector: checked("connector", connector)?,
            account: checked("account", account)?,
        })
    }
}

fn checked(what: &'static str, name: &str) -> Result<Arc<str>, BadName> {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rest = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    match first && rest && name.len() <= MAX_NAME_CHARS {
        true => Ok(name.into()),
        false => Err(BadName { what, name: name.chars().take(MAX_NAME_CHARS + 1).collect() }),
    }
}

/// The reverse of `to_string`.
impl FromStr for InstanceId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        Self::new(part(), part(), part())
    }
}

impl Serialize for InstanceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InstanceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.connector, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_climb_out_of_a_path_or_forge_another_id() {
        for bad in ["", "..", "a/b", "A", "a b", ".hidden", "a\n", &"x".repeat(65)] {
            assert!(InstanceId::new("default", "occum", bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            InstanceId::new("default", "occum", "a-1_b.c").unwrap().to_string(),
            "default/occum/a-1_b.c"
        );
    }

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = InstanceId::new("t", "occum", "a").unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "a", "a/b", "a/b/", "a/b/c/d"] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad:?}");
        }
    }
}
