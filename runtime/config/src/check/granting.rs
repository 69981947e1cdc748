//! What the operator gives, of what the connector asks for.
use super::Checking;
use crate::asked::SecretAsk;
use crate::findings::Draft;
use crate::grants::Grants;
use crate::nearest;
use crate::node::Said;
use crate::toml_text::{self, string};
use crate::wanted::Wanted;
use ipnet::IpNet;
use ports::reach::Reach;
use ports::secret::Entry;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

/// Answers with credentials of the machine to whoever asks.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// What the account may.
#[derive(Default)]
pub(super) struct Given {
    pub reach: Reach,
    pub private: Vec<IpNet>,
    pub owner: bool,
    /// Without values.
    pub secrets: BTreeMap<String, Entry>,
    pub withheld: Vec<String>,
}

impl Checking<'_> {
    /// And what to approve, where nobody has. `config` is `None` where it is wrong; then templates of it would only
    /// repeat that.
    pub(super) fn granted(&mut self, config: Option<&Value>) -> (Given, Option<Draft>) {
        let nothing = Grants::default();
        let grants = self.written.grants.as_ref().unwrap_or(&nothing);
        let mut given = self.written_out(grants);
        if let Some(listed) = &grants.capabilities {
            self.hold_against_imports(listed);
        }
        let Some(config) = config else { return (given, None) };
        let unspoken = Wanted::unspoken(self.asked, grants);
        let mut unapproved = None;
        if self.is_approved(grants) {
            let Given { reach, secrets, .. } = self.expanded(&unspoken, config);
            given.reach.rules.extend(reach.rules);
            given.secrets.extend(secrets);
        } else {
            let is_used = |secret: &&SecretAsk| {
                secret.required
                    || !secret.captures.is_empty()
                    || self.written.secrets.contains_key(&secret.name)
            };
            let mut needed = Wanted::unspoken(self.asked, grants);
            // One that nobody provides can do nothing.
            needed.secrets.retain(is_used);
            if !needed.is_empty() {
                // For what is wrong in it.
                self.expanded(&needed, config);
                unapproved = Some(self.unapproved(grants, &unspoken, config));
            }
        }
        if unapproved.is_none() {
            self.warn_of_other_digest(grants);
        }
        given.withheld = self.withheld(config, &given);
        (given, unapproved)
    }

    /// What the file gives by itself.
    fn written_out(&mut self, grants: &Grants) -> Given {
        let mut given = Given { owner: grants.owner, ..Given::default() };
        given.reach.rules = grants.urls.clone().unwrap_or_default();
        for Said { value: range, span, path } in &grants.private {
            given.private.push(*range);
            if range.contains(&METADATA) {
                let what = format!("{range} holds cloud metadata services, which hand out credentials");
                self.notes.warnings.add(span, path, what, "write the range that is needed");
            }
        }
        for (name, grant) in &grants.secrets {
            match self.secret(name) {
                Some(_) => drop(given.secrets.insert(name.clone(), grant.value.clone())),
                None => self.refuse_unknown_secret(name, &grant.span, &grant.path),
            }
        }
        given
    }

    /// A component whose imports are not all there cannot start. One that is listed in vain does no harm: an earlier
    /// version may have used it.
    fn hold_against_imports(&mut self, listed: &Said<Vec<Said<String>>>) {
        let imports: Vec<&str> = self.asked.capabilities.iter().map(String::as_str).collect();
        for name in listed.value.iter().filter(|name| !imports.contains(&name.value.as_str())) {
            let what = format!("connector {} does not import {}", self.asked.id, string(&name.value));
            let help = nearest::guess(&name.value, imports.iter().copied());
            self.notes.warnings.add(&name.span, &name.path, what, help.unwrap_or_else(|| "remove it".into()));
        }
        let names: BTreeSet<&str> = listed.value.iter().map(|name| name.value.as_str()).collect();
        let lacking: Vec<_> =
            imports.iter().filter(|name| !names.contains(*name)).map(|it| string(it)).collect();
        if lacking.is_empty() {
            return;
        }
        let all: BTreeSet<&str> = names.iter().copied().chain(imports).collect();
        let all: Vec<_> = all.into_iter().map(string).collect();
        self.notes.missing.push(Draft {
            span: Some(listed.span.clone()),
            path: listed.path.clone(),
            what: format!("the connector imports {} and cannot start without", lacking.join(", ")),
            help: format!("write capabilities = [{}]", all.join(", ")),
            lines: String::new(),
        });
    }

    fn warn_of_other_digest(&mut self, grants: &Grants) {
        if let Some(approved) = &grants.approved
            && approved.value != self.request.digest()
        {
            let what = "is for another request than the connector's, and gives nothing";
            let help = format!("remove it, or write {}", toml_text::string(&self.request.digest()));
            self.notes.warnings.add(&approved.span, &approved.path, what, help);
        }
    }
}
