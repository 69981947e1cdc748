//! One account of a connector, as the operator wrote it.
use crate::egress;
use crate::findings::Findings;
use crate::grants::Grants;
use crate::json::Located;
use crate::limits::{self, Limits};
use crate::node::Node;
use crate::secrets::{self, SecretLine};
use crate::source::{Source, Span};
use crate::toml_text;
use ports::identity::{BadName, DEFAULT_TENANT, InstanceId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An account of the file, right by itself. Whether it suits its connector is said by [`crate::check`].
#[derive(Clone, Debug)]
pub struct Account {
    id: InstanceId,
    pub(crate) source: Arc<Source>,
    pub(crate) path: String,
    /// `None`: the file has no table for it.
    pub(crate) written: Option<Written>,
    pub(crate) limits: Limits,
}

/// What stands in the account's table.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub span: Span,
    pub config: Option<Located>,
    pub secrets: BTreeMap<String, SecretLine>,
    pub grants: Option<Grants>,
    pub egress: egress::OfAccount,
}

/// Where the account stands.
pub(crate) struct Surroundings<'a> {
    pub source: &'a Arc<Source>,
    pub connector: &'a str,
    pub limits: &'a limits::Written,
}

impl Account {
    pub fn id(&self) -> &InstanceId {
        &self.id
    }

    /// Whether the file has a table for it.
    pub fn is_in_file(&self) -> bool {
        self.written.is_some()
    }

    pub(crate) fn absent(source: &Arc<Source>, connector: &str, limits: Limits) -> Result<Self, BadName> {
        let id = InstanceId::new(DEFAULT_TENANT, connector, "default")?;
        Ok(Self { path: table(connector, "default"), id, source: source.clone(), written: None, limits })
    }

    pub(crate) fn read(
        around: &Surroundings<'_>,
        name: &str,
        node: &Node<'_>,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut fields = node.table(findings, "a table")?;
        let tenant = fields.take("tenant");
        let tenant_name = match &tenant {
            Some(node) => node.text(findings, "the tenant's name in quotes"),
            None => Some(DEFAULT_TENANT),
        };
        let id = InstanceId::new(tenant_name.unwrap_or(DEFAULT_TENANT), around.connector, name);
        if let Err(bad) = &id {
            let at = tenant.as_ref().filter(|_| bad.what == "tenant").unwrap_or(node);
            at.wrong(findings, bad.to_string(), "choose another name");
        }
        let shape = "a table such as { apiUrl = \"https://…\" }";
        let config = fields.take("config").and_then(|node| {
            node.table(findings, shape)?;
            Some(Located::read(&node, findings))
        });
        let secrets = match fields.take("secrets") {
            Some(node) => secrets::read(around.connector, &node, findings),
            None => BTreeMap::new(),
        };
        let limits = match fields.take("limits") {
            Some(node) => around.limits.of_account(around.source, &node, findings),
            None => around.limits.defaults,
        };
        let grants = fields.take("grants").and_then(|node| Grants::read(&node, findings));
        let egress = match fields.take("egress") {
            Some(node) => egress::OfAccount::read(&node, findings),
            None => egress::OfAccount::default(),
        };
        fields.refuse_others(findings);
        let written = Written { span: node.span.clone(), config, secrets, grants, egress };
        let (source, path) = (around.source.clone(), node.path.clone());
        Some(Self { id: id.ok()?, source, path, written: Some(written), limits })
    }
}

/// The account's table as the file names it.
pub(crate) fn table(connector: &str, account: &str) -> String {
    let connector = toml_text::path("connectors", connector);
    toml_text::path(&toml_text::path(&connector, "accounts"), account)
}
