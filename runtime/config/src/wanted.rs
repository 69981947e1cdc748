//! A part of what a connector asks for.
use crate::asked::{Asked, SecretAsk, UrlAsk};
use crate::grants::Grants;

/// All of it, or what a file does not speak of.
pub(crate) struct Wanted<'a> {
    pub capabilities: &'a [String],
    pub urls: &'a [UrlAsk],
    /// None that asks for nothing.
    pub secrets: Vec<&'a SecretAsk>,
    pub asked: &'a Asked,
}

impl<'a> Wanted<'a> {
    pub fn all(asked: &'a Asked) -> Self {
        Self::unspoken(asked, &Grants::default())
    }

    pub fn unspoken(asked: &'a Asked, grants: &Grants) -> Self {
        let is_unspoken =
            |secret: &&SecretAsk| !secret.asks_nothing() && !grants.secrets.contains_key(&secret.name);
        Self {
            capabilities: if grants.capabilities.is_none() { &asked.capabilities } else { &[] },
            urls: if grants.urls.is_none() { &asked.urls } else { &[] },
            secrets: asked.secrets.iter().filter(is_unspoken).collect(),
            asked,
        }
    }

    /// Whether the file speaks of nothing that is asked.
    pub fn is_all(&self) -> bool {
        let Self { capabilities, urls, secrets, asked } = self;
        let asking = asked.secrets.iter().filter(|secret| !secret.asks_nothing()).count();
        capabilities.len() == asked.capabilities.len()
            && urls.len() == asked.urls.len()
            && secrets.len() == asking
    }

    pub fn is_empty(&self) -> bool {
        self.capabilities.is_empty() && self.urls.is_empty() && self.secrets.is_empty()
    }
}
