//! The operator's own addresses for some names.
use crate::Resolve;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use url::Host;

/// Names whose addresses the operator wrote down, as in a hosts file: nobody is asked for them. Exact names, without
/// their subdomains; a name with no address cannot be reached. Every other name is asked of the inner resolver.
///
/// What is pinned is judged like any other answer: a private address needs its grant. A proxy that resolves by itself
/// ([`Names::There`](crate::Names::There)) does not ask here.
pub struct Pins {
    pinned: BTreeMap<String, Vec<IpAddr>>,
    others: Arc<dyn Resolve>,
}

impl Pins {
    /// Names may be written as in a URL: in any letter case, international ones as they are.
    pub fn new(pinned: BTreeMap<String, Vec<IpAddr>>, others: Arc<dyn Resolve>) -> Self {
        let as_dialled = |(name, addresses): (String, _)| match Host::parse(&name) {
            Ok(Host::Domain(canonical)) => (canonical, addresses),
            // No URL can ask for it.
            _ => (name, addresses),
        };
        Self { pinned: pinned.into_iter().map(as_dialled).collect(), others }
    }
}

impl Resolve for Pins {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        match self.pinned.get(host) {
            Some(addresses) => Box::pin(async { Ok(addresses.clone()) }),
            None => self.others.resolve(host),
        }
    }
}
