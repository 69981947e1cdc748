//! What the operator is to approve, and how.
use super::Checking;
use crate::example;
use crate::findings::Draft;
use crate::grants::Grants;
use crate::report::Problem;
use crate::request::Request;
use crate::toml_text;
use crate::wanted::Wanted;
use ports::identity::InstanceId;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is to be approved before the instance can start.
#[derive(Debug)]
pub struct Unapproved {
    pub id: InstanceId,
    pub request: Request,
    /// Lines that are new against what was approved before; all when nothing was.
    pub beyond: Vec<String>,
    /// Whether the [`Approvals`](crate::Approvals) have a request of this instance.
    pub approved_before: bool,
    pub problem: Problem,
}

impl Unapproved {
    pub(super) fn new(id: &InstanceId, request: Request, before: Option<&Request>, problem: Problem) -> Self {
        let nothing = Request::default();
        let beyond = request.beyond(before.unwrap_or(&nothing)).into_iter().map(str::to_owned).collect();
        Self { id: id.clone(), request, beyond, approved_before: before.is_some(), problem }
    }
}

impl Checking<'_> {
    /// All that it asks for, as long as it asks for exactly what the digest says or for no more than was approved.
    pub(super) fn is_approved(&self, grants: &Grants) -> bool {
        let by_digest = grants.approved.as_ref().is_some_and(|it| it.value == self.request.digest());
        by_digest || self.approved.is_some_and(|before| self.request.beyond(before).is_empty())
    }

    /// For an account that is not approved.
    pub(super) fn unapproved(&self, grants: &Grants, unspoken: &Wanted<'_>, config: &Value) -> Draft {
        let table = toml_text::path(&self.account.path, "grants");
        let header = match (&grants.approved, self.written.grants.is_some()) {
            (Some(_), _) => format!("# into [{table}], in place of the line that is there:"),
            (None, true) => format!("# into [{table}]:"),
            (None, false) => format!("[{table}]"),
        };
        let listed = self.compared();
        let lines = example::approval(&table, unspoken, config, &self.request.digest());
        let spoken = match unspoken.is_all() {
            true => "",
            false => " but what this file writes out",
        };
        let what = match (self.approved, &grants.approved) {
            (Some(_), _) => "the connector asks for more than was approved".into(),
            (None, Some(_)) => "approved is for another request than what the connector asks for".into(),
            (None, None) => format!("nothing of what the connector asks for is granted{spoken}"),
        };
        Draft {
            span: Some(self.written.span.clone()),
            path: self.account.path.clone(),
            what,
            help: "run `runtime approve <component>` at a terminal, or write what follows".into(),
            lines: format!("{listed}{header}\n{lines}"),
        }
    }

    /// Against what was approved before, as comments of the file.
    fn compared(&self) -> String {
        let nothing = Request::default();
        let before = self.approved.unwrap_or(&nothing);
        let (new, gone) = (self.request.beyond(before), before.beyond(self.request));
        let all: BTreeSet<&str> = self.request.lines().chain(gone.iter().copied()).collect();
        let line = |line: &str| {
            let mark = match (self.approved.is_some() && new.contains(&line), gone.contains(&line)) {
                (true, _) => '+',
                (_, true) => '-',
                _ => ' ',
            };
            format!("# {mark} {line}\n")
        };
        let head = match self.approved {
            None => "# It asks for:\n",
            Some(_) => "# It asks for (+ is new, - is gone):\n",
        };
        head.to_owned() + &all.into_iter().map(line).collect::<String>()
    }
}
