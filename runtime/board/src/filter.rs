//! What of the board someone wants to see.
use crate::shelf::Spot;
use ports::identity::InstanceId;

/// All that it names must hold; by default everything is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub tenant: Option<String>,
    pub instance: Option<InstanceId>,
    pub key: Option<Keys>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    Exactly(String),
    Beginning(String),
}

impl Filter {
    pub fn all() -> Self {
        Self::default()
    }

    pub(crate) fn takes(&self, spot: &Spot) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| **tenant == *spot.instance.tenant)
            && self.instance.as_ref().is_none_or(|instance| *instance == spot.instance)
            && self.key.as_ref().is_none_or(|keys| keys.take(&spot.key))
    }
}

impl Keys {
    fn take(&self, key: &str) -> bool {
        match self {
            Self::Exactly(wanted) => key == wanted,
            Self::Beginning(prefix) => key.starts_with(prefix.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_named_must_hold() {
        let id = |text: &str| text.parse::<InstanceId>().unwrap();
        let spot = Spot { instance: id("t/occum/a"), key: "jobs/1".into() };
        let beginning = |prefix: &str| Some(Keys::Beginning(prefix.into()));
        let all = Filter::all;
        for (filter, taken) in [
            (all(), true),
            (Filter { tenant: Some("t".into()), ..all() }, true),
            (Filter { tenant: Some("".into()), ..all() }, false),
            (Filter { instance: Some(id("t/occum/a")), key: beginning("jobs/"), ..all() }, true),
            (Filter { instance: Some(id("t/occum/b")), key: beginning("jobs/"), ..all() }, false),
            (Filter { tenant: Some("u".into()), instance: Some(id("t/occum/a")), ..all() }, false),
            (Filter { key: beginning("job/"), ..all() }, false),
            (Filter { key: Some(Keys::Exactly("jobs/1".into())), ..all() }, true),
            (Filter { key: Some(Keys::Exactly("jobs/".into())), ..all() }, false),
        ] {
            assert_eq!(filter.takes(&spot), taken, "{filter:?}");
        }
    }
}
