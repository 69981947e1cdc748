//! What a connector asks for, granted: so that each request is judged here as it is in the runtime.
use super::lower;
use anyhow::Context;
use ports::reach::{Reach, UrlRule};
use ports::secret::{Entry, Place, Secret, Vault};
use sdk::Descriptor;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct Grants {
    pub reach: Arc<Reach>,
    pub vault: Arc<Vault>,
}

impl Grants {
    /// All that it asks for, the loopback, and the token as each of its secrets.
    pub fn of(descriptor: Descriptor, url: &str, token: &str) -> anyhow::Result<Self> {
        let rules = descriptor.urls.iter().map(|asked| rule(&asked.rule, url));
        let reach = Reach { rules: rules.collect::<anyhow::Result<_>>()? };
        let mut entries = BTreeMap::new();
        for secret in descriptor.secrets {
            let places = secret.places.into_iter().map(|place| {
                let when = place.when.into_iter().map(lower::json_test).collect();
                anyhow::Ok(Place { url: rule(&place.rule, url)?, at: lower::at(place.at), when })
            });
            let places = places.collect::<anyhow::Result<_>>()?;
            entries.insert(
                secret.name,
                Entry { value: Some(Secret::new(token.to_owned())), places, ..Entry::default() },
            );
        }
        Ok(Self { reach: Arc::new(reach), vault: Arc::new(Vault::new(entries)) })
    }

    /// One URL and no secret.
    pub fn one(url: &str) -> anyhow::Result<Self> {
        let reach = Reach { rules: vec![rule(url, url)?] };
        Ok(Self { reach: Arc::new(reach), vault: Arc::default() })
    }
}

/// With the only key that occum's rules name.
fn rule(template: &str, url: &str) -> anyhow::Result<UrlRule> {
    let socket = url.replacen("http", "ws", 1);
    let text = template.replace("{apiUrl:ws}", &socket).replace("{apiUrl}", url);
    text.parse().with_context(|| format!("the rule {template:?}"))
}
